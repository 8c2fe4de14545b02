"""When the state folder's disk is full, no command reports a job as done unless its record does."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.blender.test_end_to_end import make
from tests.farm.running import Farm
from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = [
    pytest.mark.our_code_alone,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk"),
]


class Disk:
    """A small disk for the state folder, and a file that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        with (self.folder / "other").open("ab") as file:
            file.write(b"o" * shutil.disk_usage(self.folder).free)

    def clear(self) -> None:
        (self.folder / "other").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def user(tmp_path: Path, farm: Farm, disk: Disk) -> Headless:
    return Headless(
        tmp_path / "user",
        farm=farm,
        environment={"RENDERJUICE_STATE_DIR": str(disk.folder / "state")},
    )


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 2")


def record(disk: Disk) -> dict[str, Any]:
    for path in (disk.folder / "state" / "jobs").glob("*.json"):
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    return {}


def soon(true: Callable[[], bool], running: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 60
    while not true():
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_submit_on_a_full_disk_is_a_check_and_nothing_is_sent(user, farm, disk, blend):
    user.run(blend, "jobs")
    (disk.folder / "state").mkdir(exist_ok=True)
    disk.fill()
    before = len(farm.log())
    done = user.run(blend, "submit", "--wait", "--output", str(user.resources / "frames"))
    assert done.code == 3, done.stderr
    assert done.document["error"]["id"] == "disk-space"
    assert "Traceback" not in done.stderr
    assert len(farm.log()) == before, "the farm has heard nothing"


@pytest.mark.parametrize("command", ["submit", "wait", "resume", "download"])
def test_a_disk_that_gets_full_while_a_job_renders_is_never_zero(user, farm, disk, blend, command):
    farm.settings(seconds_per_frame=4.0)
    frames = str(user.resources / "frames")
    submit = ["submit", "--output", frames]
    if command == "submit":
        running = user.start(blend, *submit, "--wait", "--download")
        soon(lambda: record(disk).get("stage") == "rendering", running)
    else:
        assert user.run(blend, *submit).code == 0
        job = [] if command == "resume" else [record(disk)["id"]]
        running = user.start(blend, command, *job)
        time.sleep(1)
    disk.fill()
    said, _ = running.communicate(timeout=120)
    assert record(disk)["stage"] == "rendering", "nothing else could be written"
    assert running.returncode == 5, said
    assert "Traceback" not in said
    disk.clear()
    done = user.run(blend, "resume")
    assert done.code == 0, done.stderr
    assert record(disk)["stage"] == "finished"
    assert farm.renders(record(disk)["farm"]["id"]) == 1


def test_a_record_that_another_program_holds_is_never_zero(user, farm, disk, blend):
    """A bind mount makes the record irreplaceable, like an open file on Windows."""
    farm.settings(seconds_per_frame=3.0)
    running = user.start(
        blend, "submit", "--output", str(user.resources / "frames"), "--wait", "--download"
    )
    soon(lambda: record(disk).get("stage") == "rendering", running)
    (path,) = (disk.folder / "state" / "jobs").glob("*.json")
    subprocess.run(["mount", "--bind", path, path], check=True)
    said, _ = running.communicate(timeout=120)
    subprocess.run(["umount", path], check=True)
    assert running.returncode == 5, said
    assert record(disk)["stage"] == "rendering"
    assert user.run(blend, "resume").code == 0


def test_cancel_on_a_full_disk_reaches_the_farm_and_is_not_called_done(user, farm, disk, blend):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit", "--output", str(user.resources / "frames")).document["job"]
    disk.fill()
    done = user.run(None, "cancel", job["id"])
    assert done.code == 5, done.stderr
    assert "The farm was told to cancel. There is no space left" in done.stderr
    assert next(j for j in farm.jobs() if j["id"] == job["farmId"])["status"] == "canceled"
    assert record(disk)["stage"] == "rendering"
    disk.clear()
    assert user.run(None, "resume").code == 1
    assert record(disk)["stage"] == "canceled"
