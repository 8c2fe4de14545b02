"""The artist's session and files are the same before and after what the extension does."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window.harness import Blender
from tests.window.studio import FRAMES, Studio

pytestmark = pytest.mark.timeout(300)

SESSION = Path(__file__).with_name("session.py").read_text()
MAKE_LIBRARY = """
import os
bpy.ops.wm.read_factory_settings(use_empty=True)
for name in ("Chair", "Lamp"):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    bpy.data.objects.new(name, mesh).use_fake_user = True
bpy.ops.wm.save_as_mainfile(filepath=os.path.join(FOLDER, "library", "props.blend"))
"""
FURNISH = """
import os
scene = bpy.context.scene
with bpy.data.libraries.load(os.path.join(FOLDER, "library", "props.blend"), link=True) as (_, to):
    to.objects = ["Chair", "Lamp"]
chair, lamp = to.objects
scene.collection.objects.link(chair)
scene.collection.objects.link(lamp)
overridden = lamp.override_create(remap_local_usages=True)
overridden.location.y = 2
scene.collection.objects.link(overridden) if overridden.name not in scene.objects else None

absolute = bpy.data.images.new("absolute", 4, 4)
absolute.filepath_raw, absolute.file_format = os.path.join(FOLDER, "elsewhere", "a.png"), "PNG"
absolute.save()
absolute.source = "FILE"
unwritten = bpy.data.images.new("never on disk", 4, 4)
unwritten.pack()
unwritten.filepath_raw = "//textures/never.png"
nodes = bpy.data.objects["Cube"].active_material.node_tree.nodes
for image in (absolute, unwritten):
    nodes.new("ShaderNodeTexImage").image = image

text = bpy.data.texts.new("notes")
text.write("Move the lamp")
cube = bpy.data.objects["Cube"]
group = bpy.data.node_groups.new("Nothing", "GeometryNodeTree")
for way in ("INPUT", "OUTPUT"):
    group.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
ends = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
group.links.new(ends[0].outputs[0], ends[1].inputs[0])
modifier = cube.modifiers.new("Nodes", "NODES")
modifier.node_group, modifier.bake_directory = group, "//bakes/of the cube"

if hasattr(scene, "compositing_node_group"):  # since 5.0
    tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
    scene.compositing_node_group = tree
else:
    scene.use_nodes = True
    tree = scene.node_tree
output = tree.nodes.new("CompositorNodeOutputFile")
if hasattr(output, "directory"):
    output.directory = "//passes/"
    output.file_output_items.new("RGBA", "beauty")
else:
    output.base_path = "//passes/"
scene.render.filepath = "//renders/shot_"
bpy.ops.wm.save_mainfile()
"""
Action = Callable[[Studio, Blender], None]


def submit(studio: Studio, blender: Blender) -> None:
    studio.wait_for(blender, "job['stage'] == 'finished'", 120)


def check(_: Studio, blender: Blender) -> None:
    blender.run("from bl_ext.user_default.renderjuice.operators import check")
    blender.wait_until("check.last(bpy.context.scene.name) is not None")


ACTIONS: dict[str, Action] = {"renderjuice.submit": submit, "renderjuice.check": check}


@pytest.mark.parametrize("operator", ACTIONS)
def test_nothing_of_the_session_changes(operator: str, studio: Studio) -> None:
    blender = furnished(studio)
    work_a_little(blender)
    blender.show_sidebar("Renderjuice")
    button = blender.find(operator)
    before, steps = session(blender), undo_steps(blender)
    assert same(before, session(blender)) == {}, "looking at it changes nothing"
    assert before["file"][:2] == [str(studio.blend), True]
    assert len(steps) >= 4
    files = listing(studio)

    blender.click(*button)
    ACTIONS[operator](studio, blender)
    assert studio.all_end(60) == []

    blender.screenshot(f"untouched-{operator}")
    assert same(before, session(blender)) == {}
    assert undo_steps(blender) == steps
    now = listing(studio)
    new = [name for name in now if name not in files]
    assert {name: at for name, at in now.items() if name not in new} == files
    came = [name for name in new if name.startswith("project/renderjuice/")]
    assert new == came
    assert len(came) == (FRAMES if operator == "renderjuice.submit" else 0)
    undo_and_redo(blender)


def furnished(studio: Studio) -> Blender:
    """Blender with a project that has something of everything that could be changed."""
    for name in ("library", "elsewhere"):
        (studio.project / name).mkdir()
    blender = studio.open()
    blender.run(f"FOLDER = {str(studio.project)!r}\n{MAKE_LIBRARY}")
    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(studio.blend)!r})")
    blender.run(FURNISH)
    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(studio.blend)!r})")
    blender.run(SESSION)
    return blender


PLACE = "[round(n, 3) for n in (*bpy.data.objects['Cube'].location,)]"


def work_a_little(blender: Blender) -> None:
    """Three moves by mouse and keyboard that are not saved, the last of them taken back."""
    blender.run("bpy.context.view_layer.objects.active = bpy.data.objects['Cube']")
    for number in range(3):
        before = blender.run(PLACE)
        blender.move(500, 500)
        blender.key("G")
        blender.move(530 + 20 * number, 500)
        blender.key("RET")
        blender.wait_until(f"{PLACE} != {before}")
    blender.key("Z", ctrl=True)
    blender.wait_until(f"{PLACE} == {before}")


def undo_and_redo(blender: Blender) -> None:
    """Ctrl-Z takes back the artist's own step, and what was taken back before can come again."""
    second = blender.run(PLACE)
    blender.move(500, 500)
    blender.key("Z", ctrl=True)
    blender.wait_until(f"{PLACE} != {second}")
    blender.key("Z", ctrl=True, shift=True)
    blender.wait_until(f"{PLACE} == {second}")
    blender.key("Z", ctrl=True, shift=True)
    blender.wait_until(f"{PLACE} != {second}")


def session(blender: Blender) -> dict[str, Any]:
    return blender.run("session()")


def same(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs between two moments, before and after."""
    names = sorted(before.keys() | after.keys())
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}


def undo_steps(blender: Blender) -> list[str]:
    """Blender's undo steps, with the marks of the active one."""
    blender.run("print_undo_steps()")
    printed = blender.log.read_text().rpartition("Undo steps:\n")[2]
    return re.findall(r"^\[.*$", printed, re.MULTILINE)


def listing(studio: Studio) -> dict[str, tuple[int, str]]:
    """Time and checksum of the project's files, and of what Blender keeps of its user."""
    folders = (studio.project, studio.resources / "config")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(studio.project.parent)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(files)
    }
