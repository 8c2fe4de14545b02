"""Linked libraries travel with what they need, and what nothing is linked from stays."""

from collections.abc import Callable
from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.packages import Case, check_travels, members, trace

RED, GREEN, BLUE = (1.0, 0.1, 0.1), (0.1, 1.0, 0.1), (0.1, 0.1, 1.0)


def textured(texture: Path, name: str = "Chair") -> Callable[[], bpy.types.Object]:
    """Makes a plane with the image at `texture`, in whatever file is open then."""

    def make() -> bpy.types.Object:
        image = bpy.data.images.load(str(texture))
        return projects.plane(projects.image_material(image), name)

    return make


def chair(path: Path, color: projects.Color = RED, *, relative: bool = True) -> Path:
    """A library with an object Chair, whose texture lies in `tex` beside it."""
    texture = projects.picture(path.parent / f"tex/{path.stem}.png", color)
    return projects.library(path, textured(texture), relative=relative)


def shot(path: Path, library: Path, *, relative: bool = True) -> Path:
    """A project that shows the Chair of `library`."""
    projects.new_scene()
    projects.show(projects.linked(library, "Chair")[0])
    return projects.save(path, relative=relative)


def linked(root: Path) -> Path:
    return shot(root / "project/shot.blend", chair(root / "project/lib/chair.blend"))


def above_the_project(root: Path) -> Path:
    return shot(root / "a/b/shot.blend", chair(root / "shared/chair.blend"))


def by_absolute_path(root: Path) -> Path:
    return shot(root / "a/shot.blend", chair(root / "lib/chair.blend"), relative=False)


def library_with_absolute_texture(root: Path) -> Path:
    return shot(root / "a/shot.blend", chair(root / "lib/chair.blend", relative=False))


def library_with_texture_elsewhere(root: Path) -> Path:
    texture = projects.picture(root / "textures/Holz ä.png")
    library = projects.library(root / "lib/Stühle 1/chair.blend", textured(texture))
    return shot(root / "a/shot.blend", library)


def world_of_a_library(root: Path) -> Path:
    sky = projects.picture(root / "lib/sky.hdr", kind="HDR")

    def make() -> bpy.types.World:
        world = bpy.data.worlds.new("Sky")
        world.use_nodes = True
        node = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
        node.image = bpy.data.images.load(str(sky))
        background = world.node_tree.nodes["Background"]
        world.node_tree.links.new(node.outputs[0], background.inputs[0])
        return world

    library = projects.library(root / "lib/sky.blend", make)
    scene = projects.new_scene()
    (scene.world,) = projects.linked(library, "Sky", "worlds")
    return projects.save(root / "project/shot.blend")


def _nested(root: Path, *, relative: bool) -> Path:
    """shot -> set (a collection) -> chair (an object) -> wood (a material) -> its texture."""
    texture = projects.picture(root / "wood/tex/wood.png")

    def make_wood() -> bpy.types.Material:
        made = projects.image_material(bpy.data.images.load(str(texture)))
        made.name = "Wood"
        return made

    wood = projects.library(root / "wood/wood.blend", make_wood, relative=relative)

    def make_chair() -> bpy.types.Object:
        return projects.plane(projects.linked(wood, "Wood", "materials")[0], "Chair")

    chair = projects.library(root / "props/chair.blend", make_chair, relative=relative)

    def make_set() -> bpy.types.Collection:
        made = bpy.data.collections.new("Set")
        made.objects.link(projects.linked(chair, "Chair")[0])
        return made

    library = projects.library(root / "sets/set.blend", make_set, relative=relative)
    projects.new_scene()
    instance = bpy.data.objects.new("Set", None)
    instance.instance_type = "COLLECTION"
    (instance.instance_collection,) = projects.linked(library, "Set", "collections")
    projects.show(instance)
    return projects.save(root / "project/shot.blend", relative=relative)


def nested_three_deep(root: Path) -> Path:
    return _nested(root, relative=True)


