"""The file system of the state folder does not support locks, as on some network home folders."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ROOT, Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 1")


def without_locks(user: Headless) -> Headless:
    """The same user, but every Python process fails when it tries to lock a file."""
    folder = user.resources / "python"
    folder.mkdir(exist_ok=True)
    program = ROOT / "tests/without_locks.py"
    worker = folder / "worker"  # started as: worker -I WORKER
    worker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{program}" "$2"\n', encoding="utf-8")
    worker.chmod(0o755)
    refuse = program.read_text(encoding="utf-8").partition("del sys.argv[0]")[0]
    start = f"{refuse}\nsys.executable = {str(worker)!r}\n"
    (folder / "sitecustomize.py").write_text(start, encoding="utf-8")
    return Headless(user.resources, user.farm, {"PYTHONPATH": str(folder)})


def record(user: Headless) -> dict[str, Any]:
    (path,) = user.resources.rglob("jobs/*.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_submit_says_so_and_sends_nothing(user, farm, blend):
    user.resources.mkdir()
    before = len(farm.log())
    done = without_locks(user).run(blend, "submit", "--output", str(user.resources / "frames"))
    assert done.code == 5, done.stderr
    assert done.document["error"]["id"] == "no-locks"
    assert "RENDERJUICE_STATE_DIR" in done.stderr
    assert "another Blender" not in done.stderr
    assert len(farm.log()) == before
    assert not list(user.resources.rglob("jobs/*.json"))
    assert not (user.resources / "frames/.renderjuice-job").exists(), "the folder is free again"


@pytest.mark.parametrize("command", ["resume", "wait", "download"])
def test_who_goes_on_is_told_the_reason(user, farm, blend, command):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit", "--output", str(user.resources / "frames")).document["job"]
    before = record(user)
    done = without_locks(user).run(None, command, *([] if command == "resume" else [job["id"]]))
    assert done.code == 5, done.stderr
    assert done.document["error"]["id"] == "no-locks"
    assert record(user) == before, "the record may be another's"
    user.run(None, "cancel", job["id"])


def test_cancel_reaches_the_farm(user, farm, blend):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit", "--output", str(user.resources / "frames")).document["job"]
    done = without_locks(user).run(None, "cancel", job["id"])
    assert done.code == 5, done.stderr
    assert "The farm was told to cancel." in done.stderr
    assert next(j for j in farm.jobs() if j["id"] == job["farmId"])["status"] == "canceled"
    assert user.run(None, "resume").code == 1
    assert record(user)["stage"] == "canceled"
