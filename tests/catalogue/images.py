"""Images of all kinds: on surfaces, in worlds, lights, the compositor and geometry nodes."""

from pathlib import Path
from typing import Any

import bpy

from tests import projects
from tests.catalogue.case import case


def textured(path: Path) -> bpy.types.Image:
    """Show a plane with the image at `path` in a new scene."""
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(path)))
    projects.show(projects.plane(projects.image_material(image)))
    return image


@case()
def relative(root: Path) -> Path:
    textured(root / "project/tex/wood.png")
    return projects.save(root / "project/shot.blend")


@case()
def absolute_outside_the_project(root: Path) -> Path:
    textured(root / "shared/wood.png")
    return projects.save(root / "project/shot.blend", relative=False)


@case()
def relative_outside_the_project(root: Path) -> Path:
    textured(root / "shared/wood.png")
    return projects.save(root / "a/b/shot.blend")


@case()
def spaces_and_letters(root: Path) -> Path:
    textured(root / "Größe & 木 (1)/тек стура ü.png")
    return projects.save(root / "Projekt Ä/Szene 木.blend")


@case()
def star_and_question_mark(root: Path) -> Path:
    textured(root / "project/a*b?[c].png")
    return projects.save(root / "project/shot.blend")


@case()
def two_files_of_one_name(root: Path) -> Path:
    projects.new_scene()
    for folder, color, x in (("a", (1, 0, 0), -1), ("b", (0, 1, 0), 1)):
        image = bpy.data.images.load(str(projects.picture(root / folder / "wood.png", color)))
        projects.show(projects.plane(projects.image_material(image))).location.x = x
    return projects.save(root / "project/shot.blend")


@case()
def already_packed(root: Path) -> Path:
    textured(root / "project/tex/wood.png").pack()
    return projects.save(root / "project/shot.blend")


@case()
def openexr(root: Path) -> Path:
    projects.new_scene()
    path = projects.picture(root / "tex/light.exr", kind="OPEN_EXR")
    projects.show(projects.plane(projects.image_material(bpy.data.images.load(str(path)))))
    return projects.save(root / "project/shot.blend")


@case()
def symbolic_link(root: Path) -> Path:
    real = projects.picture(root / "store/abc123")
    (root / "project/tex").mkdir(parents=True)
    (root / "project/tex/wood.png").symlink_to(real)
    projects.new_scene()
    image = bpy.data.images.load(str(root / "project/tex/wood.png"))
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend")


@case()
def folder_behind_a_symbolic_link(root: Path) -> Path:
    projects.picture(root / "store/2026/wood.png")
    (root / "project").mkdir()
    (root / "project/tex").symlink_to(root / "store/2026", target_is_directory=True)
    projects.new_scene()
    image = bpy.data.images.load(str(root / "project/tex/wood.png"))
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend")


@case()
def generated(root: Path) -> Path:
    """Blender generates the image when it opens the file: nothing is packed."""
    projects.new_scene()
    image = bpy.data.images.new("Grid", 64, 64)
    image.generated_type = "COLOR_GRID"
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend")


def _paint(image: bpy.types.Image) -> None:
    image.pixels[:] = [0.5] * len(image.pixels)


@case(stops="unsaved-image")
def painted_and_not_saved(root: Path) -> Path:
    image = textured(root / "project/tex/wood.png")
    blend = projects.save(root / "project/shot.blend")
    _paint(image)
    return blend


