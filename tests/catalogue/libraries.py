"""Libraries: linked, nested, overridden, linked in a circle, with the same name."""

from collections.abc import Callable
from pathlib import Path

import bpy

from tests import projects
from tests.catalogue.case import case

RED, GREEN, BLUE = (1.0, 0.1, 0.1), (0.1, 1.0, 0.1), (0.1, 0.1, 1.0)


def textured(texture: Path, name: str = "Chair") -> Callable[[], bpy.types.Object]:
    """A function that makes a plane with the image at `texture` in the open file."""

    def make() -> bpy.types.Object:
        image = bpy.data.images.load(str(texture))
        return projects.plane(projects.image_material(image), name)

    return make


def chair(path: Path, color: projects.Color = RED, *, relative: bool = True) -> Path:
    """A library with an object Chair; its texture is in the folder `tex` beside it."""
    texture = projects.picture(path.parent / f"tex/{path.stem}.png", color)
    return projects.library(path, textured(texture), relative=relative)


def shot(path: Path, library: Path, *, relative: bool = True) -> Path:
    """A project that shows the Chair of `library`."""
    projects.new_scene()
    projects.show(projects.linked(library, "Chair")[0])
    return projects.save(path, relative=relative)


@case()
def linked(root: Path) -> Path:
    return shot(root / "project/shot.blend", chair(root / "project/lib/chair.blend"))


@case()
def above_the_project(root: Path) -> Path:
    return shot(root / "a/b/shot.blend", chair(root / "shared/chair.blend"))


@case()
def by_absolute_path(root: Path) -> Path:
    return shot(root / "a/shot.blend", chair(root / "lib/chair.blend"), relative=False)


@case()
def library_with_absolute_texture(root: Path) -> Path:
    return shot(root / "a/shot.blend", chair(root / "lib/chair.blend", relative=False))


@case()
def library_with_texture_elsewhere(root: Path) -> Path:
    texture = projects.picture(root / "textures/Holz ä.png")
    library = projects.library(root / "lib/Stühle 1/chair.blend", textured(texture))
    return shot(root / "a/shot.blend", library)


@case()
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


@case()
def nested_three_deep(root: Path) -> Path:
    return _nested(root, relative=True)


@case()
def nested_by_absolute_paths(root: Path) -> Path:
    return _nested(root, relative=False)


@case()
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


@case()
def two_spellings(root: Path) -> Path:
    """The shot and a library both link the chair, with different spellings of its path."""
    library = chair(root / "lib/chair.blend")

    def make() -> bpy.types.Object:
        (made,) = projects.linked(library, "Chair")
        return projects.plane(made.data.materials[0], "Table")

    table = projects.library(root / "lib/table.blend", make)
    projects.new_scene()
    (made,) = projects.linked(table, "Table")
    projects.show(made)
    bpy.context.scene.camera.location.x = 1  # table's right half, chair's left half
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


@case()
def override(root: Path) -> Path:
    library = chair(root / "lib/chair.blend")
    projects.new_scene()
    (made,) = projects.linked(library, "Chair")
    local = projects.show(made).override_create(remap_local_usages=True)
    local.scale.x = 0.5
    return projects.save(root / "project/shot.blend")


@case()
def circle(root: Path) -> Path:
    """a.blend uses a material of b.blend, which has an object with a mesh of a.blend."""
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


@case()
def back_to_the_shot(root: Path) -> Path:
    """A library's Chair takes its material from the shot: Blender shows it without.

    The Table has its own, and its texture is at another relative path once the library is packed.
    """
    blend, texture = root / "shots/shot.blend", projects.picture(root / "tex/wood.png")

    def make_material() -> bpy.types.Material:
        made, emission = projects.material("Paint")
        emission.inputs["Color"].default_value = (*GREEN, 1)
        return made

    projects.library(blend, make_material)

    def make_furniture() -> bpy.types.Collection:
        chair = projects.plane(projects.linked(blend, "Paint", "materials")[0], "Chair")
        table = textured(texture, "Table")()
        table.location.z, table.scale = 1, (0.5, 0.5, 0.5)
        furniture = bpy.data.collections.new("Furniture")
        furniture.objects.link(chair)
        furniture.objects.link(table)
        return furniture

    library = projects.library(root / "lib/chairs/chairs.blend", make_furniture)
    projects.new_scene()
    make_material().use_fake_user = True
    projects.save(blend)
    empty = projects.show(bpy.data.objects.new("Empty", None))
    (collection,) = projects.linked(library, "Furniture", "collections")
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    return projects.save(blend)


