"""headless.py in the bpy module exits, and with its own exit code, whatever the file contains."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ROOT, Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")

FLUID = """
import bpy
bpy.ops.mesh.primitive_cube_add()
bpy.ops.object.modifier_add(type="FLUID")
domain = bpy.context.object.modifiers[-1]
domain.fluid_type = "DOMAIN"
domain.domain_settings.cache_directory = "//fluid"
"""
DRIVER = """
import bpy
bpy.ops.mesh.primitive_cube_add()
curve = bpy.context.object.driver_add("location", 0)
curve.driver.expression = "__import__('os').getpid() * 0.0"
"""
SAVE = """
import os, sys
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize("content", [FLUID, DRIVER], ids=["fluid", "driver"])
def test_the_exit_code_is_the_commands(content: str, user: Headless, tmp_path: Path) -> None:
    blend = tmp_path / "shot.blend"
    done = subprocess.run([sys.executable, "-c", content + SAVE, str(blend)], check=False)
    assert done.returncode == 0
    shown = user.run(blend, "config")
    assert shown.code == 0, shown.stderr
    assert shown.document["config"]
    assert user.run(blend, "config", "--set", "noSuchField=1").code == 2


def test_nothing_is_left_in_the_folder_of_temporary_files(user: Headless, tmp_path: Path) -> None:
    """Blender deletes its own folder there at a regular exit only, the packer's Blender too."""
    blend, temporary = tmp_path / "shot.blend", tmp_path / "temporary"
    done = subprocess.run([sys.executable, "-c", FLUID + SAVE, str(blend)], check=False)
    assert done.returncode == 0
    temporary.mkdir()
    user.environment = {"TMPDIR": str(temporary)}
    assert user.run(blend, "check").document["checks"]
    assert not list(temporary.iterdir())


MISTAKE = """
import runpy, sys
from renderjuice.commands import cli
def broken(*_):
    raise ZeroDivisionError("a mistake of ours")
cli.COMMANDS["jobs"] = broken
"""


def test_a_mistake_of_ours_is_not_called_the_farms(user: Headless, tmp_path: Path) -> None:
    """Exit code 1 would mean that the render failed on the farm."""
    user.resources.mkdir(parents=True)
    target = tmp_path / "document.json"
    start = tmp_path / "start.py"
    lines = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r})\n"
    lines += f"run = runpy.run_path({str(ROOT / 'headless.py')!r})\nrun['_checkout']()\n"
    lines += f"{MISTAKE}\nrun['end'](cli.main(['jobs', '--json', {str(target)!r}]))\n"
    start.write_text(lines, encoding="utf-8")
    done = user.python(str(start))
    assert done.returncode == 5, done.stderr
    assert "a mistake of ours" in done.stderr
    assert json.loads(target.read_text(encoding="utf-8"))["error"]["id"] == "internal"


def test_a_shot_that_is_a_link_takes_what_lies_beside_the_link(
    user: Headless, tmp_path: Path
) -> None:
    """A full Blender does the same: `//` is the folder of the path that was given."""
    real = make(tmp_path / "published", "scene.frame_end = 1")
    shot = tmp_path / "shot"
    shutil.copytree(real.parent / "textures", shot / "textures")
    (shot / "latest.blend").symlink_to(real)
    done = user.run(shot / "latest.blend", "submit", "--dry-run")
    assert done.code == 0, done.stderr
    sources = [file["source"] for file in done.document["package"]["files"]]
    assert str(shot / "textures" / "grid.png") in sources


@pytest.mark.posix("Windows has no signals for a process to catch")
def test_a_command_that_is_told_to_end_leaves_nothing(user: Headless, tmp_path: Path) -> None:
    blend, temporary = make(tmp_path / "project", "scene.frame_end = 1"), tmp_path / "temporary"
    temporary.mkdir()
    user.environment = {"TMPDIR": str(temporary)}
    before = set(blend.parent.rglob("*"))
    process = user.start(blend, "pack", "--output", str(blend.parent / "packed.zip"))
    while not list(temporary.glob("renderjuice-*/work/request.json")):  # the packer is started next
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 130, said
    assert "renderjuice: interrupted." in said
    assert not list(temporary.iterdir())
    assert set(blend.parent.rglob("*")) == before
