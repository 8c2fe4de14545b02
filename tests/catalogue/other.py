"""Fonts, movies, strips, light profiles, shaders and what modifiers read."""

import itertools
import struct
from pathlib import Path

import bpy

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
    # Any font but the one that Blender falls back on.
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
    path.write_text(IES)
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
    """A small plane is baked, then the nodes before the bake make it large again."""
    projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    group = bpy.data.node_groups.new("Bake", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Mesh", in_out=in_out, socket_type="NodeSocketGeometry")
    nodes = [group.nodes.new("NodeGroupInput"), group.nodes.new("GeometryNodeTransform")]
    nodes += [group.nodes.new("GeometryNodeBake"), group.nodes.new("NodeGroupOutput")]
    if not nodes[2].bake_items:
        nodes[2].bake_items.new("GEOMETRY", "Geometry")  # there by itself before 5.0
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


@case(travels=(".h", ".osl", ".oso"))
def osl_script_with_includes(root: Path) -> Path:
    scene = projects.new_scene()
    scene.cycles.shading_system = True
    (root / "osl/deep").mkdir(parents=True)
    (root / "osl/stripes.osl").write_text(OSL)
    (root / "osl/tint.h").write_text('#include "deep/value.h"\n#define TINT VALUE\n')
    (root / "osl/deep/value.h").write_text("#define VALUE 0.25\n")
    made, emission = projects.material()
    node = made.node_tree.nodes.new("ShaderNodeScript")
    node.mode, node.filepath = "EXTERNAL", str(root / "osl/stripes.osl")
    bpy.context.view_layer.objects.active = projects.show(projects.plane(made))
    made.node_tree.links.new(node.outputs[0], emission.inputs[0])
    return projects.save(root / "project/shot.blend")
