"""The command line of full Blenders, started both ways, with the extension from its zip."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.farm.running import running_farm
from tests.window.harness import PATIENCE, ROOT

RENDER = """
import bpy
scene = bpy.context.scene
scene.frame_set(2)
scene.render.filepath = TARGET
bpy.ops.render.render(write_still=True)
"""


@pytest.fixture
def project(desk: Path, tmp_path: Path) -> Path:
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    return tmp_path / "project"


def run(launcher: Path, project: Path, farm, *arguments: str):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RENDERJUICE_")} | {
        "BLENDER_USER_RESOURCES": str(project.parent / "resources"),
        "RENDERJUICE_API_URL": farm.api_url,
        "RENDERJUICE_API_KEY": farm.key,
    }
    return subprocess.run(
        [str(launcher), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


WAYS = {
    "--command": ("--command", "renderjuice"),
    "--python": ("--python", str(ROOT / "headless.py"), "--"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_frame_comes_home_pixel_equal(way, launcher, project, tmp_path):
    blend, document = project / "shot.blend", tmp_path / "job.json"
    with running_farm(blender=launcher) as farm:
        done = run(
            *(launcher, project, farm, "--online-mode", "-b", str(blend), *WAYS[way], "submit"),
            *("--frames", "2", "--wait", "--download", "--json", str(document)),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert farm.renders() == 1
    job = json.loads(document.read_text(encoding="utf-8"))["job"]
    assert job["stage"] == "finished"
    (name,) = job["frames"]["downloaded"]

    home = tmp_path / "home.png"
    script = RENDER.replace("TARGET", repr(str(home)))
    rendered = run(launcher, project, farm, "-b", str(blend), "--python-expr", script)
    assert home.is_file(), rendered.stdout + rendered.stderr
    here, there = (Image.open(p) for p in (home, Path(job["output"]) / name))
    assert len(here.getcolors(1 << 20)) > 9, "a picture of something"
    assert (here.mode, here.size, here.tobytes()) == (there.mode, there.size, there.tobytes())


@pytest.mark.parametrize("way", WAYS)
def test_offline_is_a_check_that_names_the_switch(way, launcher, project, farm):
    blend = project / "shot.blend"
    done = run(launcher, project, farm, "--offline-mode", "-b", str(blend), *WAYS[way], "submit")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "--online-mode" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("named", ["nothere.blend", "cut.blend", "shot.blend cut.blend", ""])
def test_without_a_file_that_is_open_nothing_is_submitted(way, named, launcher, project, farm):
    """Blender continues with its startup scene, or with the last of two files.

    With --python instead of --command, Blender itself exits with 1 if it cannot read a file.
    """
    shot = (project / "shot.blend").read_bytes()
    (project / "cut.blend").write_bytes(shot[: len(shot) // 2])
    files = [str(project / name) for name in named.split()]
    before = len(farm.log())
    done = run(
        *(launcher, project, farm, "--online-mode", "-b", *files, *WAYS[way], "submit"),
        *("--output", str(project / "frames")),
    )
    quits = way == "--python" and named != ""
    assert done.returncode == (1 if quits else 2), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = done.stdout if quits else done.stderr
    assert all(name in said for name in named.split()[-1:]) and (quits or ".blend" in said)
    assert len(farm.log()) == before, "the farm has heard nothing"
    assert not (project / "frames").exists()


def test_standard_output_is_blender_s_so_a_document_cannot_go_there(launcher, project, farm):
    done = run(
        *(launcher, project, farm, "-b", str(project / "shot.blend")),
        *("--command", "renderjuice", "config", "--json", "-"),
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--json" in done.stderr


def test_from_a_checkout_what_is_missing_is_named_with_the_line_that_installs_it(
    launcher, project, farm, tmp_path
):
    """Blender's own Python has no pydantic, and this user has not installed the extension."""
    other = tmp_path / "other" / "project"
    shutil.copytree(project, other)
    blend = other / "shot.blend"
    done = run(launcher, other, farm, "--online-mode", "-b", str(blend), *WAYS["--python"], "jobs")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "pydantic" in done.stderr
    assert "-m pip install" in done.stderr
    assert "Traceback" not in done.stderr
