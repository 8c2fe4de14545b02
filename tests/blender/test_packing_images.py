"""Images of all kinds travel, and the package renders the same picture somewhere else."""

from pathlib import Path
from typing import Any

import bpy
import pytest

from tests import projects
from tests.packages import Case, check_travels, members, trace


def textured(path: Path) -> bpy.types.Image:
    """Show a plane with the image at `path` in a new scene."""
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(path)))
    projects.show(projects.plane(projects.image_material(image)))
    return image


def relative(root: Path) -> Path:
    textured(root / "project/tex/wood.png")
    return projects.save(root / "project/shot.blend")


def absolute_outside_the_project(root: Path) -> Path:
    textured(root / "shared/wood.png")
    return projects.save(root / "project/shot.blend", relative=False)


def relative_outside_the_project(root: Path) -> Path:
    textured(root / "shared/wood.png")
    return projects.save(root / "a/b/shot.blend")


def spaces_and_letters(root: Path) -> Path:
    textured(root / "Größe & 木 (1)/тек стура ü.png")
    return projects.save(root / "Projekt Ä/Szene 木.blend")


def star_and_question_mark(root: Path) -> Path:
    textured(root / "project/a*b?[c].png")
    return projects.save(root / "project/shot.blend")


def two_files_of_one_name(root: Path) -> Path:
    projects.new_scene()
    for folder, color, x in (("a", (1, 0, 0), -1), ("b", (0, 1, 0), 1)):
        image = bpy.data.images.load(str(projects.picture(root / folder / "wood.png", color)))
        projects.show(projects.plane(projects.image_material(image))).location.x = x
    return projects.save(root / "project/shot.blend")


def already_packed(root: Path) -> Path:
    textured(root / "project/tex/wood.png").pack()
    return projects.save(root / "project/shot.blend")


def openexr(root: Path) -> Path:
    projects.new_scene()
    path = projects.picture(root / "tex/light.exr", kind="OPEN_EXR")
    projects.show(projects.plane(projects.image_material(bpy.data.images.load(str(path)))))
    return projects.save(root / "project/shot.blend")


def symbolic_link(root: Path) -> Path:
    real = projects.picture(root / "store/abc123")
    (root / "project/tex").mkdir(parents=True)
    (root / "project/tex/wood.png").symlink_to(real)
    projects.new_scene()
    image = bpy.data.images.load(str(root / "project/tex/wood.png"))
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend")


def _tiled(root: Path, names: dict[int, str], pattern: str) -> Path:
    projects.new_scene()
    for number, name in names.items():
        color = (number % 7 / 7, number % 5 / 5, number % 3 / 3)
        projects.picture(root / "tex" / name, color)
    image = bpy.data.images.load(str(root / "tex" / names[1001]))
    image.source = "TILED"
    image.filepath = str(root / "tex" / pattern)
    for number in names:
        if number != 1001:
            image.tiles.new(number)
    plane = projects.show(projects.plane(projects.image_material(image)))
    for loop in plane.data.uv_layers[0].data:
        loop.uv *= 2  # tiles 1001, 1002, 1011, 1012
    projects.picture(root / "tex/wood.9999.png")  # no tile of the image
    return projects.save(root / "project/shot.blend")


def udim_numbers(root: Path) -> Path:
    names = {number: f"wood.{number}.png" for number in (1001, 1002, 1011, 1012)}
    return _tiled(root, names, "wood.<UDIM>.png")


def udim_letters(root: Path) -> Path:
    names = {1001: "w_u1_v1.png", 1002: "w_u2_v1.png", 1011: "w_u1_v2.png", 1012: "w_u2_v2.png"}
    return _tiled(root, names, "w_<UVTILE>.png")


def _sequence(root: Path, numbers: list[int], frame: int, offset: int) -> Path:
    scene = projects.new_scene()
    for number in numbers:
        projects.picture(root / f"tex/smoke_{number:03}.png", (number / 20, 0.5, 0.5))
    projects.picture(root / "tex/smoke_other.png")
    image = bpy.data.images.load(str(root / f"tex/smoke_{numbers[0]:03}.png"))
    image.source = "SEQUENCE"
    made = projects.image_material(image)
    (node,) = (n for n in made.node_tree.nodes if n.bl_idname == "ShaderNodeTexImage")
    user = node.image_user
    user.frame_duration, user.frame_start, user.frame_offset = 100, 1, offset
    user.use_auto_refresh = True
    projects.show(projects.plane(made))
    scene.frame_current = frame
    return projects.save(root / "project/shot.blend")


def sequence_with_offset_and_gaps(root: Path) -> Path:
    return _sequence(root, [5, 6, 9, 12], frame=2, offset=7)


def movie(root: Path) -> Path:
    scene = projects.new_scene()
    path = projects.movie(root / "tex/clouds.mp4")
    image = bpy.data.images.load(str(path))
    made = projects.image_material(image)
    (node,) = (n for n in made.node_tree.nodes if n.bl_idname == "ShaderNodeTexImage")
    node.image_user.frame_duration, node.image_user.use_auto_refresh = 4, True
    projects.show(projects.plane(made))
    scene.frame_current = 3
    return projects.save(root / "project/shot.blend")


