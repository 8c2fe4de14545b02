"""Nothing is submitted if no file is open or Blender could not read the given file."""

from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
READS_THE_SCENE = {
    "check": (),
    "config": (),
    "pack": ("--output", "package.zip"),
    "submit": ("--output", "frames"),
    "submit --dry-run": ("--output", "frames"),
}


@pytest.fixture(scope="module")
def blend(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 1")


@pytest.fixture(autouse=True)
def heard_before(farm):
    """The number of entries in the farm's log before the test."""
    return len(farm.log())


def refused(user, farm, done, name: str, heard_before: int) -> None:
    assert done.code == 2, done.stderr
    assert done.document.get("error", {"id": "no-file"})["id"] == "no-file"
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert len(farm.log()) == heard_before, "the farm has heard nothing"
    assert not list(user.resources.rglob("jobs/*.json"))


@pytest.mark.parametrize("command", READS_THE_SCENE)
def test_no_file(user, farm, tmp_path, command, heard_before):
    more = [str(tmp_path / one) if "-" not in one else one for one in READS_THE_SCENE[command]]
    refused(user, farm, user.run(None, *command.split(), *more), "No .blend", heard_before)


def test_a_file_that_does_not_exist(user, farm, tmp_path, heard_before):
    done = user.run(tmp_path / "nothere.blend", "submit", "--output", str(tmp_path / "frames"))
    refused(user, farm, done, "nothere.blend", heard_before)


@pytest.mark.parametrize("kind", ["cut", "newer", "empty", "a web page", "a folder", "a pointer"])
def test_a_file_that_blender_cannot_read(user, farm, blend, tmp_path, kind, heard_before):
    bad = tmp_path / "bad.blend"
    whole = blend.read_bytes()
    contents = {
        "cut": whole[: len(whole) // 2],
        "newer": b"BLENDER99-99v9999" + whole[17:],
        "empty": b"",
        "a web page": b"<!DOCTYPE html><html></html>",
        "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    }
    if kind == "a folder":
        bad.mkdir()
    else:
        bad.write_bytes(contents[kind])
    done = user.run(bad, "submit", "--output", str(tmp_path / "frames"))
    refused(user, farm, done, "bad.blend", heard_before)


def test_two_files(user, farm, blend, tmp_path, heard_before):
    done = user.run(blend, "submit", before=(str(blend),))
    refused(user, farm, done, "More than one file", heard_before)


def test_commands_about_jobs_need_no_file(user):
    assert user.run(None, "jobs").code == 0


PRESS = """
import json, sys
blend, operator, frames = sys.argv[-3:]
try:
    if blend:
        bpy.ops.wm.open_mainfile(filepath=blend)
except RuntimeError as error:
    print("NOT OPENED", error)
try:
    said = sorted(getattr(bpy.ops.renderjuice, operator)(directory=frames))
except RuntimeError as error:
    said = str(error)
print("SAID", json.dumps(said))
"""


@pytest.mark.parametrize("operator", ["submit", "test_frames"])
@pytest.mark.parametrize("named", ["", "cut.blend", "nothere.blend"])
def test_a_script_that_presses_the_button(
    installed, farm, blend, tmp_path, named, operator, heard_before
):
    (tmp_path / "cut.blend").write_bytes(blend.read_bytes()[:2000])
    artist = Headless(installed.resources, farm, {"RENDERJUICE_STATE_DIR": str(tmp_path / "state")})
    path = str(tmp_path / named) if named else ""
    words = artist.said(PRESS, "SAID", path, operator, str(tmp_path / "frames"))
    assert "No .blend file is open" in words
    assert len(farm.log()) == heard_before, "the farm has heard nothing"
    assert not list((tmp_path / "state").rglob("*.json"))