def nested_by_absolute_paths(root: Path) -> Path:
    return _nested(root, relative=False)


def two_of_one_name(root: Path) -> Path:
    first = chair(root / "a/chair.blend", RED)
    second = chair(root / "b/chair.blend", GREEN)
    projects.new_scene()
    for library, x in ((first, -1), (second, 1)):
        (made,) = projects.linked(library, "Chair")
        empty = bpy.data.objects.new("Holder", None)
        holder = bpy.data.collections.new("Holder")
        holder.objects.link(made)
        empty.instance_type, empty.instance_collection = "COLLECTION", holder
        empty.location.x = x
        projects.show(empty)
    return projects.save(root / "project/shot.blend")


def two_spellings(root: Path) -> Path:
    """The shot links the chair, and so does a library, by another spelling of its path."""
    library = chair(root / "lib/chair.blend")

    def make() -> bpy.types.Object:
        (made,) = projects.linked(library, "Chair")
        return projects.plane(made.data.materials[0], "Table")

    table = projects.library(root / "lib/table.blend", make)
    projects.new_scene()
    (made,) = projects.linked(table, "Table")
    projects.show(made)
    bpy.context.scene.camera.location.x = 1  # the table's right half, the chair's left half
    chairs = bpy.data.collections.new("Chairs")
    chairs.objects.link(projects.linked(library, "Chair")[0])
    instance = projects.show(bpy.data.objects.new("Chairs", None))
    instance.instance_type, instance.instance_collection = "COLLECTION", chairs
    instance.location = (1.5, 0, 1)
    path = projects.save(root / "project/shot.blend")
    for each in bpy.data.libraries:
        if each.filepath.endswith("chair.blend"):
            each.filepath = "//../project/../lib/chair.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=False)
    return path


def override(root: Path) -> Path:
    library = chair(root / "lib/chair.blend")
    projects.new_scene()
    (made,) = projects.linked(library, "Chair")
    local = projects.show(made).override_create(remap_local_usages=True)
    local.scale.x = 0.5
    return projects.save(root / "project/shot.blend")


def circle(root: Path) -> Path:
    """a.blend shows an object whose material is in b.blend, which has an object using a's mesh."""
    first, second = root / "lib/a.blend", root / "lib/b.blend"
    texture = projects.picture(root / "lib/tex/wood.png")

    def make_material() -> bpy.types.Material:
        made = projects.image_material(bpy.data.images.load(str(texture)))
        made.name = "Wood"
        return made

    projects.library(second, make_material)

    def make_chair() -> bpy.types.Object:
        return projects.plane(projects.linked(second, "Wood", "materials")[0], "Chair")

    projects.library(first, make_chair)
    bpy.ops.wm.open_mainfile(filepath=str(second))
    (mesh,) = projects.linked(first, "Chair", "meshes")
    bpy.data.objects.new("Back", mesh).use_fake_user = True
    projects.save(second)
    return shot(root / "project/shot.blend", first)


CASES: list[Case] = [
    *(linked, above_the_project, by_absolute_path, library_with_absolute_texture),
    *(library_with_texture_elsewhere, world_of_a_library, nested_three_deep),
    *(nested_by_absolute_paths, two_of_one_name, two_spellings, override, circle),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_library_travels(case: Case, tmp_path: Path) -> None:
    check_travels(case, tmp_path)


def _packed_library(root: Path, *, relative: bool) -> Path:
    library = chair(root / "lib/chair.blend", relative=relative)
    projects.new_scene()
    projects.show(bpy.data.pack_linked_ids_hierarchy(projects.linked(library, "Chair")[0]))
    return projects.save(root / "project/shot.blend")


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="Blender packs linked data since 5.0")
@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
def test_packed_linked_data_finds_its_files(relative: bool, tmp_path: Path) -> None:
    manifest = check_travels(lambda root: _packed_library(root, relative=relative), tmp_path)
    assert members(manifest) == ["shot.blend", "files/tex/chair.png"]


