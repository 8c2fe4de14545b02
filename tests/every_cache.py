"""Makes a project with every kind of cache and file that Blender writes or could pack.

A script for the bpy module and for a whole Blender: ... every_cache.py FRAME FOLDER. It saves
FOLDER/shot.blend with FRAME as its current frame; its caches begin at frame 1 and end at frame
LAST. The module cannot simulate fluids, so the script writes placeholder files under the names
that a simulation would use.
"""

import itertools
import os
import shutil
import struct
import sys
from pathlib import Path

import bpy

LAST = 5
FLUIDS = tuple(itertools.product(("GAS", "LIQUID"), ("REPLAY", "MODULAR", "ALL")))
FONT = Path(bpy.utils.system_resource("DATAFILES")) / "fonts"
WAV = (
    b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\x08\0\0\0"
    + b"\x80" * 8
)


def make(folder: Path, frame: int) -> None:
    """Write the project into `folder`, with `frame` as its current frame."""
    for name in ("textures", "library", "caches", "sounds"):
        (folder / name).mkdir(parents=True)
    _library(folder)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.frame_start, scene.frame_end = 1, LAST
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location.z = 10
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    _files(folder)
    _linked(folder)
    _point_caches()
    _nodes()
    _ocean(folder)
    if bpy.app.binary_path:
        _fluids(folder)
    bpy.ops.wm.save_mainfile()
    bpy.ops.file.make_paths_relative()
    _spell_one_absolute(folder)
    for each in (*range(1, LAST + 1), frame):
        scene.frame_set(each)
    if not bpy.app.binary_path:  # the module crashes on frame_set if it has to simulate
        _fluids(folder)
    bpy.ops.wm.save_mainfile()
    if not bpy.app.binary_path:
        _pretend(folder)


def _grid(name: str) -> bpy.types.Object:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=3, y_subdivisions=3, size=1)
    bpy.context.object.name = name
    return bpy.context.object


def _image(path: Path, color: float = 0.5) -> bpy.types.Image:
    image = bpy.data.images.new(path.name, 4, 4)
    image.pixels[:] = [color] * 64
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return bpy.data.images.load(str(path))


def _material(name: str, *images: bpy.types.Image) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    for image in images:
        node = material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image = image
    return material


