"""A missing file of what is switched off is a warning; if the rest of the scene may show it, an
error."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import findings

from tests import projects
from tests.blender.test_packing_unseen import judged
from tests.catalogue import caches
from tests.packages import pack, relocated_blender, trace, unpack

Case = Callable[[Path], Path]
"""Adds to the open scene what reads a file below a folder, and returns the file."""


def wood(root: Path) -> Any:
    """An image of its own."""
    name = f"tex/wood{len(bpy.data.images)}.png"
    return bpy.data.images.load(str(projects.picture(root / name)))


def path_of(image: Any) -> Path:
    return Path(bpy.path.abspath(image.filepath))


def shown_plane(root: Path) -> tuple[Any, Any]:
    """A plane that shows an image, and the image."""
    image = wood(root)
    return projects.show(projects.plane(projects.image_material(image))), image


def image_node(plane: Any) -> Any:
    nodes = plane.data.materials[0].node_tree.nodes
    return next(node for node in nodes if node.type == "TEX_IMAGE")


def compositor_off(root: Path) -> Path:
    path = compositor_on(root)
    bpy.context.scene.render.use_compositing = False
    return path


def compositor_on(root: Path) -> Path:
    image = wood(root)
    projects.compositor(bpy.context.scene, "CompositorNodeImage").image = image
    return path_of(image)


def viewer(root: Path) -> Path:
    """An image that only the backdrop of the compositor shows."""
    tree = projects.compositor(bpy.context.scene, "CompositorNodeRLayers").id_data
    node = tree.nodes.new("CompositorNodeImage")
    node.image = wood(root)
    tree.links.new(node.outputs[0], tree.nodes.new("CompositorNodeViewer").inputs[0])
    return path_of(node.image)


def muted_node(root: Path) -> Path:
    plane, image = shown_plane(root)
    image_node(plane).mute = True
    return path_of(image)


def muted_link(root: Path) -> Path:
    plane, image = shown_plane(root)
    (link,) = image_node(plane).outputs["Color"].links
    link.is_muted = True
    return path_of(image)


def muted_group(root: Path) -> Path:
    plane, image = shown_plane(root)
    tree = plane.data.materials[0].node_tree
    group = bpy.data.node_groups.new("Wood", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    inner = group.nodes.new("ShaderNodeTexImage")
    inner.image = image
    group.links.new(inner.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    tree.nodes.remove(image_node(plane))
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree, node.mute = group, True
    emission = next(each for each in tree.nodes if each.type == "EMISSION")
    tree.links.new(node.outputs[0], emission.inputs["Color"])
    return path_of(image)


def second_output(plane: Any) -> Any:
    """Another output of the plane's material, which shows no image."""
    tree = plane.data.materials[0].node_tree
    plain, other = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(plain.outputs[0], other.inputs[0])
    return other


def output_without_effect(root: Path) -> Path:
    """An image that leads to an output that is not the active one."""
    plane, image = shown_plane(root)
    other = second_output(plane)
    for node in other.id_data.nodes:
        if node.type == "OUTPUT_MATERIAL":
            node.is_active_output = node == other
    return path_of(image)


def output_of_another_engine(root: Path) -> Path:
    """An image that leads to the output of Cycles, beside one of EEVEE."""
    plane, image = shown_plane(root)
    plane.data.materials[0].node_tree.nodes["Material Output"].target = "CYCLES"
    second_output(plane).target = "EEVEE"
    return path_of(image)


def displaced(root: Path) -> tuple[Any, Any]:
    """A plane with a modifier that reads an image, and the image."""
    texture = bpy.data.textures.new("Wood", "IMAGE")
    texture.image = wood(root)
    plane = projects.show(projects.plane(projects.material()[0]))
    modifier = plane.modifiers.new("Displace", "DISPLACE")
    modifier.texture, modifier.texture_coords, modifier.direction = texture, "UV", "X"
    return plane, texture.image


def modifier_off(root: Path) -> Path:
    plane, image = displaced(root)
    plane.modifiers[0].show_render = False
    return path_of(image)


def modifier_off_now(root: Path) -> Path:
    plane, image = displaced(root)
    plane.modifiers[0].show_render = False
    plane.modifiers[0].keyframe_insert("show_render", frame=1)
    return path_of(image)


