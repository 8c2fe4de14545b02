"""Changes to the package's .blend: the scene to render, the output paths and the file name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import command, tracer
from renderjuice.packing.manifest import PackError

from tests import projects
from tests.catalogue import libraries
from tests.packages import check_travels, members, pack, request, trace, unpack


def opened(blend: Path, tmp_path: Path, **more: Any) -> bpy.types.Scene:
    """Pack `blend`, unpack the package, open it and return its active scene."""
    top = unpack(pack(trace(blend, tmp_path / "scratch", **more), tmp_path / "out"), tmp_path / "x")
    bpy.ops.wm.open_mainfile(filepath=str(top))
    return bpy.context.scene


def textured_scene(root: Path) -> bpy.types.Scene:
    scene = projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    return scene


def test_wanted_scene_opens_and_only_its_files_travel(tmp_path: Path) -> None:
    textured_scene(tmp_path).name = "Main"
    other = bpy.data.scenes.new("Other")
    image = bpy.data.images.load(str(projects.picture(tmp_path / "tex/other.png")))
    other.collection.objects.link(projects.plane(projects.image_material(image)))
    blend = projects.save(tmp_path / "shot.blend")
    manifest = trace(blend, tmp_path / "scratch", scene="Other")
    assert members(manifest) == ["shot.blend", "files/other.png"]
    assert opened(blend, tmp_path, scene="Other").name == "Other"


def test_scene_of_the_file_not_the_linked_one_of_its_name(tmp_path: Path) -> None:
    projects.new_scene()
    bpy.context.scene.name = "Shot"
    library = projects.save(tmp_path / "other.blend")
    textured_scene(tmp_path).name = "Shot"
    bpy.context.scene.background_set = projects.linked(library, "Shot", "scenes")[0]
    blend = projects.save(tmp_path / "shot.blend")
    assert opened(blend, tmp_path).library is None


def test_scene_that_is_not_there_is_said(tmp_path: Path) -> None:
    textured_scene(tmp_path)
    blend = projects.save(tmp_path / "shot.blend")
    with pytest.raises(PackError, match='no scene "Nowhere"'):
        trace(blend, tmp_path / "scratch", scene="Nowhere")


def test_overrides_are_written_into_the_copy_only(tmp_path: Path) -> None:
    textured_scene(tmp_path)
    blend = projects.save(tmp_path / "shot.blend")
    before = blend.read_bytes()
    scene = opened(blend, tmp_path, applied={"sampleCount": 7, "resolution": [48, 20]})
    assert scene.cycles.samples == 7
    assert (scene.render.resolution_x, scene.render.resolution_y) == (48, 20)
    assert blend.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("//renders/shot_####", "shot_####"),
        ("/absolute/place/", ""),
        ("//../../outside/a.b_##_x", "a.b_##_x"),
        ("C:\\renders\\shot_", "shot_"),
    ],
)
def test_frames_keep_their_names_inside_the_package(path: str, name: str, tmp_path: Path) -> None:
    textured_scene(tmp_path).render.filepath = path
    blend = projects.save(tmp_path / "shot.blend", relative=False)
    assert opened(blend, tmp_path).render.filepath == f"//render/{name}"


def file_output(tree: Any, source: Any, folder: Path) -> None:
    """Add a File Output node whose file name leads out of `folder`."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    node.name = "Beauty: 1/2"
    if hasattr(node, "directory"):
        node.directory, node.file_name = str(folder), "../../up/b_"
        node.file_output_items.new("RGBA", "image")
        node.format.media_type = "IMAGE"
    else:
        node.base_path, node.file_slots[0].path = str(folder), "../../up/b_"
    node.format.file_format = "PNG"
    tree.links.new(source.outputs[0], node.inputs[0])


def written_by_nodes(blend: Path, tmp_path: Path) -> str:
    """The folder in the package into which its only File Output node wrote."""
    top = unpack(pack(trace(blend, tmp_path / "scratch"), tmp_path / "out"), tmp_path / "farm")
    before = set(tmp_path.rglob("*"))
    projects.render(top, tmp_path / "still.png")
    (written,) = {path for path in tmp_path.rglob("b_*.png") if path not in before}
    return str(written.parent.relative_to(top.parent))


