"""A bake that crashes, hangs or takes too long ends, and the error is about the bake."""

import time
from pathlib import Path

import pytest
from renderjuice.packing import bake_watch
from renderjuice.packing.bake_watch import BakeWatch
from renderjuice.packing.manifest import PackError
from renderjuice.system.cancellation import Cancelled

from tests.unit.test_packing_tracer import WRITE, played, run

__all__ = ["played"]  # a fixture

BAKING = """print('renderjuice:{"step": "baking frame 3 of 9"}', flush=True)\n"""
LISTING = """print('renderjuice:{"step": "listing files"}', flush=True)\n"""
FOR_EVER = "while True: time.sleep(60)\n"


def test_a_crash_in_a_bake_is_one_of_the_bake(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="ended with code 3") as error:
        run(tmp_path, BAKING + "sys.exit(3)")
    assert error.value.id == "bake-failed"
    assert "--bake none" in error.value.hint


def test_a_crash_after_the_bake_is_not(tmp_path: Path) -> None:
    with pytest.raises(PackError) as error:
        run(tmp_path, BAKING + LISTING + "sys.exit(3)")
    assert error.value.id == "packer-failed"


@pytest.mark.parametrize("limit", ["MAX_SECONDS", "MAX_SECONDS_A_STEP"])
def test_a_bake_that_hangs_is_ended(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bake_watch, limit, 0.3)
    with pytest.raises(PackError, match="was ended after") as error:
        run(tmp_path, BAKING + FOR_EVER, bake="auto")
    assert error.value.id == "bake-failed"


def test_what_was_asked_for_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bake_watch, "MAX_SECONDS", -1)
    patient, other = BakeWatch("all"), BakeWatch("auto")
    for watch in (patient, other):
        watch.show_step("baking frame 1 of 9")
    patient.require_progress()
    with pytest.raises(PackError):
        other.require_progress()


def test_other_steps_take_their_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bake_watch, "MAX_SECONDS", -1)
    monkeypatch.setattr(bake_watch, "MAX_SECONDS_A_STEP", -1)
    run(tmp_path, LISTING + "time.sleep(0.5)\n" + WRITE, bake="auto")


def test_a_cancel_within_a_frame_that_hangs_is_carried_out(tmp_path: Path) -> None:
    steps: list[str] = []
    begun: list[float] = []

    def stop() -> bool:
        if steps and not begun:
            begun.append(time.monotonic())
        return bool(begun)

    with pytest.raises(Cancelled):
        run(tmp_path, BAKING + FOR_EVER, bake="all", should_stop=stop, on_step=steps.append)
    assert time.monotonic() - begun[0] < 60, "of minutes"
