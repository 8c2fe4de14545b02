"""Makes small projects with bpy, whose picture depends on the file under test.

Every scene is a plane seen from above by an orthographic camera, 32x32, one Cycles sample. Blender
has one global state: each function that makes a file starts from an empty one.
"""

import importlib.util
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

SIZE = 32
FONTS = Path(bpy.utils.system_resource("DATAFILES")) / "fonts"
WAV = (
    b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\x08\0\0\0"
    + b"\x80" * 8
)
Color = tuple[float, float, float]


def new_scene() -> bpy.types.Scene:
    """Empty Blender and set up the camera and a tiny deterministic render."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    render_quickly(scene)
    scene.view_settings.view_transform = "Standard"
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2
    camera.location.z = 5
    scene.collection.objects.link(camera)
    scene.camera = camera
    return scene


def render_quickly(scene: bpy.types.Scene) -> None:
    """Make the render of `scene` tiny, and the same each time."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling = False
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.threads_mode, scene.render.threads = "FIXED", 1


def plane(material: bpy.types.Material | None = None, name: str = "Plane") -> bpy.types.Object:
    """A plane that fills the picture; UVs run over the unit square. Not linked to a scene."""
    mesh = bpy.data.meshes.new(name)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    mesh.from_pydata([(x, y, 0) for x, y in corners], [], [(0, 1, 2, 3)])
    layer = mesh.uv_layers.new(name="UVMap")
    for loop, (x, y) in zip(layer.data, corners, strict=True):
        loop.uv = ((x + 1) / 2, (y + 1) / 2)
    if material is not None:
        mesh.materials.append(material)
    return bpy.data.objects.new(name, mesh)


def show(object: bpy.types.Object) -> bpy.types.Object:
    bpy.context.scene.collection.objects.link(object)
    return object


def material(name: str = "Material") -> tuple[bpy.types.Material, Any]:
    """A material that emits its color, and its emission node."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    emission = tree.nodes.new("ShaderNodeEmission")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(emission.outputs[0], output.inputs[0])
    return made, emission


def image_material(image: bpy.types.Image) -> bpy.types.Material:
    """A material that emits `image`."""
    made, emission = material(image.name)
    node = made.node_tree.nodes.new("ShaderNodeTexImage")
    node.image, node.interpolation = image, "Closest"
    made.node_tree.links.new(node.outputs["Color"], emission.inputs["Color"])
    return made


def picture(path: Path, color: Color = (0.8, 0.3, 0.1), kind: str = "PNG", size: int = 8) -> Path:
    """Write an image file with a gradient of `color`, and leave no image in the open file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = bpy.data.images.new("picture", size, size, float_buffer=kind in ("OPEN_EXR", "HDR"))
    pixels = []
    for y in range(size):
        for x in range(size):
            pixels += [color[0] * x / size, color[1] * y / size, color[2], 1.0]
    image.pixels[:] = pixels
    image.file_format = kind
    image.filepath_raw = str(path)
    image.save()
    bpy.data.images.remove(image)
    return path


def save(path: Path, *, relative: bool = True) -> Path:
    """Save the open file at `path`, with relative or absolute paths to its files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=False)
    if relative:
        bpy.ops.file.make_paths_relative()
        bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=False)
    return path


def copy(blend: Path, to: Path) -> Path:
    """Open the project and save a copy of it at `to`, as the extension does."""
    from renderjuice.scene.copy import save_copy  # the relocated Blender lacks this package

    bpy.ops.wm.open_mainfile(filepath=str(blend))
    to.parent.mkdir(parents=True, exist_ok=True)
    save_copy(str(to))
    return to


def render(blend: Path, to: Path, *, frame: int | None = None) -> list[float]:
    """Open `blend`, render its scene (one frame) into the PNG `to`, and return the pixels."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    scene = bpy.context.scene
    if frame is not None:
        scene.frame_set(frame)
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "16"
    to.unlink(missing_ok=True)
    scene.render.filepath = str(to)
    bpy.ops.render.render(write_still=True)
    return pixels(to)


def pixels(path: Path) -> list[float]:
    image = bpy.data.images.load(str(path))
    found = list(image.pixels)
    bpy.data.images.remove(image)
    return found


def linked(library: Path, names: str, kind: str = "objects") -> list[Any]:
    """Link the data-blocks `names` (space-separated) of `kind` from `library`."""
    return linked_by_name(library, *names.split(), kind=kind)


