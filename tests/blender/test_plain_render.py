"""Rendered like `blender -b FILE -a`, the package gives the same pictures as F12 in the project.

Each case is made, rendered with F12 and packed in this process. A separate process renders the
package after the project has been moved away.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from renderjuice.scene import config, settings

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
np = pytest.importorskip("numpy", reason="numpy is not installed for this Python")

from tests import packages, projects  # noqa: E402

PLAIN = """
import os, sys, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[-1])
bpy.context.scene.render.use_single_layer = False  # the command line does not look at it
bpy.ops.render.render(animation=True)
sys.stdout.flush()
os._exit(0)
"""

Pictures = dict[str, tuple[tuple[int, int], "np.ndarray"]]


def scene_of_two_layers() -> bpy.types.Scene:
    """A red layer and a green one, which is the active one."""
    scene = projects.new_scene()
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.frame_start = scene.frame_end = 1
    first, second = scene.view_layers[0], scene.view_layers.new("second")
    for layer, other, colour in ((first, second, (1, 0, 0, 1)), (second, first, (0, 1, 0, 1))):
        collection = bpy.data.collections.new(layer.name)
        scene.collection.children.link(collection)
        collection.objects.link(projects.plane(emission(colour)))
        other.layer_collection.children[collection.name].exclude = True
    bpy.context.window.view_layer = second
    return scene


def emission(colour: tuple[int, ...]) -> bpy.types.Material:
    material = bpy.data.materials.new("colour")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    node, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    node.inputs[0].default_value = colour
    tree.links.new(node.outputs[0], output.inputs[0])
    return material


def pixels(path: Path) -> tuple[tuple[int, int], "np.ndarray"]:
    image = bpy.data.images.load(str(path))
    values = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(values)
    size = tuple(image.size)
    bpy.data.images.remove(image)
    return size, values


def pictures(folder: Path) -> Pictures:
    """All files below a folder by relative path; a file without an extension is a picture, too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): pixels(path) for path in files}


def both(
    scene: bpy.types.Scene, tmp_path: Path, *, frames: list[int], also: str = ""
) -> tuple[Pictures, Pictures]:
    """The pictures that F12 writes to `out` and `also`, and those in `render` of the package."""
    home = tmp_path / "home"
    scene.render.filepath = "//out/shot_####"
    written = config.requested(settings.read(scene), {}).written
    blend = projects.save(home / "shot.blend")
    manifest = packages.trace(blend, tmp_path / "scratch", applied=written, frames=frames)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    f12(frames)
    at_home = pictures(home / "out")
    if also:
        at_home |= {f"{also}/{name}": one for name, one in pictures(home / also).items()}
    home.rename(tmp_path / "gone")
    top = packages.unpack(packages.pack(manifest, tmp_path / "scratch"), tmp_path / "farm")
    command = [sys.executable, "-c", PLAIN, str(top)]
    subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return at_home, pictures(tmp_path / "farm/render")


def f12(frames: list[int]) -> None:
    """Render each frame as the window does, where Render Single Layer takes effect."""
    scene = bpy.context.scene
    pattern = scene.render.filepath
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = scene.render.frame_path(frame=frame)
        bpy.ops.render.render(write_still=True)
        scene.render.filepath = pattern


def same(at_home: Pictures, farm: Pictures) -> None:
    assert list(farm) == list(at_home)
    assert at_home
    for name, (size, values) in at_home.items():
        assert farm[name][0] == size
        assert np.array_equal(farm[name][1], values), name


@pytest.mark.parametrize("used", [True, False])
def test_render_single_layer(tmp_path: Path, used: bool) -> None:
    scene = scene_of_two_layers()
    scene.render.use_single_layer = True
    bpy.context.view_layer.use = used
    at_home, farm = both(scene, tmp_path, frames=[1])
    green = at_home["shot_0001.png"][1].reshape(-1, 4).mean(axis=0)[1] > 0.5
    assert green == used, "one that is switched off is not rendered, and the first is shown"
    same(at_home, farm)


def test_render_single_layer_and_the_compositor(tmp_path: Path) -> None:
    """With a compositor, Blender renders each layer that it uses."""
    scene = scene_of_two_layers()
    scene.render.use_single_layer = True
    layer = projects.compositor(scene, "CompositorNodeRLayers")
    layer.layer = scene.view_layers[0].name
    at_home, farm = both(scene, tmp_path, frames=[1])
    same(at_home, farm)


