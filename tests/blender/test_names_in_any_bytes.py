"""With file names and pipes that are not UTF-8, the job, its document and its frames are right."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = [
    pytest.mark.our_code_alone,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name"),
]

LATIN = os.fsdecode(b"K\xfche")
"""`Küche` in Latin-1, as an old archive stores it: not valid UTF-8."""


@pytest.fixture
def latin(tmp_path) -> Path:
    """A project whose folder, .blend and texture have that name."""
    made = make(tmp_path / "made", "scene.frame_end = 2")
    blend = tmp_path / LATIN / f"{LATIN}.blend"
    shutil.move(made.parent, blend.parent)
    (blend.parent / made.name).rename(blend)
    return blend


@pytest.mark.parametrize("command", ["check", "config"])
def test_the_scene_is_looked_at(user, latin, command):
    done = user.run(latin, command)
    assert (done.code, done.document["schema"]) == (0, 1), done.stderr
    assert "Traceback" not in done.stderr


def test_files_are_listed_before_anything_is_sent(user, latin):
    done = user.run(latin, "submit", "--dry-run")
    assert done.code == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert any(LATIN in file["source"] for file in done.document["package"]["files"])


def test_the_whole_way(user, farm, latin, tmp_path):
    output = tmp_path / f"{LATIN} frames"
    done = user.run(latin, "submit", "--download", "--output", str(output))
    assert done.code == 0, done.stderr
    assert done.document["job"]["stage"] == "finished"
    assert done.document["job"]["output"] == str(output)
    assert len(list(output.glob("*.png"))) == 2
    listed = user.run(latin, "jobs")
    assert [job["output"] for job in listed.document["jobs"]] == [str(output)]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_document_on_a_pipe_is_utf_8_whatever_the_pipe_is(user, blend_in_japanese, encoding):
    user.resources.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, user.script, blend_in_japanese, "--", "submit", "--dry-run", "--json=-"],
        env=user.env() | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout[done.stdout.index(b'{\n "schema"') :].decode("utf-8"))
    assert any("台所" in file["source"] for file in said["package"]["files"])


@pytest.fixture
def blend_in_japanese(tmp_path) -> Path:
    return make(tmp_path / "台所", "scene.frame_end = 1")