def two_modifiers(root: Path) -> Path:
    plane, image = displaced(root)
    other = plane.modifiers.new("Off", "DISPLACE")
    other.texture, other.show_render = plane.modifiers[0].texture, False
    return path_of(image)


def nodes_modifier_off(root: Path) -> Path:
    return nodes_modifier(root, is_on=False)


def nodes_modifier_on(root: Path) -> Path:
    return nodes_modifier(root, is_on=True)


def nodes_modifier(root: Path, *, is_on: bool) -> Path:
    image, plane = wood(root), projects.show(projects.plane(projects.material()[0]))
    projects.displace_by_image(plane, image)
    plane.modifiers[0].show_render = is_on
    return path_of(image)


def mesh_cache_off(root: Path) -> Path:
    return mesh_cache(root / "off/moves.mdd", is_on=False)


def mesh_cache_on(root: Path) -> Path:
    return mesh_cache(root / "on/moves.mdd", is_on=True)


def mesh_cache(path: Path, *, is_on: bool) -> Path:
    caches.write_mdd(path)
    plane = projects.show(projects.plane(projects.material()[0]))
    modifier = plane.modifiers.new("Moves", "MESH_CACHE")
    modifier.cache_format, modifier.filepath, modifier.show_render = "MDD", str(path), is_on
    return path


def constraint_off(root: Path) -> Path:
    return constraint(root / "off/clip.png", is_on=False)


def constraint_on(root: Path) -> Path:
    return constraint(root / "on/clip.png", is_on=True)


def constraint(path: Path, *, is_on: bool) -> Path:
    plane = projects.show(projects.plane(projects.material()[0]))
    made = plane.constraints.new("FOLLOW_TRACK")
    made.clip, made.mute = bpy.data.movieclips.load(str(projects.picture(path))), not is_on
    return path


def material_overridden(root: Path) -> Path:
    _, image = shown_plane(root)
    bpy.context.view_layer.material_override = projects.material("Clay")[0]
    return path_of(image)


def material_overridden_in_one_layer(root: Path) -> Path:
    path = material_overridden(root)
    bpy.context.scene.view_layers.new("Other")
    return path


def behind_strips(root: Path) -> Path:
    _, image = shown_plane(root)
    editor = bpy.context.scene.sequence_editor_create()
    length: Any = {"length": 10} if bpy.app.version >= (5, 0) else {"frame_end": 11}
    strip = projects.strips(editor).new_effect("Red", "COLOR", channel=1, frame_start=1, **length)
    strip.color = (1, 0, 0)
    return path_of(image)


def behind_a_muted_strip(root: Path) -> Path:
    path = behind_strips(root)
    projects.strips(bpy.context.scene.sequence_editor)[0].mute = True
    return path


def in_a_scene_strip(root: Path) -> Path:
    """The scene of a strip, by its camera, though it has strips of its own."""
    path = behind_strips(root)
    shot, edit = bpy.context.scene, bpy.data.scenes.new("Edit")
    projects.render_quickly(edit)
    editor = edit.sequence_editor_create()
    strip = projects.strips(editor).new_scene("Shot", shot, channel=1, frame_start=1)
    strip.scene_input = "CAMERA"
    bpy.context.window.scene = edit
    return path


def in_a_layer_that_is_off(root: Path) -> Path:
    return in_second_layer(root, is_on=False)


def in_a_layer_that_is_on(root: Path) -> Path:
    return in_second_layer(root, is_on=True)


def in_second_layer(root: Path, *, is_on: bool) -> Path:
    plane, image = shown_plane(root)
    scene = bpy.context.scene
    collection = bpy.data.collections.new("Away")
    scene.collection.children.link(collection)
    scene.collection.objects.unlink(plane)
    collection.objects.link(plane)
    scene.view_layers.new("Other").use = is_on
    scene.view_layers[0].layer_collection.children["Away"].exclude = True
    return path_of(image)


