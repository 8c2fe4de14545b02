"""Fonts, movies, strips, light profiles, shaders and what modifiers read."""

import itertools
import struct
from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue.case import case

IES = """IESNA:LM-63-1995
TILT=NONE
1 1000 1 3 1 1 2 0.1 0.1 0.1
1 1 10
0 45 90
0
1000 200 0
"""
OSL = """#include "tint.h"
shader stripes(output color Shine = 0) {
  Shine = color(u, TINT, mod(P[0] * 8, 1.0));
}
"""


@case()
def font(root: Path) -> Path:
    projects.new_scene()
    path = root / "fonts/Schrift 1.woff2"
    path.parent.mkdir(parents=True)
    # Any font except Blender's fallback font.
    path.write_bytes((projects.FONTS / "DejaVuSansMono.woff2").read_bytes())
    curve = bpy.data.curves.new("Text", "FONT")
    curve.body, curve.size = "ag&%", 0.8
    curve.font = bpy.data.fonts.load(str(path))
    curve.materials.append(projects.material()[0])
    projects.show(bpy.data.objects.new("Text", curve)).location.x = -0.9
    return projects.save(root / "project/shot.blend")


@case()
def movie_clip_in_the_compositor(root: Path) -> Path:
    scene = projects.new_scene()
    clip = bpy.data.movieclips.load(str(projects.movie(root / "clips/plate.mp4")))
    projects.compositor(scene, "CompositorNodeMovieClip").clip = clip
    scene.frame_current = 2
    return projects.save(root / "project/shot.blend")


@case(travels=("clouds.mp4", "hand picked.png", "zz.png"))
def image_and_movie_strips(root: Path) -> Path:
    scene = projects.new_scene()
    clouds = projects.movie(root / "clips/clouds.mp4")
    first = projects.picture(root / "pictures/zz.png", (1, 0, 0))
    second = projects.picture(root / "pictures/hand picked.png", (0, 1, 0))
    strips = projects.strips(scene.sequence_editor_create())
    low = strips.new_movie("Clouds", str(clouds), channel=1, frame_start=1)
    low.transform.scale_x = 0.5
    high = strips.new_image("Picked", str(first), channel=2, frame_start=1)
    high.elements.append(second.name)
    high.transform.scale_x = 0.25
    scene.frame_current = 2
    return projects.save(root / "project/shot.blend")


@case()
def scene_strip_with_texture(root: Path) -> Path:
    scene = projects.new_scene()
    scene.name = "Edit"
    other = scene.copy()
    other.name = "Shot"
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    other.collection.objects.link(projects.plane(projects.image_material(image)))
    strips = projects.strips(scene.sequence_editor_create())
    strips.new_scene("Shot", other, channel=1, frame_start=1)
    return projects.save(root / "project/shot.blend")


@case()
def ies_light(root: Path) -> Path:
    projects.new_scene()
    path = root / "ies/spot.ies"
    path.parent.mkdir(parents=True)
    path.write_text(IES, encoding="utf-8")
    lamp = bpy.data.lights.new("Lamp", "POINT")
    lamp.energy, lamp.use_nodes, lamp.shadow_soft_size = 0.05, True, 0
    node = lamp.node_tree.nodes.new("ShaderNodeTexIES")
    node.mode, node.filepath = "EXTERNAL", str(path)
    strength = lamp.node_tree.nodes["Emission"].inputs["Strength"]
    lamp.node_tree.links.new(node.outputs[0], strength)
    projects.show(bpy.data.objects.new("Lamp", lamp)).location.z = 0.5
    projects.show(projects.plane(bpy.data.materials.new("Grey")))
    node.filepath = "//../ies/spot.ies"
    return projects.save(root / "project/shot.blend")


@case()
def alembic(root: Path) -> Path:
    """A plane that an Alembic file makes smaller."""
    projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    path = root / "caches/plane.abc"
    path.parent.mkdir(parents=True)
    for vertex in plane.data.vertices:
        vertex.co *= 0.5
    bpy.context.view_layer.update()
    bpy.ops.wm.alembic_export(filepath=str(path), start=1, end=1, as_background_job=False)
    for vertex in plane.data.vertices:
        vertex.co *= 2
    bpy.ops.cachefile.open(filepath=str(path))
    modifier = plane.modifiers.new("Cache", "MESH_SEQUENCE_CACHE")
    (modifier.cache_file,) = bpy.data.cache_files
    modifier.object_path = "/Plane/Plane"
    modifier.read_data = {"VERT"}
    return projects.save(root / "project/shot.blend")


