"""A missing file that no rendered pixel can depend on is a warning, each other one an error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import findings

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


@pytest.mark.parametrize(
    ("change", "level"),
    [(each, "warning") for each in (hidden, in_an_excluded_collection, in_a_hidden_collection)]
    + [(unplugged, "warning")]
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
    with_it = projects.render(blend, tmp_path / "with.png")
    (root / "tex/wood.png").unlink()
    without = projects.render(blend, tmp_path / "without.png")
    manifest = trace(blend, tmp_path / "scratch")
    (check,) = findings.checks_of(manifest)
    assert (check.level, check.datablock) == (level, "wood.png")
    if level == "warning":
        assert without == with_it
    top = unpack(pack(manifest, tmp_path / "out"), tmp_path / "farm")
    assert relocated_blender().render(top, tmp_path / "farm.png") == without


def test_missing_library_of_a_hidden_object_is_a_warning(tmp_path: Path) -> None:
    library = projects.library(tmp_path / "chair.blend", lambda: projects.plane(name="Chair"))
    projects.new_scene()
    chair = projects.show(projects.linked(library, "Chair")[0])
    in_an_excluded_collection(chair)
    blend = projects.save(tmp_path / "shot.blend")
    library.unlink()
    found = findings.checks_of(trace(blend, tmp_path / "scratch"))
    assert {check.level for check in found} == {"warning"}
