"""If the scratch disk fills up during packing, the job fails with that error and leaves nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Record, Stage
from renderjuice.jobs.store import Store
from renderjuice.packing import command
from renderjuice.scene import copy
from renderjuice.system import scratch

from tests import projects
from tests.farm.running import Farm, running_farm
from tests.worker import working

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk"
)
INSIDE = 300_000
"""Size of the incompressible data inside the .blend, in bytes."""


SIZE = 8 << 20
"""Size of the small disk, in bytes."""


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def leave(disk: Path, room: int) -> None:
    """Fill the disk so that only `room` bytes are free."""
    (disk / "other").write_bytes(b"o" * (shutil.disk_usage(disk).free - room))


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one texture beside the .blend and one packed into it."""
    root = tmp_path_factory.mktemp("project")
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    inside = bpy.data.images.new("noise", 8, 8)
    inside.pack(data=os.urandom(INSIDE), data_len=INSIDE)
    inside.use_fake_user = True
    return projects.save(root / "shot.blend")


def submitted(blend: Path, state: Path, disk: Path) -> Record:
    """A job as Submit hands it to the worker, with its copy on the small disk."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    store = Store(state)
    record = rec.new("shot", store.origin, str(state / "frames"))
    record.stage, record.blend, record.scene = Stage.PACKING, str(blend), "Scene"
    record.config = {"colorManagementPreset": "default", "frameRanges": ["1-2"]}
    record.frames = [[1, 2]]
    record.blender = command.blender(bpy.app.binary_path, sys.executable)
    record.scratch = str(disk / record.id)
    record.copy = str(disk / record.id / "shot.blend")
    record.paths_kept = True
    scratch.make(Path(record.scratch))
    copy.save_copy(record.copy)
    store.save(record)
    return record


@pytest.mark.parametrize("room", [16_384, INSIDE])
def test_copy_that_does_not_fit_is_not_taken_for_one(room: int, blend: Path, disk: Path) -> None:
    """Blender reports success although it wrote only part of the copy."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    leave(disk, room)
    with pytest.raises(RuntimeError, match="No space left"):
        copy.save_copy(str(disk / "copy.blend"))


@pytest.mark.parametrize(
    ("room", "id"), [(16_384, "disk"), (INSIDE, "disk"), (INSIDE + 200_000, "disk-space")]
)
def test_packing_says_that_the_disk_is_full(
    room: int, id: str, blend: Path, disk: Path, tmp_path: Path, farm: Farm
) -> None:
    """The packed .blend fits only in part, or it fits and the package does not.

    The job is then submitted again with enough space.
    """
    record = submitted(blend, tmp_path, disk)
    leave(disk, room)
    with working(tmp_path, farm, time_scale=0.03) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
        failed = Store(tmp_path).load(record.id)
        assert (failed.stage, failed.error and failed.error.id) == (Stage.FAILED, id)
        said = f"{failed.error.message} {failed.error.hint}"
        assert str(disk / record.id) in said
        assert "No space left" in said or "free and needs" in said
        assert "choose another" in said
        assert [path.name for path in disk.iterdir()] == ["other"]
        assert not failed.farm.id

        (disk / "other").unlink()
        record = submitted(blend, tmp_path, disk)
        worker.idle(worker.send(protocol.Start(record.id)))
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert list(disk.iterdir()) == []


def test_packing_begins_when_there_is_room(
    blend: Path, disk: Path, tmp_path: Path, farm: Farm
) -> None:
    record = submitted(blend, tmp_path, disk)
    leave(disk, 0)
    with working(tmp_path, farm, time_scale=0.03) as worker:
        number = worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).waiting)
        assert worker.snapshot(record.id).error.id == "disk-full"
        (disk / "other").unlink()
        worker.idle(number)
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert list(disk.iterdir()) == []