def bundled(folder: str, name: str) -> Path:
    """An asset library inside this Blender."""
    return Path(bpy.utils.system_resource("DATAFILES")) / "assets" / folder / name


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="first bundled shading nodes")
def test_node_group_bundled_with_blender_travels(tmp_path: Path) -> None:
    library = bundled("nodes", "shading_nodes_essentials.blend")
    with bpy.data.libraries.load(str(library)) as (offered, _):
        name = sorted(offered.node_groups)[0]
    projects.new_scene()
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.node_groups = [name]
    made, _ = projects.material()
    node = made.node_tree.nodes.new("ShaderNodeGroup")
    (node.node_tree,) = wanted.node_groups
    projects.show(projects.plane(made))
    blend = projects.save(tmp_path / "project/shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    assert members(manifest) == ["shot.blend", "files/shading_nodes_essentials.blend"]


@pytest.mark.skipif(bpy.app.version < (4, 3), reason="brushes are assets since 4.3")
def test_brushes_bundled_with_blender_stay(tmp_path: Path) -> None:
    library = bundled("brushes", "essentials_brushes-mesh_sculpt.blend")
    projects.new_scene()
    projects.show(projects.plane())
    with bpy.data.libraries.load(str(library), link=True) as (offered, wanted):
        wanted.brushes = offered.brushes[:1]
    wanted.brushes[0].use_fake_user = True
    local = bpy.data.brushes.new("Mine", mode="SCULPT")
    local.use_fake_user = True
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend"]


def test_libraries_with_relative_paths_travel_as_they_are(tmp_path: Path) -> None:
    manifest = trace(nested_three_deep(tmp_path / "home"), tmp_path / "scratch")
    libraries = [file for file in manifest.files[1:] if file.name.endswith(".blend")]
    assert len(libraries) == 3
    assert all(Path(file.source).is_relative_to(tmp_path / "home") for file in libraries)


def test_only_libraries_with_wrong_paths_are_rewritten(tmp_path: Path) -> None:
    manifest = trace(library_with_absolute_texture(tmp_path / "home"), tmp_path / "scratch")
    sources = {file.name: Path(file.source) for file in manifest.files}
    assert sources["files/chair.blend"].is_relative_to(tmp_path / "scratch")
    assert sources["files/tex/chair.png"] == tmp_path / "home/lib/tex/chair.png"


def test_library_that_nothing_is_linked_from_stays(tmp_path: Path) -> None:
    used, unused = chair(tmp_path / "a/used.blend"), chair(tmp_path / "b/unused.blend", BLUE)
    projects.new_scene()
    projects.show(projects.linked(used, "Chair")[0])
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(projects.linked(unused, "Chair")[0])
    blend = projects.save(tmp_path / "shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    assert members(manifest) == ["shot.blend", "files/tex/used.png", "files/used.blend"]


def test_missing_library_is_named_once(tmp_path: Path) -> None:
    blend = linked(tmp_path)
    (tmp_path / "project/lib/chair.blend").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/chair.blend")
    assert missing.used_by == 'Library "chair.blend"'


def test_missing_library_of_a_library_is_named(tmp_path: Path) -> None:
    blend = nested_three_deep(tmp_path)
    (tmp_path / "wood/wood.blend").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "wood/wood.blend")


def test_missing_texture_of_a_library_is_named_with_the_library(tmp_path: Path) -> None:
    blend = linked(tmp_path)
    (tmp_path / "project/lib/tex/chair.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/tex/chair.png")
    assert missing.used_by.startswith('Image "chair.png" (linked from ')
    assert missing.used_by.endswith("lib/chair.blend)")


def test_data_block_that_left_its_library_is_named(tmp_path: Path) -> None:
    blend = linked(tmp_path)
    projects.library(tmp_path / "project/lib/chair.blend", lambda: projects.plane(name="Stool"))
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/chair.blend")
    assert missing.used_by.startswith('Object "Chair"')