@case()
def mesh_cache(root: Path) -> Path:
    """A PC2 file with one frame of a smaller plane."""
    projects.new_scene()
    path = root / "caches/plane.pc2"
    path.parent.mkdir(parents=True)
    corners = [(-0.5, -0.5, 0), (0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 0)]
    points = b"".join(struct.pack("<3f", *corner) for corner in corners)
    path.write_bytes(struct.pack("<12siiffi", b"POINTCACHE2", 1, 4, 1, 1, 1) + points)
    plane = projects.show(projects.plane(projects.material()[0]))
    modifier = plane.modifiers.new("Cache", "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "PC2", str(path)
    return projects.save(root / "project/shot.blend", relative=False)


@case(travels=(".blob", ".json"))
def geometry_nodes_bake_on_disk(root: Path) -> Path:
    """A small plane is baked, then the nodes before the bake are changed to make it large."""
    projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    group = bpy.data.node_groups.new("Bake", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Mesh", in_out=in_out, socket_type="NodeSocketGeometry")
    nodes = [group.nodes.new("NodeGroupInput"), group.nodes.new("GeometryNodeTransform")]
    nodes += [group.nodes.new("GeometryNodeBake"), group.nodes.new("NodeGroupOutput")]
    if not nodes[2].bake_items:
        nodes[2].bake_items.new("GEOMETRY", "Geometry")  # exists by default before 5.0
    for one, next_one in itertools.pairwise(nodes):
        group.links.new(one.outputs[0], next_one.inputs[0])
    nodes[1].inputs["Scale"].default_value = (0.5, 0.5, 0.5)
    modifier = plane.modifiers.new("Bake", "NODES")
    modifier.node_group = group
    blend = projects.save(root / "project/shot.blend")
    if hasattr(modifier, "bake_target"):
        modifier.bake_target = "DISK"
    (bake,) = modifier.bakes
    bake.bake_mode = "STILL"
    bpy.context.view_layer.objects.active = plane
    bpy.context.view_layer.update()
    bpy.ops.object.geometry_node_bake_single(
        session_uid=plane.session_uid, modifier_name=modifier.name, bake_id=bake.bake_id
    )
    nodes[1].inputs["Scale"].default_value = (1, 1, 1)
    return projects.save(blend)


@case(travels=(".blob", ".json"))
def simulation_nodes_on_disk(root: Path) -> Path:
    """A plane that shrinks with each frame is baked, then the nodes are changed."""
    scene = projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    group, scale = projects.simulation_zone((0.7, 0.7, 0.7))
    modifier = plane.modifiers.new("Simulation", "NODES")
    modifier.node_group = group
    scene.frame_start, scene.frame_end = 1, 3
    blend = projects.save(root / "project/shot.blend")
    if hasattr(modifier, "bake_target"):
        modifier.bake_target = "DISK"
    bpy.context.view_layer.objects.active = plane
    bpy.context.view_layer.update()
    (bake,) = modifier.bakes
    bpy.ops.object.geometry_node_bake_single(
        session_uid=plane.session_uid, modifier_name=modifier.name, bake_id=bake.bake_id
    )
    scale.default_value = (1, 1, 1)
    scene.frame_set(3)
    return projects.save(blend)


@case(travels=(".h", ".osl", ".oso"))
def osl_script_with_includes(root: Path) -> Path:
    if not projects.has_osl():
        pytest.skip("this bpy cannot read the sockets of an OSL script: it comes without oslquery")
    scene = projects.new_scene()
    scene.cycles.shading_system = True
    (root / "osl/deep").mkdir(parents=True)
    (root / "osl/stripes.osl").write_text(OSL, encoding="utf-8")
    (root / "osl/tint.h").write_text(
        '#include "deep/value.h"\n#define TINT VALUE\n', encoding="utf-8"
    )
    (root / "osl/deep/value.h").write_text("#define VALUE 0.25\n", encoding="utf-8")
    made, emission = projects.material()
    node = made.node_tree.nodes.new("ShaderNodeScript")
    node.mode, node.filepath = "EXTERNAL", str(root / "osl/stripes.osl")
    bpy.context.view_layer.objects.active = projects.show(projects.plane(made))
    made.node_tree.links.new(node.outputs[0], emission.inputs[0])
    return projects.save(root / "project/shot.blend")


TRIANGLE = "v -1 -1 0\nv 1 -1 0\nv 1 1 0\nf 1 2 3\n"
NO_IMPORT = "nodes import files since 4.5"


def _import_nodes(root: Path) -> tuple[bpy.types.Object, bpy.types.NodeTree]:
    """A plane whose nodes show an OBJ file instead; returns the plane and the nodes."""
    projects.new_scene()
    (root / "models").mkdir(parents=True)
    (root / "models/part.obj").write_text(TRIANGLE, encoding="utf-8")
    plane = projects.show(projects.plane())
    group = bpy.data.node_groups.new("Import", "GeometryNodeTree")
    group.interface.new_socket("Mesh", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = group.nodes, group.links
    node, paint = nodes.new("GeometryNodeImportOBJ"), nodes.new("GeometryNodeSetMaterial")
    real = nodes.new("GeometryNodeRealizeInstances")
    paint.inputs["Material"].default_value = projects.material()[0]
    links.new(node.outputs[0], real.inputs[0])
    links.new(real.outputs[0], paint.inputs[0])
    links.new(paint.outputs[0], nodes.new("NodeGroupOutput").inputs[0])
    plane.modifiers.new("Import", "NODES").node_group = group
    return plane, group


@case(since=(4, 5), reason=NO_IMPORT)
def import_node(root: Path) -> Path:
    _, group = _import_nodes(root)
    projects.save(root / "project/shot.blend")
    group.nodes["Import OBJ"].inputs["Path"].default_value = "//../models/part.obj"
    return projects.save(root / "project/shot.blend")


@case(since=(4, 5), reason=NO_IMPORT)
def import_node_with_text(root: Path) -> Path:
    _, group = _import_nodes(root)
    projects.save(root / "project/shot.blend")
    text = group.nodes.new("FunctionNodeInputString")
    text.string = "//../models/part.obj"
    group.links.new(text.outputs[0], group.nodes["Import OBJ"].inputs["Path"])
    return projects.save(root / "project/shot.blend")


@case(since=(4, 5), reason=NO_IMPORT)
def import_by_a_modifier_s_input(root: Path) -> Path:
    plane, group = _import_nodes(root)
    projects.save(root / "project/shot.blend")
    socket = group.interface.new_socket("Path", in_out="INPUT", socket_type="NodeSocketString")
    start = group.nodes.new("NodeGroupInput")
    group.links.new(start.outputs[0], group.nodes["Import OBJ"].inputs["Path"])
    modifier = plane.modifiers[0]
    if hasattr(modifier, "properties"):  # since 5.2
        getattr(modifier.properties.inputs, socket.identifier).value = "//../models/part.obj"
    else:
        modifier[socket.identifier] = "//../models/part.obj"
    return projects.save(root / "project/shot.blend")


@case()
def external_text_with_import(root: Path) -> Path:
    """Not packed: the .blend contains its text, and no render reads the file."""
    projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    (root / "scripts").mkdir(parents=True)
    (root / "scripts/rig.py").write_text("import helper\n", encoding="utf-8")
    (root / "scripts/helper.py").write_text("pass\n", encoding="utf-8")
    text = bpy.data.texts.load(str(root / "scripts/rig.py"))
    text.use_module = True
    return projects.save(root / "project/shot.blend")


@case()
def mask(root: Path) -> Path:
    """Stored in the .blend."""
    scene = projects.new_scene()
    projects.show(projects.plane())
    made = bpy.data.masks.new("Mask")
    spline = made.layers.new(name="Layer").splines.new()
    spline.points.add(3)
    for point, corner in zip(spline.points, [(0.2, 0.2), (0.8, 0.2), (0.5, 0.8)], strict=False):
        point.co = corner
    projects.compositor(scene, "CompositorNodeMask").mask = made
    return projects.save(root / "project/shot.blend")


@case(travels=("wood.png",))  # without its library Blender itself crashes
def scene_of_a_library(root: Path) -> Path:
    """The rendered scene itself is linked."""
    projects.new_scene().name = "Shot"
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    library = projects.save(root / "lib/scenes.blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    (linked,) = projects.linked(library, "Shot", "scenes")
    bpy.context.window.scene = linked
    return projects.save(root / "project/shot.blend")


def sound_strip(scene: bpy.types.Scene, root: Path) -> None:
    """Add a picture strip, and a sound strip inside a meta strip."""
    path = root / "sound/beep.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(projects.WAV)
    strips = projects.strips(scene.sequence_editor_create())
    meta = strips.new_meta("Meta", channel=1, frame_start=1)
    projects.strips(meta).new_sound("Beep", str(path), channel=1, frame_start=1)
    strips.new_image("Wood", str(projects.picture(root / "tex/wood.png")), channel=2, frame_start=1)


@case(since=(4, 5), reason="this bpy has no Audaspace to make sound strips with")
def sound_in_a_strip(root: Path) -> Path:
    sound_strip(projects.new_scene(), root)
    return projects.save(root / "project/shot.blend", relative=False)


@case(since=(4, 5), reason="this bpy has no Audaspace to make sound strips with")
def sound_in_a_strip_of_a_library(root: Path) -> Path:
    scene = projects.new_scene()
    scene.name = "Edit"
    sound_strip(scene, root)
    library = projects.save(root / "lib/edit.blend", relative=False)
    scene = projects.new_scene()
    (edit,) = projects.linked(library, "Edit", "scenes")
    projects.strips(scene.sequence_editor_create()).new_scene(
        "Edit", edit, channel=1, frame_start=1
    ).scene_input = "SEQUENCER"
    return projects.save(root / "project/shot.blend")