def _packed(root: Path, *, relative: bool) -> Path:
    library = chair(root / "lib/chair.blend", relative=relative)
    projects.new_scene()
    projects.show(bpy.data.pack_linked_ids_hierarchy(projects.linked(library, "Chair")[0]))
    return projects.save(root / "project/shot.blend")


NO_PACKED = "Blender packs linked data since 5.0"


@case(since=(5, 0), reason=NO_PACKED)
def packed(root: Path) -> Path:
    return _packed(root, relative=True)


@case(since=(5, 0), reason=NO_PACKED)
def packed_by_absolute_path(root: Path) -> Path:
    return _packed(root, relative=False)


@case()
def collection_instance(root: Path) -> Path:
    texture = projects.picture(root / "lib/tex/wood.png")

    def make() -> bpy.types.Collection:
        made = bpy.data.collections.new("Set")
        made.objects.link(textured(texture)())
        return made

    library = projects.library(root / "lib/set.blend", make)
    projects.new_scene()
    instance = projects.show(bpy.data.objects.new("Set", None))
    instance.instance_type = "COLLECTION"
    (instance.instance_collection,) = projects.linked(library, "Set", "collections")
    return projects.save(root / "project/shot.blend")


@case()
def behind_a_symbolic_link(root: Path) -> Path:
    real = chair(root / "lib/chair_v3.blend")
    (root / "lib/chair.blend").symlink_to(real)
    return shot(root / "project/shot.blend", root / "lib/chair.blend")


@case(stops="missing-library")
def missing(root: Path) -> Path:
    library = chair(root / "lib/chair.blend")
    blend = shot(root / "project/shot.blend", library)
    library.unlink()
    return blend


@case(stops="missing-library")
def missing_library_of_a_library(root: Path) -> Path:
    blend = nested_three_deep(root)
    (root / "wood/wood.blend").unlink()
    return blend


@case(stops="missing-file")
def missing_texture_of_a_library(root: Path) -> Path:
    blend = linked(root)
    (root / "project/lib/tex/chair.png").unlink()
    return blend


ASSETS = Path(bpy.utils.system_resource("DATAFILES")) / "assets"


def bundled(name: str, kind: str) -> Path:
    """The library that is bundled with Blender and contains the data-block `name`."""
    for path in sorted(ASSETS.rglob("*.blend")):
        with bpy.data.libraries.load(str(path)) as (found, _):
            if name in getattr(found, kind):
                return path
    raise AssertionError(f"{name} does not come with this Blender")


@case()
def node_group_of_blender_itself(root: Path) -> Path:
    """The edges are sharp only if the group is found."""
    projects.new_scene()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=8, ring_count=6)
    ball = bpy.context.object
    ball.data.polygons.foreach_set("use_smooth", [True] * len(ball.data.polygons))
    made, emission = projects.material()
    geometry = made.node_tree.nodes.new("ShaderNodeNewGeometry")
    made.node_tree.links.new(geometry.outputs["Normal"], emission.inputs["Color"])
    ball.data.materials.append(made)
    path = bundled("Smooth by Angle", "node_groups")
    (group,) = projects.linked_by_name(path, "Smooth by Angle", kind="node_groups")
    ball.modifiers.new("Smooth by Angle", "NODES").node_group = group
    return projects.save(root / "project/shot.blend", relative=False)


@case(since=(4, 3), reason="Blender's brushes are in libraries since 4.3")
def brush_of_blender_itself(root: Path) -> Path:
    """Not packed: no render needs it."""
    projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    path = bundled("Paint Soft", "brushes")
    (brush,) = projects.linked_by_name(path, "Paint Soft", kind="brushes")
    brush.use_fake_user = True
    return projects.save(root / "project/shot.blend", relative=False)