@case(stops="unsaved-image")
def generated_painted_and_not_saved(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.new("Canvas", 8, 8)
    projects.show(projects.plane(projects.image_material(image)))
    blend = projects.save(root / "project/shot.blend")
    _paint(image)
    return blend


@case(stops="missing-file")
def missing_texture(root: Path) -> Path:
    textured(root / "project/tex/wood.png")
    blend = projects.save(root / "project/shot.blend")
    (root / "project/tex/wood.png").unlink()
    return blend


@case(stops="missing-file")
def missing_tile(root: Path) -> Path:
    blend = udim_numbers(root)
    (root / "tex/wood.1011.png").unlink()
    return blend


@case(stops="missing-file")
def missing_frame_of_a_sequence(root: Path) -> Path:
    """The missing frame is the one that the rendered frame shows."""
    return _sequence(root, [5, 6, 9, 12], frame=3, offset=7)


@case()
def texture_of_a_brush_only(root: Path) -> Path:
    """Not packed, like canvases and reference images."""
    textured(root / "project/tex/wood.png")
    brush = bpy.data.brushes.new("Chalk", mode="TEXTURE_PAINT")
    brush.use_fake_user = True
    brush.texture = bpy.data.textures.new("Chalk", "IMAGE")
    brush.texture.image = bpy.data.images.load(str(projects.picture(root / "tex/chalk.png")))
    canvas = bpy.data.images.load(str(projects.picture(root / "tex/canvas.png")))
    bpy.context.scene.tool_settings.image_paint.canvas = canvas
    return projects.save(root / "project/shot.blend")


@case()
def background_of_a_camera(root: Path) -> Path:
    """Visible in the viewport only: not packed."""
    textured(root / "project/tex/wood.png")
    camera = bpy.context.scene.camera.data
    camera.show_background_images = True
    picture = projects.picture(root / "project/tex/sketch.png")
    camera.background_images.new().image = bpy.data.images.load(str(picture))
    return projects.save(root / "project/shot.blend")


@case()
def image_of_an_empty(root: Path) -> Path:
    """A reference image: not packed."""
    textured(root / "project/tex/wood.png")
    empty = projects.show(bpy.data.objects.new("Reference", None))
    empty.empty_display_type = "IMAGE"
    empty.data = bpy.data.images.load(str(projects.picture(root / "project/tex/sketch.png")))
    return projects.save(root / "project/shot.blend")


@case()
def texture_of_a_modifier(root: Path) -> Path:
    projects.new_scene()
    texture = bpy.data.textures.new("Height", "IMAGE")
    texture.image = bpy.data.images.load(str(projects.picture(root / "tex/height.png")))
    plane = projects.show(projects.plane(projects.material()[0]))
    modifier = plane.modifiers.new("Displace", "DISPLACE")
    modifier.texture, modifier.direction, modifier.texture_coords = texture, "X", "UV"
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
    projects.picture(root / "tex/wood.9999.png")  # not a tile of the image
    return projects.save(root / "project/shot.blend")


@case()
def udim_numbers(root: Path) -> Path:
    names = {number: f"wood.{number}.png" for number in (1001, 1002, 1011, 1012)}
    return _tiled(root, names, "wood.<UDIM>.png")


@case()
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


@case(travels=("smoke_005.png", "smoke_009.png", "smoke_012.png"), frames=(2, 5))
def sequence_with_offset_and_gaps(root: Path) -> Path:
    return _sequence(root, [5, 6, 9, 12], frame=2, offset=7)


@case()
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


def _sky(path: Path) -> None:
    """Show the picture at `path` as the environment of a new scene."""
    scene = projects.new_scene()
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    scene.world = world
    node = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = bpy.data.images.load(str(path))
    background = world.node_tree.nodes["Background"]
    world.node_tree.links.new(node.outputs[0], background.inputs[0])


@case()
def world_hdr(root: Path) -> Path:
    _sky(projects.picture(root / "hdri/sky.hdr", kind="HDR", size=16))
    return projects.save(root / "project/shot.blend")


@case()
def world_openexr(root: Path) -> Path:
    _sky(projects.picture(root / "hdri/sky.exr", kind="OPEN_EXR", size=16))
    return projects.save(root / "project/shot.blend")


@case()
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


@case()
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


@case()
def compositor_only(root: Path) -> Path:
    scene = projects.new_scene()
    projects.show(projects.plane())
    picture = projects.picture(root / "tex/overlay.png", size=projects.SIZE)
    projects.compositor(scene, "CompositorNodeImage").image = bpy.data.images.load(str(picture))
    return projects.save(root / "project/shot.blend")


@case()
def geometry_nodes_only(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/height.png", size=64)))
    grid = projects.show(projects.plane(projects.material()[0]))
    projects.displace_by_image(grid, image)
    return projects.save(root / "project/shot.blend")


def _shout(root: Path) -> None:
    (root / "project/tex/wood.png").rename(root / "project/tex/Wood.PNG")
    (root / "project/tex").rename(root / "project/TEX")


@case(then=_shout)
def wrong_case_in_the_path(root: Path) -> Path:
    """Like a project made on Windows that is opened on Linux, where Blender loads no texture."""
    textured(root / "project/tex/wood.png")
    return projects.save(root / "project/shot.blend")


@case(before=(5, 0), reason="since 5.0 a compositor has no switch of its own")
def compositor_switched_off(root: Path) -> Path:
    """The image is not used: a packed file that does not affect the picture fails the test."""
    scene = projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    picture = projects.picture(root / "tex/overlay.png", size=projects.SIZE)
    projects.compositor(scene, "CompositorNodeImage").image = bpy.data.images.load(str(picture))
    scene.use_nodes = False
    return projects.save(root / "project/shot.blend")


@case(travels=("wood_L.png", "wood_R.png"))
def stereo(root: Path) -> Path:
    scene = projects.new_scene()
    scene.render.use_multiview = True
    projects.picture(root / "tex/wood_L.png", (1, 0, 0))
    projects.picture(root / "tex/wood_R.png", (0, 1, 0))
    image = bpy.data.images.load(str(root / "tex/wood_L.png"))
    image.use_multiview, image.views_format = True, "INDIVIDUAL"
    projects.show(projects.plane(projects.image_material(image)))
    scene.render.use_multiview = False
    return projects.save(root / "project/shot.blend")


@case()
def multilayer_openexr(root: Path) -> Path:
    scene = projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # since 5.0
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = str(root / "tex/layers.exr")
    (root / "tex").mkdir(parents=True)
    bpy.ops.render.render(write_still=True)
    scene = projects.new_scene()
    projects.show(projects.plane())
    node = projects.compositor(scene, "CompositorNodeImage")
    node.image = bpy.data.images.load(str(root / "tex/layers.exr"))
    combined = next(socket for socket in node.outputs if socket.enabled)
    end = next(n for n in node.id_data.nodes if n != node)
    node.id_data.links.new(combined, end.inputs[0])
    return projects.save(root / "project/shot.blend")


@case(since=(9, 0), reason="Blender draws grease pencil on a GPU only; a test looks at the list")
def grease_pencil_material(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/paper.png")))
    material = bpy.data.materials.new("Paper")
    bpy.data.materials.create_gpencil_data(material)
    style = material.grease_pencil
    style.show_fill, style.show_stroke, style.fill_style = True, False, "TEXTURE"
    style.fill_image = image
    corners = [(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)]
    if bpy.app.version < (4, 3):
        pencil = bpy.data.grease_pencils.new("Pencil")
        frame = pencil.layers.new("Layer").frames.new(1)
        stroke = frame.strokes.new()
        stroke.points.add(4)
    else:
        # Until 5.0, grease pencil has its old name besides the new one.
        kind = "grease_pencils_v3" if hasattr(bpy.data, "grease_pencils_v3") else "grease_pencils"
        pencil = getattr(bpy.data, kind).new("Pencil")
        drawing = pencil.layers.new("Layer").frames.new(1).drawing
        drawing.add_strokes([4])
        stroke = drawing.strokes[0]
    for point, (x, y) in zip(stroke.points, corners, strict=True):
        if hasattr(point, "co"):
            point.co = (x, y, 0)
        else:
            point.position = (x, y, 0)
    pencil.materials.append(material)
    projects.show(bpy.data.objects.new("Pencil", pencil))
    return projects.save(root / "project/shot.blend")


def _clip_frames(root: Path) -> str:
    for number in (1, 2, 3):
        color = (number / 3, 0.2, 0.2)
        projects.picture(root / f"plate/p_{number:04}.png", color, size=projects.SIZE)
    return str(root / "plate/p_0001.png")


@case(travels=("p_0001.png", "p_0002.png", "p_0003.png"), frames=(1, 2, 3))
def movie_clip_from_a_sequence(root: Path) -> Path:
    first = _clip_frames(root)
    scene = projects.new_scene()
    clip = bpy.data.movieclips.load(first)
    projects.compositor(scene, "CompositorNodeMovieClip").clip = clip
    scene.frame_current = 2
    return projects.save(root / "project/shot.blend")
