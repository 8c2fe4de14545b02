"""Finds the simulations of a scene that nobody has baked, and readies them for a bake.

Takes bpy objects of Blender 4.2 to 5.2. How each kind is baked, so that frame 20 alone is equal to
the played scene in each of 4.2.23, 4.5.15, 5.0.1 and 5.2.3 (tests/blender/test_packing_bake.py):

| kind                         | cache on  | after stepping through the frames     |
|------------------------------|-----------|---------------------------------------|
| cloth, soft body, particles  | memory    | `ptcache.bake_from_cache`             |
| rigid body                   | memory    | the same; Blender crashes on disk     |
| hair                         | disk      | the same; in memory it would be wrong |
| dynamic paint                | disk      | the same; Blender knows no other way  |
| simulation zone              | disk      | `object.geometry_node_bake_single`    |

Stepping, unlike `ptcache.bake_all`, runs all simulations together as in a play, ends at any frame,
and can be stopped. What is stepped and not kept so, Blender forgets in rigid bodies and paint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..scene.baking import objects

ON_DISK = ("hair", "dynamic paint")


class NotBaked(Exception):
    """Blender has made no bake."""


@dataclass
class PointCache:
    """A point cache of an object, or of a scene's rigid bodies."""

    owner: Any
    kind: str
    cache: Any

    @property
    def first(self) -> int:
        """The frame that it starts at."""
        return int(self.cache.frame_start)

    @property
    def is_baked(self) -> bool:
        """Whether there is a bake, which stays as it is."""
        return bool(self.cache.is_baked)

    def prepare(self, name: str) -> None:
        """Have all frames played anew, with files whose names meet none of the artist's.

        Blender marks a cache as outdated when its first frame is set. What is played after frames
        that the artist has played would have gaps on disk in Blender 5.2.
        """
        if self.kind != "rigid body":
            self.cache.use_external = False
            self.cache.use_disk_cache = self.kind in ON_DISK
            if self.kind in ON_DISK:
                self.cache.name = name
        self.cache.frame_start = self.cache.frame_start

    def keep(self, scene: Any) -> None:
        """Make a bake of what was played. Raises NotBaked."""
        owner = {} if self.owner == scene else {"object": self.owner}
        with bpy.context.temp_override(scene=scene, point_cache=self.cache, **owner):
            bpy.ops.ptcache.bake_from_cache()
        if not self.is_baked:
            raise NotBaked(f"Blender has not baked the {self.kind}")


@dataclass
class Zone:
    """A simulation zone in the geometry nodes of an object."""

    owner: Any
    modifier: Any
    bake: Any
    first: int
    kind = "geometry nodes"

    def prepare(self, name: str) -> None:
        """Nothing: Blender writes no file before the bake."""

    def bake_into(self, scene: Any, package: Path, folder: str, last: int) -> None:
        """Bake below a `folder` of the package. Blender plays the frames once more.

        Raises NotBaked.
        """
        bake, item, before = self.bake, self.owner, self.modifier.bake_directory
        if hasattr(bake, "bake_target"):  # since Blender 4.3
            bake.bake_target = "DISK"
        bake.use_custom_path = True
        name = f"{folder}/{item.session_uid}-{bake.bake_id}"
        bake.directory = str(package / name)
        bake.use_custom_simulation_frame_range = True
        bake.frame_start, bake.frame_end = self.first, last
        with bpy.context.temp_override(object=item, active_object=item, scene=scene):
            bpy.ops.object.geometry_node_bake_single(
                session_uid=item.session_uid,
                modifier_name=self.modifier.name,
                bake_id=bake.bake_id,
            )
        if not (package / name / "meta").is_dir():
            raise NotBaked(f"Blender has not baked the {self.kind}")
        bake.directory = f"//{name}"
        self.modifier.bake_directory = before  # Blender sets it, too


Simulation = PointCache | Zone


def find(scene: Any, start: int, probe: Path) -> list[Simulation]:
    """All that nobody has baked.

    `start` is the frame in which a play begins, `probe` a folder for zones' bakes that are packed.
    """
    return [*point_caches(scene), *zones(scene, start, probe)]


def point_caches(scene: Any) -> Iterator[PointCache]:
    """The point caches that nobody has baked and that a play of `scene` fills."""
    for found in _point_caches(scene):
        if not found.is_baked:
            yield found


def _point_caches(scene: Any) -> Iterator[PointCache]:
    world = scene.rigidbody_world
    if world and world.enabled and world.collection and len(world.collection.objects):
        yield PointCache(scene, "rigid body", world.point_cache)
    for item in objects(scene.objects):
        for modifier in item.modifiers:
            if not (modifier.show_render and modifier.show_viewport):
                continue  # a play does not run it
            if modifier.type in ("CLOTH", "SOFT_BODY"):
                kind = "cloth" if modifier.type == "CLOTH" else "soft body"
                yield PointCache(item, kind, modifier.point_cache)
            elif modifier.type == "PARTICLE_SYSTEM":
                yield from _of_particles(item, modifier.particle_system)
            elif modifier.type == "DYNAMIC_PAINT" and modifier.canvas_settings:
                for surface in modifier.canvas_settings.canvas_surfaces:
                    if surface.is_active and surface.is_cache_user:
                        yield PointCache(item, "dynamic paint", surface.point_cache)


