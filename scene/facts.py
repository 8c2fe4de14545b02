"""Collects the input of the checks from Blender. It changes nothing and reads no file contents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import baking, empty_pictures
from .checks import Facts, Simulation
from .rendered_scenes import active_nodes, compositor, shown_strips

if TYPE_CHECKING:
    import bpy

    from .config import Requested


def read(
    scene: bpy.types.Scene, requested: Requested, *, has_key: bool, bake: str = "none"
) -> Facts:
    """Collect the facts about `scene` and the open file. It takes a few ms: not for drawing.

    `bake` is the job's baking.Mode.
    """
    import bpy

    from .settings import ocio

    drawn = _camera_scenes(scene)
    return Facts(
        requested=requested,
        has_key=has_key,
        online=bpy.app.online_access,
        online_forced=bpy.app.online_access_override,
        scenes_without_camera=tuple(s.name for s in drawn if not empty_pictures.has_camera(s)),
        empty_scenes=tuple(dict.fromkeys(empty_pictures.read(scene, drawn))),
        unsaved_images=tuple(image.name for image in bpy.data.images if _is_unsaved(image)),
        simulations=tuple(_simulations(scene)),
        bake=bake if baking.is_possible(scene) else "none",
        scripts=tuple(text.name for text in bpy.data.texts if text.use_module),
        drivers=tuple(_python_drivers(bpy.data)),
        path_problem=path_problem(scene),
        output_path=scene.render.filepath,
        save_output=getattr(scene.render, "save_output", True),
        placeholders=scene.render.use_placeholder,
        border=_border(scene.render),
        ocio=ocio(),
        osl=getattr(getattr(scene, "cycles", None), "shading_system", False),
    )


def _camera_scenes(scene: bpy.types.Scene) -> list[bpy.types.Scene]:
    """The scenes that need a camera: none with strips, several with compositor nodes."""
    if shown_strips(scene):
        return []
    tree = compositor(scene) if scene.render.use_compositing else None
    if tree is None:
        return [scene]
    scenes = [node.scene or scene for node in active_nodes(tree, {tree}) if node.type == "R_LAYERS"]
    return list(dict.fromkeys(scenes))


def _border(render: bpy.types.RenderSettings) -> tuple[float, float, float, float] | None:
    if not render.use_border:
        return None
    return render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y


def _is_unsaved(image: bpy.types.Image) -> bool:
    shown_only = image.type in {"RENDER_RESULT", "COMPOSITING"} or image.source == "VIEWER"
    return image.is_dirty and image.users > 0 and not shown_only


def path_problem(scene: bpy.types.Scene) -> str | None:
    """Blender's error about the output path's `{variables}` (4.5 and newer), or None."""
    try:
        scene.render.frame_path(frame=scene.frame_start)
    except RuntimeError as error:
        lines = [line.strip(" -") for line in str(error).splitlines()]
        return " ".join(line for line in lines[1:] if line) or str(error)
    return None


def _python_drivers(data: Any) -> Iterator[tuple[str, str]]:
    """Names and types of data-blocks with scripted drivers that are not simple expressions."""
    for collection in _animated(data):
        for id_ in collection:
            tree = getattr(id_, "node_tree", None)  # embedded trees are not in bpy.data
            if _has_python_driver(id_) or (tree is not None and _has_python_driver(tree)):
                yield id_.name, id_.id_type


def _animated(data: Any) -> Iterator[Any]:
    for prop in data.bl_rna.properties:
        if prop.type == "COLLECTION" and "animation_data" in prop.fixed_type.bl_rna.properties:
            yield getattr(data, prop.identifier)


def _has_python_driver(id_: Any) -> bool:
    drivers = id_.animation_data.drivers if id_.animation_data else ()
    return any(d.driver.type == "SCRIPTED" and not d.driver.is_simple_expression for d in drivers)


def _simulations(scene: bpy.types.Scene) -> Iterator[Simulation]:
    """The unsafe simulations. Hidden objects are included, because they may affect others."""
    world = scene.rigidbody_world
    if world and world.enabled and world.collection and len(world.collection.objects):
        yield from _point_cache(scene, "rigid body", world.point_cache)
    for item in baking.objects(scene.objects):
        for modifier in item.modifiers:
            if modifier.show_render:
                yield from _of_modifier(item, modifier)


def _of_modifier(item: bpy.types.Object, modifier: Any) -> Iterator[Simulation]:
    match modifier.type:
        case "CLOTH":
            yield from _point_cache(item, "cloth", modifier.point_cache)
        case "SOFT_BODY":
            yield from _point_cache(item, "soft body", modifier.point_cache)
        case "PARTICLE_SYSTEM":
            yield from _of_particles(item, modifier.particle_system)
        case "DYNAMIC_PAINT" if modifier.canvas_settings:
            for surface in modifier.canvas_settings.canvas_surfaces:
                if surface.is_active and surface.is_cache_user:
                    yield from _point_cache(item, "dynamic paint", surface.point_cache)
        case "FLUID" if modifier.fluid_type == "DOMAIN":
            yield from _of_fluid(item, modifier.domain_settings)
        case "NODES":
            yield from _of_nodes(item, modifier)


def _of_particles(item: bpy.types.Object, system: Any) -> Iterator[Simulation]:
    settings = system.settings
    hair = settings.type == "HAIR"
    if system.use_hair_dynamics if hair else settings.physics_type != "NO":
        yield from _point_cache(item, "particle", system.point_cache)


def _point_cache(owner: Any, kind: str, cache: Any) -> Iterator[Simulation]:
    what = owner.name, owner.id_type, kind
    if not cache.is_baked:
        yield Simulation(*what, "unbaked", fix="ptcache.bake_all")
    elif cache.use_disk_cache or cache.use_external:
        folder = _cache_folder(cache)
        if not folder.is_dir():
            yield Simulation(*what, "missing", str(folder), "ptcache.bake_all")


def _cache_folder(cache: Any) -> Path:
    """The folder of a point cache on disk."""
    import bpy

    if cache.use_external:
        return Path(bpy.path.abspath(cache.filepath))
    owner = Path(bpy.data.filepath)
    if cache.id_data.library and cache.use_library_path:
        owner = Path(bpy.path.abspath(cache.id_data.library.filepath))
    return owner.with_name(f"blendcache_{owner.stem}")


def _of_fluid(item: bpy.types.Object, domain: Any) -> Iterator[Simulation]:
    import bpy

    folder = Path(bpy.path.abspath(domain.cache_directory))
    if not domain.has_cache_baked_data:
        yield Simulation(item.name, "OBJECT", "fluid", "unbaked")
    elif not folder.is_dir():
        yield Simulation(item.name, "OBJECT", "fluid", "missing", str(folder))


def _of_nodes(item: bpy.types.Object, modifier: Any) -> Iterator[Simulation]:
    """Simulation zones. For a bake packed into the file, Blender does not tell if it exists."""
    import bpy

    for bake in modifier.bakes:
        if bake.node is None or bake.node.type != "SIMULATION_OUTPUT":
            continue
        target = getattr(bake, "bake_target", "DISK")  # since Blender 4.3
        if target == "INHERIT":
            target = modifier.bake_target
        if target == "PACKED":
            yield Simulation(item.name, "OBJECT", "geometry nodes", "unknown")
            continue
        if bake.use_custom_path:
            folder = Path(bpy.path.abspath(bake.directory))
        else:
            folder = Path(bpy.path.abspath(modifier.bake_directory)) / str(bake.bake_id)
        if not (bake.directory or modifier.bake_directory) or not (folder / "meta").is_dir():
            yield Simulation(item.name, "OBJECT", "geometry nodes", "unbaked", str(folder))