def _library(folder: Path) -> None:
    """Write props.blend, which has its own texture and links a material from deep.blend."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _material("Deep").use_fake_user = True
    deep = str(folder / "library/deep.blend")
    bpy.ops.wm.save_as_mainfile(filepath=deep)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(deep, link=True) as (_, to):
        to.materials = ["Deep"]
    chair, lamp = _grid("Chair"), _grid("Lamp")
    chair.data.materials.append(to.materials[0])
    lamp.data.materials.append(_material("Bulb", _image(folder / "textures/bulb.png")))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "library/props.blend"))
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()


def _linked(folder: Path) -> None:
    """Link two objects from props.blend and override one of them."""
    props = str(folder / "library/props.blend")
    with bpy.data.libraries.load(props, link=True) as (_, to):
        to.objects = ["Chair", "Lamp"]
    for linked in to.objects:
        bpy.context.scene.collection.objects.link(linked)
    to.objects[1].override_create(remap_local_usages=True).location.y = 2


def _files(folder: Path) -> None:
    """Add images (on disk, packed, a sequence), a sound, a font, a movie clip, a mesh cache and
    an Alembic file."""
    single, packed = _image(folder / "textures/wood.png"), _image(folder / "textures/packed.png")
    packed.pack()
    for number in range(1, LAST + 1):
        sequence = _image(folder / f"textures/seq_{number:04}.png", number / 10)
        if number > 1:
            bpy.data.images.remove(sequence)
    sequence = bpy.data.images["seq_0001.png"]
    sequence.source = "SEQUENCE"
    plane = _grid("Pictures")
    plane.data.materials.append(_material("Pictures", single, packed, sequence))
    user = plane.active_material.node_tree.nodes[-1].image_user
    user.frame_duration, user.use_auto_refresh = LAST, True

    (folder / "sounds/beep.wav").write_bytes(WAV)
    bpy.data.sounds.load(str(folder / "sounds/beep.wav")).use_fake_user = True
    font = next(path for path in sorted(FONT.iterdir()) if path.suffix in (".ttf", ".woff2"))
    shutil.copyfile(font, folder / f"textures/font{font.suffix}")
    bpy.ops.object.text_add()
    bpy.context.object.data.font = bpy.data.fonts.load(str(folder / f"textures/font{font.suffix}"))
    bpy.data.movieclips.load(str(folder / "textures/seq_0001.png")).use_fake_user = True

    corners = struct.pack(">12f", *range(12))
    (folder / "caches/plane.mdd").write_bytes(struct.pack(">2i1f", 1, 4, 0.0) + corners)
    bpy.ops.mesh.primitive_plane_add()
    cache = bpy.context.object.modifiers.new("Cache", "MESH_CACHE")
    cache.cache_format, cache.filepath = "MDD", str(folder / "caches/plane.mdd")
    if "alembic_export" not in dir(bpy.ops.wm):
        return  # Debian's Blender is built without Alembic
    abc = str(folder / "caches/plane.abc")
    bpy.ops.wm.alembic_export(filepath=abc, start=1, end=LAST, as_background_job=False)
    bpy.ops.cachefile.open(filepath=abc)
    modifier = bpy.context.object.modifiers.new("Alembic", "MESH_SEQUENCE_CACHE")
    (modifier.cache_file,) = bpy.data.cache_files
    modifier.object_path = "/Plane/Plane"


def _bake(cache: bpy.types.PointCache, *, on_disk: bool) -> None:
    if on_disk:  # only if True: setting it to False for rigid bodies crashes Blender
        cache.use_disk_cache = True
    cache.frame_start, cache.frame_end = 1, LAST
    with bpy.context.temp_override(scene=bpy.context.scene, point_cache=cache):
        bpy.ops.ptcache.bake(bake=True)


def _point_caches() -> None:
    """Add cloth, soft bodies, particles, dynamic paint and rigid bodies, with caches on disk and in
    memory, baked and unbaked (filled by playback)."""
    played = []
    for name, on_disk, baked in itertools.product(("CLOTH", "SOFT_BODY"), (0, 1), (0, 1)):
        object = _grid(f"{name} {'on disk' if on_disk else 'in memory'} {'baked' * baked}")
        cache = object.modifiers.new(name, name).point_cache
        cache.frame_start, cache.frame_end = 1, LAST
        if baked:
            _bake(cache, on_disk=bool(on_disk))
        else:
            played.append((cache, bool(on_disk)))
    for on_disk in (True, False):
        emitter = _grid(f"Rain {on_disk}")
        system = emitter.modifiers.new("Rain", "PARTICLE_SYSTEM").particle_system
        system.settings.count, system.settings.frame_end = 5, 3
        _bake(system.point_cache, on_disk=on_disk)

    canvas = _grid("Canvas")
    paint = canvas.modifiers.new("Paint", "DYNAMIC_PAINT")
    with bpy.context.temp_override(object=canvas, active_object=canvas):
        bpy.ops.dpaint.type_toggle(type="CANVAS")
    surface = paint.canvas_settings.canvas_surfaces[0]
    surface.surface_type = "DISPLACE"
    surface.frame_start, surface.frame_end = 1, LAST
    _bake(surface.point_cache, on_disk=True)

    _grid("Rigid")
    bpy.ops.rigidbody.world_add()
    bpy.ops.rigidbody.object_add(type="ACTIVE")
    _bake(bpy.context.scene.rigidbody_world.point_cache, on_disk=False)
    for cache, on_disk in played:
        cache.use_disk_cache = on_disk


def _nodes() -> None:
    """Add a simulation zone that is baked to disk."""
    plane = _grid("Nodes")
    group = bpy.data.node_groups.new("Simulation", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Mesh", in_out=in_out, socket_type="NodeSocketGeometry")
    begin = group.nodes.new("GeometryNodeSimulationInput")
    end = group.nodes.new("GeometryNodeSimulationOutput")
    begin.pair_with_output(end)
    chain = [group.nodes.new("NodeGroupInput"), begin, end, group.nodes.new("NodeGroupOutput")]
    for one, next_one in itertools.pairwise(chain):
        out = next(socket for socket in one.outputs if socket.type == "GEOMETRY")
        into = next(socket for socket in next_one.inputs if socket.type == "GEOMETRY")
        group.links.new(out, into)
    modifier = plane.modifiers.new("Simulation", "NODES")
    modifier.node_group = group
    modifier.bake_directory = "//caches/nodes"
    if hasattr(modifier, "bake_target"):
        modifier.bake_target = "DISK"
    bpy.context.view_layer.update()
    (bake,) = modifier.bakes
    bpy.ops.object.geometry_node_bake_single(
        session_uid=plane.session_uid, modifier_name=modifier.name, bake_id=bake.bake_id
    )


def _ocean(folder: Path) -> None:
    modifier = _grid("Sea").modifiers.new("Ocean", "OCEAN")
    modifier.geometry_mode, modifier.resolution = "DISPLACE", 4
    modifier.frame_start, modifier.frame_end = 1, LAST
    (folder / "caches/sea").mkdir(parents=True)
    modifier.filepath = str(folder / "caches/sea")
    bpy.ops.object.ocean_bake(modifier=modifier.name)


def _fluids(folder: Path) -> None:
    """Add a fluid domain for each kind and type of cache; a whole Blender bakes all but Replay."""
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.4, segments=8, ring_count=4)
    _fluid("FLOW").flow_behavior = "GEOMETRY"
    for kind, cache_type in FLUIDS:
        name = f"{kind.lower()} {cache_type.lower()}"
        bpy.ops.mesh.primitive_cube_add(size=2, location=(0, 0, 0))
        bpy.context.object.name = name
        domain = _fluid("DOMAIN")
        domain.domain_type, domain.cache_type = kind, cache_type
        domain.cache_frame_start, domain.cache_frame_end = 1, LAST
        # Replay at a relative path is Blender's default; the others get absolute paths.
        is_relative = cache_type == "REPLAY"
        path = folder / "caches" / name
        domain.cache_directory = f"//caches/{name}" if is_relative else str(path)
        if bpy.app.binary_path:
            domain.resolution_max = 8
            if cache_type == "ALL":
                bpy.ops.fluid.bake_all()
            elif cache_type == "MODULAR":
                bpy.ops.fluid.bake_data()


def _fluid(kind: str) -> bpy.types.FluidDomainSettings | bpy.types.FluidFlowSettings:
    bpy.ops.object.modifier_add(type="FLUID")
    modifier = bpy.context.object.modifiers[-1]
    modifier.fluid_type = kind
    return modifier.flow_settings if kind == "FLOW" else modifier.domain_settings


def _pretend(folder: Path) -> None:
    """Write placeholder fluid data files beside the settings of the first frame, which the module
    itself writes and reads."""
    for kind, cache_type in FLUIDS:
        data = folder / "caches" / f"{kind.lower()} {cache_type.lower()}" / "data"
        data.mkdir(parents=True, exist_ok=True)
        for frame in range(1, LAST + 1):
            data.joinpath(f"fluid_data_{frame:04}.vdb").write_bytes(b"smoke" * frame)


def _spell_one_absolute(folder: Path) -> None:
    bpy.data.images["wood.png"].filepath = str(folder / "textures/wood.png")


if __name__ == "__main__":
    make(Path(sys.argv[-1]), int(sys.argv[-2]))
    sys.stdout.flush()
    os._exit(0)  # the bpy module may crash at exit if the file has a fluid
