"""A fluid that is baked to disk. Only a full Blender can simulate it, not the bpy module."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.window import mantaflow
from tests.window.harness import PATIENCE

MAKE = """
import sys
import bpy
blend, kind, png = sys.argv[-3:]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.frame_end = 4
scene.render.engine = "CYCLES"
scene.cycles.samples, scene.cycles.use_denoising = 1, False
scene.render.resolution_x = scene.render.resolution_y = 32
scene.render.threads_mode, scene.render.threads = "FIXED", 1
scene.render.image_settings.color_mode = "RGB"
camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
camera.data.type, camera.data.ortho_scale = "ORTHO", 2.5
camera.location, camera.rotation_euler = (0, -5, 0), (1.5708, 0, 0)
scene.collection.objects.link(camera)
scene.camera = camera


def fluid(kind):
    bpy.ops.object.modifier_add(type="FLUID")
    modifier = bpy.context.object.modifiers[-1]
    modifier.fluid_type = kind
    return modifier.flow_settings if kind == "FLOW" else modifier.domain_settings


bpy.ops.mesh.primitive_uv_sphere_add(radius=0.4, segments=16, ring_count=8, location=(0, 0, 0.4))
bpy.context.object.hide_render = True
flow = fluid("FLOW")
flow.flow_type, flow.flow_behavior = {"LIQUID": "LIQUID", "GAS": "SMOKE"}[kind], "GEOMETRY"
bpy.ops.mesh.primitive_cube_add(size=2)
domain = fluid("DOMAIN")
domain.domain_type, domain.resolution_max, domain.use_mesh = kind, 16, kind == "LIQUID"
domain.cache_type, domain.cache_frame_start, domain.cache_frame_end = "ALL", 1, 4

if kind == "GAS":  # which Debian's Cycles does not draw
    scene.render.engine = "BLENDER_WORKBENCH"
material = bpy.data.materials.new("Fluid")
material.use_nodes = True
nodes, links = material.node_tree.nodes, material.node_tree.links
nodes.clear()
normal, shine = nodes.new("ShaderNodeNewGeometry"), nodes.new("ShaderNodeEmission")
links.new(normal.outputs["Normal"], shine.inputs["Color"])
links.new(shine.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
bpy.context.object.data.materials.append(material)

bpy.ops.wm.save_as_mainfile(filepath=blend)
domain.cache_directory = "//cache of it"
bpy.ops.fluid.bake_all()
assert domain.has_cache_baked_data
scene.frame_set(4)
bpy.ops.wm.save_mainfile()
"""
RENDER = """
import sys
import bpy
bpy.context.scene.render.filepath = sys.argv[-1]
bpy.ops.render.render(write_still=True)
"""


class Home:
    """One user's Blender, run without a window."""

    def __init__(self, launcher: Path, folder: Path):
        self.launcher = launcher
        self.folder = folder

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RENDERJUICE_")}
        environment["BLENDER_USER_RESOURCES"] = str(self.folder / "resources")
        return subprocess.run(
            [str(self.launcher), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def script(self, text: str, *arguments: str, blend: Path | None = None):
        opened = ["-b", str(blend)] if blend else ["-b"]
        command = [*opened, "--python-exit-code", "3", "--python-expr", text, "--", *arguments]
        return self.run(*command)

    def render(self, blend: Path, png: Path) -> bytes:
        done = self.script(RENDER, str(png), blend=blend)
        assert done.returncode == 0, done.stdout + done.stderr
        return Image.open(png).tobytes()


@pytest.mark.parametrize("kind", ["LIQUID", "GAS"])
def test_a_baked_fluid_travels(kind: str, launcher: Path, extension: Path, tmp_path: Path) -> None:
    artist, farm = Home(launcher, tmp_path / "artist"), Home(launcher, tmp_path / "farm")
    install = ("--command", "extension", "install-file", "-r", "user_default", "--enable")
    done = artist.run(*install, str(extension))
    assert done.returncode == 0, done.stdout + done.stderr
    blend = tmp_path / "project" / "shot.blend"
    blend.parent.mkdir()
    made = artist.script(MAKE, str(blend), kind, "")
    mantaflow.skip_without(made)
    assert made.returncode == 0, made.stdout + made.stderr
    at_home = artist.render(blend, tmp_path / "home.png")
    before = listing(blend.parent)

    package, document = tmp_path / "shot.zip", tmp_path / "pack.json"
    command = ("--command", "renderjuice", "pack", "--output", str(package))
    done = artist.run("-b", str(blend), *command, "--json", str(document))
    assert done.returncode == 0, done.stdout + done.stderr
    assert listing(blend.parent) == before
    assert json.loads(document.read_text(encoding="utf-8"))["missing"] == []
    blend.parent.rename(tmp_path / "gone")

    top = tmp_path / "unpacked" / "shot.blend"
    with zipfile.ZipFile(package) as file:
        file.extractall(top.parent)
    cached = [path for path in listing(top.parent) if path.suffix in (".vdb", ".gz", ".uni")]
    assert len(cached) >= 8, "four frames of data and their settings"
    assert farm.render(top, tmp_path / "farm.png") == at_home
    for path in cached:
        path.unlink()
    assert farm.render(top, tmp_path / "without.png") != at_home


def listing(folder: Path) -> dict[Path, int]:
    """The files in a folder with their modification times."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
