"""A missing file is a warning if no rendered pixel can depend on it, and an error otherwise."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import findings
from renderjuice.scene.checks import Check

from tests import projects
from tests.packages import pack, relocated_blender, trace, unpack


def hidden(plane: Any) -> None:
    plane.hide_render = True


def in_an_excluded_collection(plane: Any) -> None:
    scene = bpy.context.scene
    collection = bpy.data.collections.new("Away")
    scene.collection.children.link(collection)
    scene.collection.objects.unlink(plane)
    collection.objects.link(plane)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True


def in_a_hidden_collection(plane: Any) -> None:
    in_an_excluded_collection(plane)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = False
    bpy.data.collections["Away"].hide_render = True


def unplugged(plane: Any) -> None:
    tree = plane.data.materials[0].node_tree
    tree.links.remove(next(link for link in tree.links if link.from_node.type == "TEX_IMAGE"))


def leads_nowhere(plane: Any) -> None:
    """Link the image node to a node that is not linked itself."""
    tree = plane.data.materials[0].node_tree
    (link,) = (each for each in tree.links if each.from_node.type == "TEX_IMAGE")
    socket = link.from_socket
    tree.links.remove(link)
    tree.links.new(socket, tree.nodes.new("ShaderNodeInvert").inputs["Color"])


def in_a_group_that_leads_nowhere(plane: Any) -> None:
    tree = plane.data.materials[0].node_tree
    node = next(each for each in tree.nodes if each.type == "TEX_IMAGE")
    group = bpy.data.node_groups.new("Wood", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    inner = group.nodes.new("ShaderNodeTexImage")
    inner.image = node.image
    group.links.new(inner.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    tree.nodes.remove(node)
    tree.nodes.new("ShaderNodeGroup").node_tree = group


def in_a_custom_property(plane: Any) -> None:
    plane["reference"] = bpy.data.images["wood.png"]
    plane.data.materials.clear()


def in_settings_of_an_addon(plane: Any) -> None:
    bpy.context.scene["addon"] = {"boards": {"first": bpy.data.images["wood.png"], "size": 1.5}}
    plane.data.materials.clear()


def read_by_a_driver(plane: Any) -> None:
    in_a_custom_property(plane)
    variable = plane.driver_add("location", 0).driver.variables.new()
    variable.targets[0].id = plane
    variable.targets[0].data_path = '["reference"].size[0]'


def in_an_unused_slot(plane: Any) -> None:
    plane.data.materials.append(plane.data.materials[0])
    plane.data.materials[0] = projects.material("Plain")[0]


def in_an_unused_slot_of_the_object(plane: Any) -> None:
    in_an_unused_slot(plane)
    wood = plane.data.materials[1]
    plane.material_slots[1].link = "OBJECT"
    plane.material_slots[1].material = wood
    plane.data.materials[1] = None


def in_a_slot_that_a_modifier_uses(plane: Any) -> None:
    in_an_unused_slot(plane)
    plane.modifiers.new("Thick", "SOLIDIFY").material_offset = 1


def beyond_the_slots(plane: Any) -> None:
    """Blender gives a face whose material index is out of range the material of the last slot."""
    in_an_unused_slot(plane)
    plane.data.polygons[0].material_index = 7


def shown(plane: Any) -> None:
    pass


def shown_later(plane: Any) -> None:
    plane.hide_render = True
    plane.keyframe_insert("hide_render", frame=1)


def used_by_another(plane: Any) -> None:
    plane.hide_render = True
    other = projects.show(projects.plane(name="Other"))
    other.modifiers.new("Like", "DATA_TRANSFER").object = plane


def instanced(plane: Any) -> None:
    in_an_excluded_collection(plane)
    empty = projects.show(bpy.data.objects.new("Empty", None))
    empty.instance_type, empty.instance_collection = "COLLECTION", bpy.data.collections["Away"]


def also_elsewhere(plane: Any) -> None:
    plane.hide_render = True
    projects.show(projects.plane(plane.data.materials[0], "Other"))


def judged(blend: Path, gone: Path, tmp_path: Path) -> tuple[Check, bool]:
    """The check of `blend` after its file `gone` was deleted, and whether its picture is the same.

    The package must render what Blender renders at home without the file.
    """
    with_it = projects.render(blend, tmp_path / "with.png")
    gone.unlink()
    without = projects.render(blend, tmp_path / "without.png")
    manifest = trace(blend, tmp_path / "scratch")
    (check,) = findings.checks_of(manifest)
    top = unpack(pack(manifest, tmp_path / "out"), tmp_path / "farm")
    assert relocated_blender().render(top, tmp_path / "farm.png") == without
    return check, without == with_it


@pytest.mark.parametrize(
    ("change", "level"),
    [(each, "warning") for each in (hidden, in_an_excluded_collection, in_a_hidden_collection)]
    + [(each, "warning") for each in (unplugged, leads_nowhere, in_a_group_that_leads_nowhere)]
    + [(each, "warning") for each in (in_a_custom_property, in_settings_of_an_addon)]
    + [(each, "warning") for each in (in_an_unused_slot, in_an_unused_slot_of_the_object)]
    + [(each, "error") for each in (read_by_a_driver, beyond_the_slots)]
    + [(in_a_slot_that_a_modifier_uses, "error")]
    + [(each, "error") for each in (shown, shown_later, used_by_another, instanced)]
    + [(also_elsewhere, "error")],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_missing_file_is_as_grave_as_what_it_changes(
    change: Callable[[Any], None], level: str, tmp_path: Path
) -> None:
    root = tmp_path / "home"
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    plane = projects.show(projects.plane(projects.image_material(image)))
    change(plane)
    blend = projects.save(root / "shot.blend")
    check, is_same = judged(blend, root / "tex/wood.png", tmp_path)
    assert (check.level, check.datablock) == (level, "wood.png")
    assert is_same or level == "error"


def test_missing_library_of_a_hidden_object_is_a_warning(tmp_path: Path) -> None:
    library = projects.library(tmp_path / "chair.blend", lambda: projects.plane(name="Chair"))
    projects.new_scene()
    chair = projects.show(projects.linked(library, "Chair")[0])
    in_an_excluded_collection(chair)
    blend = projects.save(tmp_path / "shot.blend")
    library.unlink()
    found = findings.checks_of(trace(blend, tmp_path / "scratch"))
    assert {check.level for check in found} == {"warning"}


def hidden_text(root: Path) -> Path:
    font = Path(shutil.copy(projects.FONTS / "DejaVuSansMono.woff2", root / "tex/font.woff2"))
    text = bpy.data.curves.new("Text", "FONT")
    text.font = bpy.data.fonts.load(str(font))
    projects.show(bpy.data.objects.new("Text", text)).hide_render = True
    return font


def speaker(root: Path) -> Path:
    sound = root / "tex/hum.wav"
    sound.write_bytes(projects.WAV)
    held = bpy.data.speakers.new("Speaker")
    held.sound = bpy.data.sounds.load(str(sound))
    projects.show(bpy.data.objects.new("Speaker", held))
    return sound


def muted_strip(root: Path) -> Path:
    return strip(root, mute=True)


def shown_strip(root: Path) -> Path:
    return strip(root, mute=False)


def strip(root: Path, *, mute: bool) -> Path:
    path = projects.picture(root / "tex/strip.png")
    editor: Any = bpy.context.scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strips.new_image("Picture", str(path), channel=1, frame_start=1).mute = mute
    return path


@pytest.mark.parametrize(
    ("case", "level"),
    [
        (hidden_text, "warning"),
        (speaker, "warning"),
        (muted_strip, "warning"),
        (shown_strip, "error"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_missing_file_of_another_kind(
    case: Callable[[Path], Path], level: str, tmp_path: Path
) -> None:
    root = tmp_path / "home"
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    gone = case(root)
    blend = projects.save(root / "shot.blend")
    check, is_same = judged(blend, gone, tmp_path)
    assert (check.level, check.path) == (level, str(gone))
    assert is_same is (level == "warning")


def test_custom_properties_come_home_as_they_were(tmp_path: Path) -> None:
    """The packer clears them only while it judges missing files."""
    root = tmp_path / "home"
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    plane = projects.show(projects.plane())
    plane["count"], plane["reference"] = 3, image
    plane.id_properties_ui("reference").update(description="Which wood")
    plane["addon"] = {"first": image, "size": 1.5}
    blend = projects.save(root / "shot.blend")
    (root / "tex/wood.png").unlink()
    manifest = trace(blend, tmp_path / "scratch")
    bpy.ops.wm.open_mainfile(filepath=manifest.files[0].source)
    plane, image = bpy.data.objects["Plane"], bpy.data.images["wood.png"]
    assert (plane["count"], plane["reference"]) == (3, image)
    assert plane["addon"].to_dict() == {"first": image, "size": 1.5}
    assert plane.id_properties_ui("reference").as_dict()["description"] == "Which wood"
