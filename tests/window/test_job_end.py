"""What an artist who looks elsewhere notices of a job's end."""

import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.window.studio import FRAMES, MODULE, Studio, in_preferences
from tests.window.test_selftest import to_the_end

pytestmark = pytest.mark.timeout(300)


def make_sound(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * 600)


def test_a_notification_and_a_sound(studio: Studio) -> None:
    sound = studio.project / "a.wav"
    make_sound(sound)
    blender = studio.open()
    window = blender.show_preferences(MODULE)
    to_the_end(blender, window)
    blender.screenshot("preferences-job-end")
    blender.fill("end_sound", str(sound), **in_preferences(window))
    blender.close_preferences()
    blender.run("from importlib.util import find_spec")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    audio = blender.run("find_spec('numpy') is not None")  # Debian's Blender lacks it
    assert blender.run("state.sound is not None") == audio
    log = studio.state / "worker.log"  # no desktop, no notify-send: the worker has tried
    wait_for(lambda: "No notification: " in log.read_text(encoding="utf-8"), "nothing was shown")

    blender.run(
        f"from {MODULE}.session import job_end\n"
        f"from {MODULE}.jobs.record import Stage\n"
        "from dataclasses import replace\n"
        "job = next(iter(state.jobs.values()))\n"
        "def told(stage): return codec.plain(job_end.tell(replace(job, stage=stage)))"
    )
    assert blender.run("told(Stage.FINISHED)")["text"] == f"{FRAMES} frames are here."
    assert not blender.run("told(Stage.CANCELED)"), "the artist knows"
    blender.run("preferences.get().notify = False")
    assert not blender.run("told(Stage.FINISHED)")


def wait_for(true: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)