def test_file_output_nodes_write_inside_the_package(tmp_path: Path) -> None:
    scene = textured_scene(tmp_path)
    source = projects.compositor(scene, "CompositorNodeRLayers")
    file_output(source.id_data, source, tmp_path / "elsewhere")
    blend = projects.save(tmp_path / "shot.blend")
    assert written_by_nodes(blend, tmp_path) == "render/Beauty_ 1_2/up"


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="only 5.0 lets File Output into groups")
def test_linked_file_output_nodes_write_inside_the_package(tmp_path: Path) -> None:
    def make() -> Any:
        source = projects.compositor(projects.new_scene(), "CompositorNodeRLayers")
        file_output(source.id_data, source, tmp_path / "elsewhere")
        return source.id_data

    library = projects.library(tmp_path / "lib/comp.blend", make)
    scene = textured_scene(tmp_path)
    (scene.compositing_node_group,) = projects.linked(library, "Compositor", "node_groups")
    blend = projects.save(tmp_path / "project/shot.blend")
    assert written_by_nodes(blend, tmp_path).startswith("render/comp/Beauty_ 1_2")


def test_file_never_saved(tmp_path: Path) -> None:
    textured_scene(tmp_path)
    copy = tmp_path / "scratch/copy.blend"
    copy.parent.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, compress=True)
    asked = {**request(Path("shot.blend"), copy), "original": ""}
    blender = command.blender(bpy.app.binary_path, sys.executable)
    manifest = tracer.trace(asked, blender, should_stop=lambda: False, on_step=print)
    assert members(manifest) == ["untitled.blend", "files/wood.png"]


def test_copy_of_an_earlier_version_whose_paths_were_rewritten(tmp_path: Path) -> None:
    """0.1.0 made the copy's paths relative to the copy; its jobs must still continue."""
    blend = libraries.nested_three_deep(tmp_path / "home")
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    copy = tmp_path / "scratch" / blend.name
    copy.parent.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, relative_remap=True)
    asked = {**request(blend, copy), "paths_kept": False}
    blender = command.blender(bpy.app.binary_path, sys.executable)
    manifest = tracer.trace(asked, blender, should_stop=lambda: False, on_step=print)
    assert manifest.missing == ()
    assert members(manifest) == members(trace(blend, tmp_path / "now"))


def plain(root: Path) -> Path:
    projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    return projects.save(root / "project/plain.blend")


def test_scene_with_nothing_outside_is_a_single_blend(tmp_path: Path) -> None:
    assert members(check_travels(plain, tmp_path)) == ["plain.blend"]


def test_damaged_copy_is_said_with_the_last_lines(tmp_path: Path) -> None:
    blend = plain(tmp_path)
    copy = tmp_path / "copy.blend"
    copy.write_bytes(blend.read_bytes()[:100])
    with pytest.raises(PackError, match=r"copy\.blend"):
        trace(blend, tmp_path / "scratch", blend=str(copy))


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="needs prlimit of util-linux")
def test_full_disk_is_said_and_leaves_nothing_half_made(tmp_path: Path, monkeypatch) -> None:
    blend = plain(tmp_path)
    copy = projects.copy(blend, tmp_path / "copy.blend")
    request = {"schema": 1, "blend": str(copy), "original": str(blend), "scene": "Scene",
               "applied": {}, "frames": [1], "work": str(tmp_path / "work"),
               "manifest": str(tmp_path / "manifest.json")}  # fmt: skip
    blender = command.blender(bpy.app.binary_path, sys.executable)
    executable, *arguments = command.packer(blender)
    # -B: truncated byte code would be left behind.
    limited = ["prlimit", "--fsize=1024", executable, "-B", *arguments]
    monkeypatch.setattr(command, "packer", lambda _: limited)
    with pytest.raises(PackError) as error:
        tracer.trace(request, blender, should_stop=lambda: False, on_step=print)
    assert error.value.id == "disk"
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a POSIX pipe")
def test_packer_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    request = {"blend": str(plain(tmp_path)), "original": "", "scene": "Scene", "applied": {},
               "frames": [], "work": str(tmp_path / "work"),
               "manifest": str(tmp_path / "manifest.json")}  # fmt: skip
    (tmp_path / "request.json").write_text(json.dumps(request), encoding="utf-8")
    blender = command.blender(bpy.app.binary_path, sys.executable)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*command.packer(blender), str(tmp_path / "request.json")], stdin=reading
    )
    os.close(reading)
    os.close(writing)  # as the kernel does when the worker is killed
    assert process.wait(120) == 4
    assert not (tmp_path / "manifest.json").exists()