def linked_by_name(library: Path, *names: str, kind: str) -> list[Any]:
    """Link data-blocks whose names may contain spaces."""
    with bpy.data.libraries.load(str(library), link=True) as (_, to):
        setattr(to, kind, list(names))
    return list(getattr(to, kind))


def library(path: Path, make: Callable[[], bpy.types.ID], *, relative: bool = True) -> Path:
    """Save a library with the one data-block that `make` returns (kept by a fake user)."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = make()
    made.use_fake_user = True
    return save(path, relative=relative)


def movie(path: Path, frames: int = 4) -> Path:
    """Write a small movie, whose color changes with each frame, rendered from a temporary scene."""
    scene = bpy.data.scenes.new("Movie")
    editor = scene.sequence_editor_create()
    for frame in range(1, frames + 1):
        strip = strips(editor).new_effect(
            f"{frame}", "COLOR", channel=1, frame_start=frame, **_length(frame, 1)
        )
        strip.color = (frame / frames, 0.5, 1 - frame / frames)
    render = scene.render
    render.resolution_x = render.resolution_y = SIZE
    scene.frame_start, scene.frame_end = 1, frames
    if hasattr(render.image_settings, "media_type"):  # since 5.0
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.ffmpeg.format, render.ffmpeg.codec = "MPEG4", "H264"
    path.parent.mkdir(parents=True, exist_ok=True)
    render.filepath, render.use_file_extension = str(path), False
    bpy.ops.render.render(animation=True, scene=scene.name)
    bpy.data.scenes.remove(scene)
    assert path.is_file(), list(path.parent.iterdir())
    return path


def strips(editor: Any) -> Any:
    """The editor's strips, named `sequences` before Blender 4.4."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def _length(frame: int, frames: int) -> dict[str, int]:
    return {"length": frames} if bpy.app.version >= (5, 0) else {"frame_end": frame + frames}


def compositor(scene: bpy.types.Scene, kind: str) -> Any:
    """Make the compositor output only one new node of `kind`, and return the node."""
    if hasattr(scene, "compositing_node_group"):  # since 5.0
        tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        end = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    node = tree.nodes.new(kind)
    tree.links.new(node.outputs[0], end.inputs[0])
    return node


def has_osl() -> bool:
    """Whether Blender can make an OSL script's sockets: since 4.5 it needs the oslquery module."""
    return bpy.app.version < (4, 5) or importlib.util.find_spec("oslquery") is not None


def displace_by_image(object: bpy.types.Object, image: bpy.types.Image) -> None:
    """Displace the vertices of `object` by the colors of `image`, an input of geometry nodes."""
    group = bpy.data.node_groups.new("Displace", "GeometryNodeTree")
    interface = group.interface
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    socket = interface.new_socket("Image", in_out="INPUT", socket_type="NodeSocketImage")
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = group.nodes, group.links
    start, end = nodes.new("NodeGroupInput"), nodes.new("NodeGroupOutput")
    texture, move = nodes.new("GeometryNodeImageTexture"), nodes.new("GeometryNodeSetPosition")
    position = nodes.new("GeometryNodeInputPosition")
    links.new(start.outputs["Image"], texture.inputs["Image"])
    links.new(position.outputs[0], texture.inputs["Vector"])
    links.new(start.outputs["Geometry"], move.inputs["Geometry"])
    links.new(texture.outputs["Color"], move.inputs["Offset"])
    links.new(move.outputs[0], end.inputs[0])
    modifier = object.modifiers.new("Displace", "NODES")
    modifier.node_group = group
    if bpy.app.version >= (5, 2):
        getattr(modifier.properties.inputs, socket.identifier).value = image
    else:
        modifier[socket.identifier] = image


def simulation_zone(factor: tuple[float, float, float]) -> tuple[Any, Any]:
    """A group of geometry nodes that scales a mesh by a factor with each frame, and its socket."""
    group = bpy.data.node_groups.new("Simulation", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Mesh", in_out=in_out, socket_type="NodeSocketGeometry")
    begin = group.nodes.new("GeometryNodeSimulationInput")
    end = group.nodes.new("GeometryNodeSimulationOutput")
    begin.pair_with_output(end)
    scale = group.nodes.new("GeometryNodeTransform")
    nodes = [group.nodes.new("NodeGroupInput"), begin, scale, end]
    for one, next_one in itertools.pairwise([*nodes, group.nodes.new("NodeGroupOutput")]):
        out = next(s for s in one.outputs if s.type == "GEOMETRY")
        into = next(s for s in next_one.inputs if s.type == "GEOMETRY")
        group.links.new(out, into)
    scale.inputs["Scale"].default_value = factor
    return group, scale.inputs["Scale"]
