"""Caches and data that physics, modifiers and constraints read from disk."""

import struct
from pathlib import Path
from typing import Any

import bpy

from tests import projects
from tests.catalogue import vdb
from tests.catalogue.case import case


def _grid(name: str = "Sheet") -> bpy.types.Object:
    """A plane of 4 x 4 faces, smaller than the picture, active and selected."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=4, y_subdivisions=4, size=1)
    made = bpy.context.object
    made.name = name
    made.data.materials.append(projects.material()[0])
    return made


def _from_the_side(scene: bpy.types.Scene) -> None:
    """Look along y, so that falling objects are visible."""
    scene.camera.location = (0, -5, 0)
    scene.camera.rotation_euler = (1.5708, 0, 0)


def bake(
    cache: Any, scene: bpy.types.Scene, blend: Path, *, on_disk: bool = True, last: int = 4
) -> None:
    """Bake frames 1 to `last` of a point cache (on disk: beside `blend`), and stay there."""
    projects.save(blend)
    if on_disk:
        cache.use_disk_cache = True
    cache.frame_start, cache.frame_end = 1, last
    with bpy.context.temp_override(scene=scene, point_cache=cache):
        bpy.ops.ptcache.bake(bake=True)
    scene.frame_set(last)


@case(travels=(".bphys",))
def cloth(root: Path) -> Path:
    scene = projects.new_scene()
    _from_the_side(scene)
    sheet = _grid()
    sheet.rotation_euler.x = 0.3
    modifier = sheet.modifiers.new("Cloth", "CLOTH")
    bake(modifier.point_cache, scene, root / "project/shot.blend")
    return projects.save(root / "project/shot.blend")


@case(travels=(".bphys",))
def soft_body(root: Path) -> Path:
    scene = projects.new_scene()
    _from_the_side(scene)
    sheet = _grid()
    sheet.rotation_euler.x = 0.3
    modifier = sheet.modifiers.new("Softbody", "SOFT_BODY")
    modifier.settings.use_goal = False
    bake(modifier.point_cache, scene, root / "project/shot.blend")
    return projects.save(root / "project/shot.blend")


@case(travels=(".bphys",))
def particles(root: Path) -> Path:
    scene = projects.new_scene()
    _from_the_side(scene)
    sheet = _grid("Emitter ä")
    bpy.ops.mesh.primitive_cube_add(size=0.2, location=(0, 50, 0))
    drop = bpy.context.object
    drop.data.materials.append(sheet.data.materials[0])
    modifier = sheet.modifiers.new("Rain", "PARTICLE_SYSTEM")
    settings = modifier.particle_system.settings
    settings.count, settings.frame_start, settings.frame_end = 8, 1, 3
    settings.render_type, settings.instance_object = "OBJECT", drop
    settings.particle_size, settings.normal_factor = 1, 4
    bake(modifier.particle_system.point_cache, scene, root / "project/shot.blend")
    return projects.save(root / "project/shot.blend")


@case()
def rigid_body(root: Path) -> Path:
    """The cache is baked into the .blend, because Blender crashes if it should be on disk."""
    scene = projects.new_scene()
    _from_the_side(scene)
    sheet = _grid()
    sheet.rotation_euler.x = 0.3
    bpy.ops.rigidbody.world_add()
    bpy.ops.rigidbody.object_add(type="ACTIVE")
    bake(scene.rigidbody_world.point_cache, scene, root / "project/shot.blend", on_disk=False)
    sheet.rigid_body.mass = 5
    return projects.save(root / "project/shot.blend")


@case(travels=(".bphys",))
def dynamic_paint(root: Path) -> Path:
    """A brush that moves through a canvas displaces it."""
    scene = projects.new_scene()
    _from_the_side(scene)
    canvas = _grid("Canvas")
    canvas.rotation_euler.x = 0.3
    paint = canvas.modifiers.new("Paint", "DYNAMIC_PAINT")
    with bpy.context.temp_override(object=canvas, active_object=canvas):
        bpy.ops.dpaint.type_toggle(type="CANVAS")
    surface = paint.canvas_settings.canvas_surfaces[0]
    surface.surface_type = "DISPLACE"
    surface.frame_start, surface.frame_end = 1, 4
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.3)
    brush = bpy.context.object
    brush.hide_render = True
    painter = brush.modifiers.new("Paint", "DYNAMIC_PAINT")
    painter.ui_type = "BRUSH"
    with bpy.context.temp_override(object=brush, active_object=brush):
        bpy.ops.dpaint.type_toggle(type="BRUSH")
    bake(surface.point_cache, scene, root / "project/shot.blend")
    return projects.save(root / "project/shot.blend")


@case(travels=(".bphys",))
def external_cache_of_another_name(root: Path) -> Path:
    """The baked files are moved and renamed, and read as an external cache."""
    blend = cloth(root)
    (root / "simulation").mkdir()
    for number, path in enumerate(sorted((root / "project/blendcache_shot").iterdir()), 1):
        path.rename(root / f"simulation/falling_{number:06}_00.bphys")
    (root / "project/blendcache_shot").rmdir()
    cache = bpy.data.objects["Sheet"].modifiers["Cloth"].point_cache
    cache.use_external = True
    cache.filepath, cache.index = str(root / "simulation"), 0
    cache.name = "falling"
    return projects.save(blend)


@case(travels=(".bphys",))
def cloth_of_a_library(root: Path) -> Path:
    cloth(root).rename(root / "project/sheet.blend")
    (root / "project/blendcache_shot").rename(root / "project/blendcache_sheet")
    return _shot_with_sheet(root)


@case(travels=(".bphys",))
def cloth_of_a_library_without_library_path(root: Path) -> Path:
    """*Library Path* is off, so Blender looks for the cache beside the shot."""
    blend = cloth(root)
    bpy.data.objects["Sheet"].modifiers["Cloth"].point_cache.use_library_path = False
    projects.save(blend).rename(root / "project/sheet.blend")
    (root / "shots").mkdir()
    (root / "project/blendcache_shot").rename(root / "shots/blendcache_shot")
    return _shot_with_sheet(root)


@case(travels=(".bphys",), lists=False)
def external_cache_of_a_library_without_library_path(root: Path) -> Path:
    """With *Library Path* off, `//` in the cache's path is the shot's folder."""
    blend = external_cache_of_another_name(root)
    cache = bpy.data.objects["Sheet"].modifiers["Cloth"].point_cache
    cache.use_library_path = False
    (root / "shots").mkdir()
    (root / "simulation").rename(root / "shots/simulation")
    cache.filepath = "//simulation"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    blend.rename(root / "project/sheet.blend")
    return _shot_with_sheet(root)


def _shot_with_sheet(root: Path) -> Path:
    scene = projects.new_scene()
    _from_the_side(scene)
    projects.show(projects.linked(root / "project/sheet.blend", "Sheet")[0])
    scene.frame_current = 4
    return projects.save(root / "shots/shot.blend")


def _cache_modifier(plane: bpy.types.Object, path: Path, prim: str) -> None:
    """Make `plane` read its vertex positions from an Alembic or USD file."""
    bpy.ops.cachefile.open(filepath=str(path))
    modifier = plane.modifiers.new("Cache", "MESH_SEQUENCE_CACHE")
    (modifier.cache_file,) = bpy.data.cache_files
    modifier.object_path = prim
    modifier.read_data = {"VERT"}


def _small_plane() -> bpy.types.Object:
    projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    for vertex in plane.data.vertices:
        vertex.co *= 0.5
    bpy.context.view_layer.update()
    return plane


def _grow(plane: bpy.types.Object) -> None:
    for vertex in plane.data.vertices:
        vertex.co *= 2


def _usd(root: Path, layer: str) -> Path:
    """A USD stage: shot.usda has the sublayer set.usda, which references `layer`."""
    plane = _small_plane()
    (root / "usd/props").mkdir(parents=True)
    bpy.ops.wm.usd_export(filepath=str(root / "usd/props" / layer), root_prim_path="/root")
    (root / "usd/set.usda").write_text(
        f'#usda 1.0\ndef "Set" (\n  references = @./props/{layer}@</root>\n) {{\n}}\n',
        encoding="utf-8",
    )
    (root / "usd/shot.usda").write_text(
        "#usda 1.0\n(\n  subLayers = [@set.usda@]\n)\n", encoding="utf-8"
    )
    _grow(plane)
    _cache_modifier(plane, root / "usd/shot.usda", "/Set/Plane/Plane")
    return projects.save(root / "project/shot.blend")


@case()
def usd_with_layers(root: Path) -> Path:
    return _usd(root, "chair.usda")


@case()
def usd_with_binary_layer(root: Path) -> Path:
    return _usd(root, "chair.usdc")


@case()
def alembic_in_a_constraint(root: Path) -> Path:
    plane = _small_plane()
    plane.location.x = 0.5
    bpy.context.view_layer.update()
    path = root / "caches/plane.abc"
    path.parent.mkdir(parents=True)
    bpy.ops.wm.alembic_export(filepath=str(path), start=1, end=1, as_background_job=False)
    plane.location.x = 0
    bpy.ops.cachefile.open(filepath=str(path))
    constraint = plane.constraints.new("TRANSFORM_CACHE")
    (constraint.cache_file,) = bpy.data.cache_files
    constraint.object_path = "/Plane"
    return projects.save(root / "project/shot.blend")


@case(travels=("c1.abc", "c2.abc", "c3.abc"), frames=(1, 2, 3))
def alembic_sequence(root: Path) -> Path:
    plane = _small_plane()
    (root / "caches").mkdir(parents=True)
    for number in (1, 2, 3):
        path = root / f"caches/c{number}.abc"
        bpy.ops.wm.alembic_export(filepath=str(path), start=1, end=1, as_background_job=False)
        plane.data.vertices[0].co *= 0.8
        bpy.context.view_layer.update()
    _cache_modifier(plane, root / "caches/c1.abc", "/Plane/Plane")
    bpy.data.cache_files[0].is_sequence = True
    bpy.context.scene.frame_current = 2
    return projects.save(root / "project/shot.blend")


def _volume(root: Path, *, sequence: bool) -> Path:
    """An emissive cloud that differs in each frame."""
    scene = projects.new_scene()
    for number in (1, 2, 3):
        vdb.write(root / f"vdb/smoke_{number:03}.vdb", 5, number / 4)
    volume = bpy.data.volumes.new("Smoke")
    volume.filepath, volume.is_sequence = str(root / "vdb/smoke_001.vdb"), sequence
    volume.frame_duration = 3
    made = bpy.data.materials.new("Smoke")
    made.use_nodes = True
    made.node_tree.nodes.clear()
    shader = made.node_tree.nodes.new("ShaderNodeVolumePrincipled")
    shader.inputs["Emission Strength"].default_value = 1
    output = made.node_tree.nodes.new("ShaderNodeOutputMaterial")
    made.node_tree.links.new(shader.outputs[0], output.inputs["Volume"])
    volume.materials.append(made)
    projects.show(bpy.data.objects.new("Smoke", volume))
    scene.frame_current = 2
    return projects.save(root / "project/shot.blend")


@case()
def volume(root: Path) -> Path:
    return _volume(root, sequence=False)


@case(travels=("smoke_001.vdb", "smoke_002.vdb", "smoke_003.vdb"), frames=(1, 2, 3))
def volume_sequence(root: Path) -> Path:
    return _volume(root, sequence=True)


def write_mdd(path: Path) -> Path:
    corners = [(-0.5, -0.5, 0), (0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 0)]
    points = b"".join(struct.pack(">3f", *corner) for corner in corners)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack(">2i1f", 1, 4, 0.0) + points)
    return path


@case()
def mesh_cache_mdd(root: Path) -> Path:
    """An MDD file with one frame of a smaller plane."""
    projects.new_scene()
    path = write_mdd(root / "caches/plane.mdd")
    plane = projects.show(projects.plane(projects.material()[0]))
    modifier = plane.modifiers.new("Cache", "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "MDD", str(path)
    return projects.save(root / "project/shot.blend")


@case()
def ocean(root: Path) -> Path:
    """Blender itself ignores an ocean's bake after the file is reopened, so it is not packed."""
    scene = projects.new_scene()
    _from_the_side(scene)
    modifier = _grid("Sea").modifiers.new("Ocean", "OCEAN")
    modifier.geometry_mode, modifier.resolution = "DISPLACE", 4
    modifier.frame_start, modifier.frame_end = 1, 2
    modifier.wave_scale = 8
    (root / "caches/sea").mkdir(parents=True)
    modifier.filepath = str(root / "caches/sea")
    bpy.ops.object.ocean_bake(modifier=modifier.name)
    return projects.save(root / "project/shot.blend")