def plane_that_moves(scene: bpy.types.Scene) -> None:
    """A plane that makes each frame, and each eye of it, a different picture."""
    camera = scene.camera
    camera.name, camera.data.type = "Camera_links", "PERSP"
    camera.data.stereo.interocular_distance = 0.5
    right = projects.show(camera.copy())
    right.name, right.location.x = "Camera_R", 0.5
    plane = projects.show(projects.plane(emission((1, 0, 0, 1))))
    plane.location.z, plane.scale = 0.5, (0.5, 0.5, 0.5)
    for frame, place in ((9999, -0.7), (10000, 0.6)):
        plane.location.y = place
        plane.keyframe_insert("location", frame=frame)


@pytest.mark.parametrize(
    ("views", "extension"), [("", False), ("STEREO_3D", True), ("MULTIVIEW", False)]
)
def test_names_of_frames(tmp_path: Path, views: str, extension: bool) -> None:
    """Four- and five-digit numbers, with and without an extension, with one view and two."""
    scene = projects.new_scene()
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.frame_start, scene.frame_end = 9999, 10000
    scene.render.use_file_extension = extension
    plane_that_moves(scene)
    suffixes = [""]
    if views:
        scene.render.use_multiview, scene.render.views_format = True, views
        scene.render.image_settings.views_format = "INDIVIDUAL"
        scene.render.views["left"].file_suffix = "_links"
        suffixes = ["_R", "_links"]
    at_home, farm = both(scene, tmp_path, frames=[9999, 10000])
    end = ".png" if extension else ""
    names = [f"shot_{number}{eye}{end}" for number in ("10000", "9999") for eye in suffixes]
    assert list(farm) == names
    assert len({values.tobytes() for _, values in farm.values()}) == len(names)
    same(at_home, farm)


def gray_scene(folder: Path) -> Any:
    """A scene with a compositor that shows the render; returns its Render Layers node."""
    scene = projects.new_scene()
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.frame_start = scene.frame_end = 1
    made, node = projects.material()
    node.inputs[0].default_value = (0.2, 0.2, 0.2, 1)
    projects.show(projects.plane(made))
    scene.render.filepath = "//out/shot_####"
    return projects.compositor(scene, "CompositorNodeRLayers")


def file_output(tree: Any, folder: str, file: str, level: float, name: str = "") -> Any:
    """Add a File Output node that writes the picture, brightened by `level`."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    node.name = name or node.name
    if hasattr(node, "directory"):
        node.directory, node.file_name = folder, file
        node.format.media_type = "IMAGE"
        node.file_output_items.clear()
        node.file_output_items.new("RGBA", "")
    else:
        node.base_path = folder
        node.file_slots.clear()
        node.file_slots.new(file)
    node.format.file_format, node.format.color_mode = "PNG", "RGB"
    layers, exposure = (tree.nodes.new(f"CompositorNode{kind}") for kind in ("RLayers", "Exposure"))
    exposure.inputs["Exposure"].default_value = level
    tree.links.new(layers.outputs["Image"], exposure.inputs["Image"])
    tree.links.new(exposure.outputs["Image"], node.inputs[0])
    return node


def beside_each_other(tree: Any) -> None:
    """The node names become one folder name, also where the file system ignores case."""
    file_output(tree, "//out/one", "a_", 0.1, "A/B")
    file_output(tree, "//out/two", "a_", 0.3, "A:B")
    file_output(tree, "//out/three", "a_", 0.6, "a_b")


def beside_the_frames(tree: Any) -> None:
    file_output(tree, "//render/", "shot_", 0.3)
    file_output(tree, "//render/deep/", "shot_", 0.6)


def below_one_folder(tree: Any) -> None:
    file_output(tree, "//render/deep/", "shot_", 0.3)
    file_output(tree, "//render/Deep", "shot_", 0.6)


def of_two_groups(tree: Any) -> None:
    """The nodes in both groups have the same default name."""
    if bpy.app.version < (5, 0):
        pytest.skip("only 5.0 lets File Output into groups")
    for name, level in (("beauty", 0.3), ("matte", 0.6)):
        group = bpy.data.node_groups.new(name, "CompositorNodeTree")
        file_output(group, f"//out/{name}", "shot_", level)
        tree.nodes.new("CompositorNodeGroup").node_tree = group


@pytest.mark.parametrize(
    "make", [beside_each_other, beside_the_frames, below_one_folder, of_two_groups]
)
def test_file_output_nodes_keep_their_files_apart(
    tmp_path: Path, make: Callable[[Any], None]
) -> None:
    """The package writes as many pictures as the project, and none replaces another."""
    layers = gray_scene(tmp_path)
    make(layers.id_data)
    at_home, farm = both(bpy.context.scene, tmp_path, frames=[1], also="render")
    assert len(farm) == len(at_home) >= 3
    levels = [sorted(values[0] for _, values in all_.values()) for all_ in (at_home, farm)]
    assert levels[0] == levels[1]
    assert len(set(levels[0])) == len(levels[0])
    assert len({name.casefold() for name in farm}) == len(farm)