def world_hdr(root: Path) -> Path:
    scene = projects.new_scene()
    path = projects.picture(root / "hdri/sky.hdr", kind="HDR", size=16)
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    scene.world = world
    node = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = bpy.data.images.load(str(path))
    background = world.node_tree.nodes["Background"]
    world.node_tree.links.new(node.outputs[0], background.inputs[0])
    return projects.save(root / "project/shot.blend")


def light_only(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/gobo.png")))
    light = bpy.data.lights.new("Lamp", "AREA")
    light.energy, light.use_nodes = 100, True
    tree = light.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs[0], tree.nodes["Emission"].inputs[0])
    projects.show(bpy.data.objects.new("Lamp", light)).location.z = 1
    shown = bpy.data.materials.new("Grey")
    projects.show(projects.plane(shown))
    return projects.save(root / "project/shot.blend")


def in_nested_node_groups(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    inner = _image_group("Inner", lambda tree: _image_node(tree, image))
    outer = _image_group("Outer", lambda tree: _group_node(tree, inner))
    made, emission = projects.material()
    node = _group_node(made.node_tree, outer)
    made.node_tree.links.new(node.outputs[0], emission.inputs[0])
    projects.show(projects.plane(made))
    return projects.save(root / "project/shot.blend")


def _image_group(name: str, make: Any) -> bpy.types.NodeTree:
    group = bpy.data.node_groups.new(name, "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    group.links.new(make(group).outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    return group


def _image_node(tree: Any, image: Any) -> Any:
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image, node.interpolation = image, "Closest"
    return node


def _group_node(tree: Any, group: Any) -> Any:
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    return node


def compositor_only(root: Path) -> Path:
    scene = projects.new_scene()
    projects.show(projects.plane())
    picture = projects.picture(root / "tex/overlay.png", size=projects.SIZE)
    projects.compositor(scene, "CompositorNodeImage").image = bpy.data.images.load(str(picture))
    return projects.save(root / "project/shot.blend")


def geometry_nodes_only(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/height.png", size=64)))
    grid = projects.show(projects.plane(projects.material()[0]))
    projects.displace_by_image(grid, image)
    return projects.save(root / "project/shot.blend")


CASES: list[Case] = [
    *(relative, absolute_outside_the_project, relative_outside_the_project, spaces_and_letters),
    *(star_and_question_mark, two_files_of_one_name, already_packed, openexr, symbolic_link),
    *(udim_numbers, udim_letters, movie, world_hdr, light_only, in_nested_node_groups),
    *(compositor_only, geometry_nodes_only),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_image_travels(case: Case, tmp_path: Path) -> None:
    check_travels(case, tmp_path)


def test_whole_sequence_travels(tmp_path: Path) -> None:
    manifest = check_travels(sequence_with_offset_and_gaps, tmp_path, seen=False)
    found = [name for name in members(manifest) if "smoke" in name]
    assert found == [f"files/smoke_{n:03}.png" for n in (5, 6, 9, 12)]


def test_packed_image_makes_a_single_blend(tmp_path: Path) -> None:
    manifest = check_travels(already_packed, tmp_path)
    assert members(manifest) == ["shot.blend"]


def test_image_of_a_brush_only_stays(tmp_path: Path) -> None:
    textured(tmp_path / "tex/wood.png")
    brush = bpy.data.brushes.new("Chalk", mode="TEXTURE_PAINT")
    brush.use_fake_user = True
    brush.texture = bpy.data.textures.new("Chalk", "IMAGE")
    brush.texture.image = bpy.data.images.load(str(projects.picture(tmp_path / "tex/chalk.png")))
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/wood.png"]


def test_image_that_is_only_painted_on_stays(tmp_path: Path) -> None:
    textured(tmp_path / "tex/wood.png")
    canvas = bpy.data.images.load(str(projects.picture(tmp_path / "tex/canvas.png")))
    bpy.context.scene.tool_settings.image_paint.canvas = canvas
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/wood.png"]


def test_missing_images_are_named_with_their_data_block(tmp_path: Path) -> None:
    image = textured(tmp_path / "tex/wood.png")
    image.name = "Old wood"
    blend = projects.save(tmp_path / "shot.blend")
    (tmp_path / "tex/wood.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/wood.png")
    assert missing.datablock == "Old wood"
    assert missing.used_by == 'Image "Old wood"'


def test_missing_tile_is_named(tmp_path: Path) -> None:
    blend = udim_numbers(tmp_path)
    (tmp_path / "tex/wood.1011.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/wood.1011.png")


def test_missing_sequence_is_named(tmp_path: Path) -> None:
    blend = sequence_with_offset_and_gaps(tmp_path)
    for path in (tmp_path / "tex").glob("smoke_0*"):
        path.unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/smoke_005.png")
