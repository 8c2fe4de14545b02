"""The extension's actions leave the user's session and files unchanged."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import mantaflow
from tests.window.harness import ROOT, Blender
from tests.window.studio import FRAMES, Studio

SESSION = Path(__file__).with_name("session.py").read_text(encoding="utf-8")
FURNISH = """
import os
scene = bpy.context.scene
props = os.path.join(FOLDER, "library", "props.blend")
made = [bpy.data.objects.new(name, bpy.data.meshes.new(name)) for name in ("Chair", "Lamp")]
bpy.data.libraries.write(props, set(made), fake_user=True)
bpy.data.batch_remove([each for one in made for each in (one, one.data)])
with bpy.data.libraries.load(props, link=True) as (_, to):
    to.objects = ["Chair", "Lamp"]
for linked in to.objects:
    scene.collection.objects.link(linked)
to.objects[1].override_create(remap_local_usages=True).location.y = 2

absolute = bpy.data.images.new("absolute", 4, 4)
absolute.filepath_raw, absolute.file_format = os.path.join(FOLDER, "elsewhere", "a.png"), "PNG"
absolute.save()
absolute.source = "FILE"
unwritten = bpy.data.images.new("never on disk", 4, 4)
unwritten.filepath_raw = "//textures/never.png"
with open(absolute.filepath_raw, "rb") as file:
    unwritten.pack(data=file.read(), data_len=os.path.getsize(absolute.filepath_raw))
unwritten.source = "FILE"
nodes = bpy.data.objects["Cube"].active_material.node_tree.nodes
for image in (absolute, unwritten):
    nodes.new("ShaderNodeTexImage").image = image

flag = bpy.data.objects.new("Flag", bpy.data.meshes.new("Flag"))  # baked in the copy
flag.data.from_pydata([(0, 0, 3), (1, 0, 3), (1, 1, 3), (0, 1, 3)], [], [(0, 1, 2, 3)])
flag.modifiers.new("Cloth", "CLOTH")
scene.collection.objects.link(flag)

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
    studio.wait_for(blender, "job.stage == 'finished'")


def render_test_frames(studio: Studio, blender: Blender) -> None:
    studio.wait_for(blender, "job.stage == 'finished' and job.frames.expected == 3")


def check(_: Studio, blender: Blender) -> None:
    blender.wait_until("scan.checks(bpy.context.scene) is not None")


ACTIONS: dict[str, Action] = {"renderjuice.submit": submit, "renderjuice.check": check}


@pytest.mark.parametrize("operator", ACTIONS)
def test_nothing_of_the_session_changes(operator: str, studio: Studio) -> None:
    blender = furnished(studio)
    work_a_little(blender)
    blender.show_sidebar("Renderjuice")
    button = blender.find(operator)
    preferences = blender.run(PREFERENCES)
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
    assert blender.run(PREFERENCES) == preferences
    now = listing(studio)
    new = [name for name in now if name not in files]
    assert {name: at for name, at in now.items() if name not in new} == files
    came = [name for name in new if name.startswith("project/renderjuice/")]
    assert new == came
    frames = [name for name in came if name.endswith(".png")]
    assert len(frames) == (FRAMES if operator == "renderjuice.submit" else 0)
    undo_and_redo(blender)


@pytest.mark.parametrize("frame", [1, 3, 5], ids=["first", "middle", "last"])
def test_no_cache_changes(frame: int, studio: Studio, launcher: Path) -> None:
    """Fluids simulated by this Blender and all other caches of tests/every_cache.py, with resources
    packed automatically."""
    shutil.rmtree(studio.project)
    make = ("--factory-startup", "--python-exit-code", "3", "--python", "tests/every_cache.py")
    made = subprocess.run(
        [str(launcher), "--background", *make, "--", str(frame), str(studio.project)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    mantaflow.skip_without(made)
    assert made.returncode == 0, made.stdout + made.stderr
    blender = studio.open()
    blender.run("bpy.data.use_autopack = True")
    blender.run(SESSION)
    blender.show_sidebar("Renderjuice")
    before, files = session(blender), listing(studio)
    for kind in ("gas replay/data", "liquid replay/data", "gas all/data", "liquid modular/data"):
        assert sum(kind in name for name in files) == 5
    assert before["file"] == [str(studio.blend), before["file"][1], True, True]

    for operator, act in (ACTIONS | {"renderjuice.test_frames": render_test_frames}).items():
        if operator == "renderjuice.test_frames":  # its button is shown in another mode only
            blender.run("bpy.ops.renderjuice.test_frames()")
        else:
            blender.click_operator(operator)
        act(studio, blender)
        assert studio.all_end(60) == []
        assert same(before, session(blender)) == {}, operator
        now = listing(studio)
        assert {name: now.get(name) for name in files} == files, operator
        new = now.keys() - files.keys()
        assert not [name for name in new if not name.startswith("project/renderjuice/")], operator


def furnished(studio: Studio) -> Blender:
    """Blender with a project that contains something of everything that could be changed."""
    for name in ("library", "elsewhere"):
        (studio.project / name).mkdir()
    temporary = studio.project.parent / "temporary"  # for Blender's autosave
    temporary.mkdir()
    blender = studio.open(TMPDIR=str(temporary))
    blender.run(f"FOLDER = {str(studio.project)!r}\n{FURNISH}")
    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(studio.blend)!r})")
    blender.run(SESSION)
    return blender


PREFERENCES = "[(p := bpy.context.preferences).is_dirty, p.filepaths.file_preview_type]"
PLACE = "[round(n, 3) for n in (*bpy.data.objects['Cube'].location,)]"


def work_a_little(blender: Blender) -> None:
    """Make three unsaved moves by mouse and keyboard, and undo the last of them."""
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
    """Undo takes back the user's own last step, and redo restores the steps undone before."""
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
    """The values that differ between two sessions, before and after."""
    names = sorted(before.keys() | after.keys())
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}


def undo_steps(blender: Blender) -> list[str]:
    """Blender's undo steps, with the marks of the active one."""
    blender.run("print_undo_steps()")
    printed = blender.log.read_text(errors="replace", encoding="utf-8").rpartition("Undo steps:\n")[
        2
    ]
    return re.findall(r"\[....\] +\d+ .*name=.*", printed)


def listing(studio: Studio) -> dict[str, tuple[int, str]]:
    """Time and checksum of the project's files, and of the files that Blender keeps for the user.

    This includes thumbnails, except those of frames, which a file browser would make as well.
    """
    root = studio.project.parent
    folders = ("project", "temporary", "resources/config", "resources/cache/thumbnails")
    files = [path for name in folders for path in (root / name).rglob("*") if path.is_file()]
    contents = {path: path.read_bytes() for path in sorted(files)}
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, hashlib.sha256(content).hexdigest())
        for path, content in contents.items()
        if "thumbnails" not in path.parts or b"/renderjuice/shot/" not in content
    }
