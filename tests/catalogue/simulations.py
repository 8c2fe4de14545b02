"""Small scenes with one simulation that nobody has baked; frame 20 shows whether it ran."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from renderjuice.packing.manifest import Manifest

from tests import projects
from tests.catalogue.caches import _from_the_side, _grid
from tests.packages import pack, relocated_blender, trace_open, unpack

FRAME, END = 20, 25
SEEN = 8
"""The artist has played to this frame, and saved there."""
MAX_FRAME = 1_000_000
"""So many frames take long on any machine."""

Make = Callable[[Path], Path]


def _scene() -> bpy.types.Scene:
    scene = projects.new_scene()
    _from_the_side(scene)
    scene.frame_start, scene.frame_end = 1, END
    return scene


def _sheet(name: str = "Sheet") -> bpy.types.Object:
    sheet = _grid(name)
    sheet.rotation_euler.x = 0.3
    return sheet


def _save(root: Path) -> Path:
    bpy.context.scene.frame_set(1)
    return projects.save(root / "project/shot.blend")


def _slowly(scene: bpy.types.Scene) -> None:
    """Less gravity, so that what falls is still in the picture in frame 20."""
    scene.gravity = (0, 0, -1.5)


def cloth(root: Path) -> Path:
    _slowly(_scene())
    _sheet().modifiers.new("Cloth", "CLOTH")
    return _save(root)


def without_end(root: Path) -> Path:
    """A cloth whose bake takes hours, and more memory than is allowed."""
    blend = cloth(root)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.subdivide(number_cuts=4)
    bpy.ops.object.mode_set(mode="OBJECT")
    modifier = bpy.data.objects["Sheet"].modifiers["Cloth"]
    modifier.settings.quality = 80
    modifier.point_cache.frame_end = MAX_FRAME
    return projects.save(blend)


def soft_body(root: Path) -> Path:
    _slowly(_scene())
    modifier = _sheet().modifiers.new("Softbody", "SOFT_BODY")
    modifier.settings.use_goal = False
    return _save(root)


def _rain(sheet: bpy.types.Object) -> Any:
    """Particles that need each frame before: drag and chance let nothing be computed at once."""
    modifier = sheet.modifiers.new("Rain", "PARTICLE_SYSTEM")
    settings = modifier.particle_system.settings
    settings.count, settings.frame_start, settings.frame_end = 30, 1, 10
    settings.normal_factor, settings.factor_random = 0.3, 0.2
    settings.drag_factor, settings.brownian_factor = 0.5, 1
    return settings


def particles(root: Path) -> Path:
    _slowly(_scene())
    sheet = _sheet("Emitter ä")
    bpy.ops.mesh.primitive_cube_add(size=1, location=(0, 50, 0))
    drop = bpy.context.object
    drop.data.materials.append(sheet.data.materials[0])
    settings = _rain(sheet)
    settings.render_type, settings.instance_object = "OBJECT", drop
    settings.particle_size = 0.1
    return _save(root)


def particles_of_another_object(root: Path) -> Path:
    """A modifier of a second object shows the particles, which the first does not render."""
    _slowly(_scene())
    sheet = _sheet()
    settings = _rain(sheet)
    settings.render_type = "NONE"
    bpy.ops.mesh.primitive_cube_add(size=0.1)
    drop = bpy.context.object
    drop.data.materials.append(sheet.data.materials[0])
    modifier = drop.modifiers.new("Drops", "PARTICLE_INSTANCE")
    modifier.object = sheet
    return _save(root)


def hair(root: Path) -> Path:
    _slowly(_scene())
    sheet = _grid()
    sheet.rotation_euler.x = 1.57
    modifier = sheet.modifiers.new("Hair", "PARTICLE_SYSTEM")
    system = modifier.particle_system
    system.settings.type = "HAIR"
    system.settings.count, system.settings.hair_length = 20, 1.0
    system.settings.hair_step = 4
    system.settings.root_radius = system.settings.tip_radius = 5
    system.use_hair_dynamics = True
    return _save(root)


def rigid_body(root: Path) -> Path:
    _slowly(_scene())
    _sheet()
    bpy.ops.rigidbody.world_add()
    bpy.ops.rigidbody.object_add(type="ACTIVE")
    return _save(root)


def dynamic_paint(root: Path) -> Path:
    """A brush moves through a canvas and displaces it."""
    scene = _scene()
    canvas = _sheet("Canvas")
    paint = canvas.modifiers.new("Paint", "DYNAMIC_PAINT")
    with bpy.context.temp_override(object=canvas, active_object=canvas):
        bpy.ops.dpaint.type_toggle(type="CANVAS")
    surface = paint.canvas_settings.canvas_surfaces[0]
    surface.surface_type = "DISPLACE"
    surface.frame_start, surface.frame_end = 1, END
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.3)
    brush = bpy.context.object
    brush.hide_render = True
    for frame, x in ((1, -0.5), (FRAME, 0.5)):
        brush.location.x = x
        brush.keyframe_insert("location", frame=frame)
    painter = brush.modifiers.new("Paint", "DYNAMIC_PAINT")
    painter.ui_type = "BRUSH"
    with bpy.context.temp_override(object=brush, active_object=brush):
        bpy.ops.dpaint.type_toggle(type="BRUSH")
    scene.frame_set(1)
    return _save(root)


def simulation_zone(root: Path) -> Path:
    """A plane that shrinks with each frame."""
    projects.new_scene().frame_end = END
    plane = projects.show(projects.plane(projects.material()[0]))
    group, _ = projects.simulation_zone((0.97, 0.95, 0.97))
    plane.modifiers.new("Simulation", "NODES").node_group = group
    return _save(root)


def cloth_on_a_rigid_body(root: Path) -> Path:
    """A sheet falls on a ball that itself falls: two simulations that run together."""
    _slowly(_scene())
    sheet = _sheet()
    sheet.location.z = 0.5
    cloth = sheet.modifiers.new("Cloth", "CLOTH")
    cloth.settings.quality = 5
    bpy.ops.mesh.primitive_ico_sphere_add(radius=0.3, location=(0, 0, 0))
    ball = bpy.context.object
    ball.data.materials.append(sheet.data.materials[0])
    bpy.ops.rigidbody.world_add()
    bpy.ops.rigidbody.object_add(type="ACTIVE")
    ball.modifiers.new("Collision", "COLLISION")
    return _save(root)


def _library(root: Path) -> Path:
    _slowly(_scene())
    sheet = _sheet()
    sheet.modifiers.new("Cloth", "CLOTH")
    holder = bpy.data.collections.new("Holder")
    bpy.context.scene.collection.children.link(holder)
    bpy.context.scene.collection.objects.unlink(sheet)
    holder.objects.link(sheet)
    return projects.save(root / "project/sheet.blend")


def linked_cloth(root: Path) -> Path:
    library = _library(root)
    _slowly(_scene())
    projects.show(projects.linked(library, "Sheet")[0])
    return _save(root)


def cloth_of_a_linked_collection(root: Path) -> Path:
    library = _library(root)
    scene = _scene()
    _slowly(scene)
    (holder,) = projects.linked(library, "Holder", kind="collections")
    scene.collection.children.link(holder)
    return _save(root)


def cloth_of_an_instance(root: Path) -> Path:
    library = _library(root)
    _slowly(_scene())
    (holder,) = projects.linked(library, "Holder", kind="collections")
    empty = projects.show(bpy.data.objects.new("Instance", None))
    empty.instance_type, empty.instance_collection = "COLLECTION", holder
    return _save(root)


def overridden_cloth(root: Path) -> Path:
    library = _library(root)
    scene = _scene()
    _slowly(scene)
    (holder,) = projects.linked(library, "Holder", kind="collections")
    scene.collection.children.link(holder)
    own = holder.override_hierarchy_create(scene, bpy.context.view_layer)
    scene.collection.children.unlink(holder)
    (sheet,) = own.all_objects
    sheet.rotation_euler.x = 0.6
    return _save(root)


UNBAKED: list[Make] = [
    cloth,
    soft_body,
    particles,
    particles_of_another_object,
    hair,
    rigid_body,
    dynamic_paint,
    simulation_zone,
    cloth_on_a_rigid_body,
    linked_cloth,
    cloth_of_a_linked_collection,
    cloth_of_an_instance,
    overridden_cloth,
]


def check_baked(make: Make, tmp_path: Path) -> Manifest:
    """Pack an unbaked scene, and render frame 20 alone from the package: it is the played one."""
    root = tmp_path / "home"
    blend = make(root)
    wanted = played(blend, tmp_path / "played.png")
    alone = projects.render(blend, tmp_path / "alone.png", frame=FRAME)
    assert alone != wanted, "the scene does not show whether it was simulated"
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    for frame in range(1, SEEN + 1):
        bpy.context.scene.frame_set(frame)
    projects.save(blend)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}

    manifest = trace_open(blend, tmp_path / "scratch", frames=[FRAME], bake="all")
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    assert not manifest.checks
    package = pack(manifest, tmp_path / "packages")
    root.rename(tmp_path / "gone")
    top = unpack(package, tmp_path / "farm/some where else")
    assert relocated_blender().render(top, tmp_path / "farm.png", frame=FRAME) == wanted
    return manifest


def played(blend: Path, png: Path) -> list[float]:
    """Frame 20 as the artist sees it: played from the first frame, then rendered."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    scene = bpy.context.scene
    for frame in range(1, FRAME + 1):
        scene.frame_set(frame)
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "16"
    scene.render.filepath = str(png)
    bpy.ops.render.render(write_still=True)
    return projects.pixels(png)