def text(path: Path, *, is_bold: bool) -> Path:
    """A text with a bold font, of which one letter may be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(projects.FONTS / "DejaVuSansMono.woff2", path)
    made = bpy.data.curves.new("Text", "FONT")
    made.body, made.font_bold = "mmm", bpy.data.fonts.load(str(path))
    made.body_format[1].use_bold = is_bold
    projects.show(bpy.data.objects.new("Text", made))
    return path


def bold(root: Path) -> Path:
    return text(root / "off/bold.woff2", is_bold=False)


def bold_letter(root: Path) -> Path:
    return text(root / "on/bold.woff2", is_bold=True)


def clip_of_a_strip(root: Path) -> Path:
    """A clip that a strip shows, and a node that leads nowhere."""
    path = projects.picture(root / "tex/clip.png")
    clip = bpy.data.movieclips.load(str(path))
    node = projects.compositor(bpy.context.scene, "CompositorNodeMovieClip")
    node.clip = clip
    node.id_data.links.clear()
    editor = bpy.context.scene.sequence_editor_create()
    projects.strips(editor).new_clip("Clip", clip, channel=1, frame_start=1)
    return path


OFF = [muted_node, muted_link, muted_group, output_without_effect, modifier_off]
OFF += [nodes_modifier_off, mesh_cache_off, constraint_off, in_a_layer_that_is_off, bold]
ON = [output_of_another_engine, modifier_off_now, two_modifiers, nodes_modifier_on]
ON += [mesh_cache_on, constraint_on, bold_letter]
SCENE_OFF = [compositor_off, viewer, material_overridden, behind_strips]
SCENE_ON = [compositor_on, material_overridden_in_one_layer, behind_a_muted_strip]
SCENE_ON += [in_a_scene_strip, in_a_layer_that_is_on, clip_of_a_strip]


def test_missing_files_are_as_grave_as_what_they_change(tmp_path: Path) -> None:
    """What is off and what is on in one scene; without the files of what is off, the picture of the
    scene that has nothing else is the same."""
    root = tmp_path / "home"
    projects.new_scene()
    off = [case(root) for case in OFF]
    side_by_side()
    projects.save(root / "off.blend")
    on = [case(root) for case in ON]
    blend = projects.save(root / "shot.blend")
    with_it = projects.render(root / "off.blend", tmp_path / "with.png")
    for path in (*off, *on):
        path.unlink()
    assert projects.render(root / "off.blend", tmp_path / "without.png") == with_it
    manifest = trace(blend, tmp_path / "scratch")
    found = {check.path: check.level for check in findings.checks_of(manifest)}
    assert found == {str(path): "warning" for path in off} | {str(path): "error" for path in on}
    without = projects.render(blend, tmp_path / "without.png")
    top = unpack(pack(manifest, tmp_path / "out"), tmp_path / "farm")
    assert relocated_blender().render(top, tmp_path / "farm.png") == without


def side_by_side() -> None:
    """Show all objects of the scene beside each other."""
    objects = [each for each in bpy.data.objects if each.type != "CAMERA"]
    for place, each in enumerate(objects):
        each.scale.x = 1 / len(objects)
        each.location.x = (2 * place + 1) / len(objects) - 1


@pytest.mark.parametrize("case", SCENE_OFF, ids=lambda each: each.__name__)
def test_what_the_scene_does_not_render_is_a_warning(case: Case, tmp_path: Path) -> None:
    blend, gone = made(case, tmp_path)
    check, is_same = judged(blend, gone, tmp_path)
    assert (check.level, check.path) == ("warning", str(gone))
    assert is_same


@pytest.mark.parametrize("case", SCENE_ON, ids=lambda each: each.__name__)
def test_what_the_scene_may_render_is_an_error(case: Case, tmp_path: Path) -> None:
    blend, gone = made(case, tmp_path)
    gone.unlink()
    (check,) = findings.checks_of(trace(blend, tmp_path / "scratch"))
    assert (check.level, check.path) == ("error", str(gone))


def made(case: Case, tmp_path: Path) -> tuple[Path, Path]:
    """The scene of a case, and the file that it reads."""
    root = tmp_path / "home"
    projects.new_scene()
    gone = case(root)
    if not bpy.data.meshes:
        projects.show(projects.plane(projects.material()[0]))
    return projects.save(root / "shot.blend"), gone
