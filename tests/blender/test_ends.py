"""headless.py in the module ends, and with its own exit code, whatever is in the file."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.headless import Headless

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