def _of_particles(item: Any, system: Any) -> Iterator[PointCache]:
    settings = system.settings
    if settings.type == "HAIR":
        if system.use_hair_dynamics:
            yield PointCache(item, "hair", system.point_cache)
    elif settings.physics_type != "NO":
        yield PointCache(item, "particle", system.point_cache)


def zones(scene: Any, start: int, probe: Path) -> Iterator[Zone]:
    """The simulation zones that nobody has baked. `probe` is a folder for a bake that is packed."""
    for item in objects(scene.objects):
        for modifier in item.modifiers:
            if modifier.type != "NODES" or not (modifier.show_render and modifier.show_viewport):
                continue
            for bake in modifier.bakes:
                if bake.node is None or bake.node.type != "SIMULATION_OUTPUT":
                    continue
                if not _is_baked(item, modifier, bake, probe):
                    custom = bake.use_custom_simulation_frame_range
                    first = bake.frame_start if custom else start
                    yield Zone(item, modifier, bake, int(first))


def _is_baked(item: Any, modifier: Any, bake: Any, probe: Path) -> bool:
    target = getattr(bake, "bake_target", "DISK")  # since Blender 4.3
    if target == "INHERIT":
        target = modifier.bake_target
    if target == "PACKED":
        return _is_packed(item, modifier, bake, probe)
    folder = bake.directory if bake.use_custom_path else modifier.bake_directory
    if not folder:
        return False
    path = Path(bpy.path.abspath(folder))
    return ((path if bake.use_custom_path else path / str(bake.bake_id)) / "meta").is_dir()


def _is_packed(item: Any, modifier: Any, bake: Any, probe: Path) -> bool:
    """Whether there is a packed bake: Blender tells only by unpacking it, here into `probe`."""
    if item.library is not None:
        return False
    before = bake.use_custom_path, bake.directory, bake.bake_target
    bake.use_custom_path, bake.directory = True, str(probe)
    which = {
        "session_uid": item.session_uid,
        "modifier_name": modifier.name,
        "bake_id": bake.bake_id,
    }
    operators: Any = bpy.ops.object  # the types are those of Blender 4.2
    with bpy.context.temp_override(object=item, active_object=item):
        result = operators.geometry_node_bake_unpack_single(method="WRITE_LOCAL", **which)
        if "FINISHED" in result:
            operators.geometry_node_bake_pack_single(**which)
    bake.use_custom_path, bake.directory, bake.bake_target = before
    return "FINISHED" in result


def is_there(scene: Any) -> bool:
    """Whether something may have to be baked: zones are not asked whether they are."""
    return any(True for _ in _simulated(scene)) or any(True for _ in point_caches(scene))


def make_local(scene: Any) -> set[tuple[str, str]]:
    """Make what is linked or overridden and simulated a part of the open copy.

    Blender bakes no cache of another file, and forgets that of an override. Returns the types and
    names of what was linked.
    """
    wanted = {
        item
        for item in _simulated(scene)
        if item.library is not None or item.override_library is not None
    }
    made: set[tuple[str, str]] = set()
    if not wanted:
        return made
    _make_collections_local(scene.collection, wanted, made)
    for item in [*objects(scene.objects)]:
        holder = item.instance_collection
        if holder is not None and not wanted.isdisjoint(objects(holder.all_objects)):
            if item.library is None:
                holder = _local(holder, made)
            _make_collections_local(holder, wanted, made)
    for item in [*objects(scene.objects)]:
        if item in wanted:
            _local(item, made)
    return made


def _local(id: Any, made: set[tuple[str, str]]) -> Any:
    """`id` as a part of the open file."""
    if id.library is not None:
        made.add((id.id_type, id.name))
        return id.make_local()
    if id.override_library is not None:
        made.add((id.id_type, id.override_library.reference.name))
        return id.make_local(clear_liboverride=True)
    return id


def _make_collections_local(collection: Any, wanted: set[Any], made: set[tuple[str, str]]) -> None:
    for child in [*collection.children]:
        if not wanted.isdisjoint(child.all_objects):
            _make_collections_local(_local(child, made), wanted, made)


def _simulated(scene: Any) -> Iterator[Any]:
    """The objects with a point cache that is not baked, or a zone."""
    for found in point_caches(scene):
        if found.kind != "rigid body":
            yield found.owner
    for item in objects(scene.objects):
        for modifier in item.modifiers:
            if modifier.type == "NODES" and any(
                bake.node is not None and bake.node.type == "SIMULATION_OUTPUT"
                for bake in modifier.bakes
            ):
                yield item
