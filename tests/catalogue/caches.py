"""Caches and data that physics, modifiers and constraints read from disk."""

from pathlib import Path
from typing import Any

import bpy

from tests import projects
from tests.catalogue.case import case


def _grid(name: str = "Sheet") -> bpy.types.Object:
    """A plane of 4 x 4 faces, smaller than the picture, active and selected."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=4, y_subdivisions=4, size=1)
    made = bpy.context.object
    made.name = name
    made.data.materials.append(projects.material()[0])
    return made


def _from_the_side(scene: bpy.types.Scene) -> None:
    """Look along y, so that what falls is seen falling."""
    scene.camera.location = (0, -5, 0)
    scene.camera.rotation_euler = (1.5708, 0, 0)


def bake(cache: Any, scene: bpy.types.Scene, blend: Path, *, on_disk: bool = True) -> None:
    """Bake a point cache (to disk: beside `blend`), frames 1 to 4, and stay at the last."""
    projects.save(blend)
    if on_disk:
        cache.use_disk_cache = True
    cache.frame_start, cache.frame_end = 1, 4
    with bpy.context.temp_override(scene=scene, point_cache=cache):
        bpy.ops.ptcache.bake(bake=True)
    scene.frame_set(4)


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
    """Baked into the .blend: Blender crashes when it is told to write this cache to disk."""
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
    """What was baked is moved elsewhere, and read from there as an external cache."""
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
    scene = projects.new_scene()
    _from_the_side(scene)
    projects.show(projects.linked(root / "project/sheet.blend", "Sheet")[0])
    scene.frame_current = 4
    return projects.save(root / "shots/shot.blend")
