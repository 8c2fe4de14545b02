"""Finds point caches on disk: of particles, cloth, soft bodies and dynamic paint.

Blender looks for them in `blendcache_<name>` beside `<name>.blend` that has the object; external
caches have their own folder. Files are named `<cache>_<frame>_<index>.bphys`; an unnamed cache uses
the object's name in hexadecimal (Blender's pointcache.cc).
"""

# Blender's paths are strings, and there may be thousands:
# ruff: noqa: PTH118, PTH119, PTH120, PTH122

import bisect
import functools
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from . import sequences
from .layout import absolute
from .reference import Place, Reference

FRAME = re.compile(r"(.*)_\d{6,}\.bphys", re.DOTALL)
FRAME_AND_INDEX = re.compile(r"(.*)_\d{6,}_\d{2,}\.bphys", re.DOTALL)


BY_FRAME = ("CLOTH", "SOFT_BODY", "PARTICLE_SYSTEM")
"""Modifiers of which a frame reads the file with its number, as renders have shown."""


def folder_name(blend: str) -> str:
    """The name of the cache folder beside the file named `blend`."""
    return f"blendcache_{os.path.splitext(os.path.basename(blend))[0]}"


def folder_of(blend: str) -> str:
    """The folder beside the file `blend`."""
    return os.path.join(os.path.dirname(blend), folder_name(blend))


def references(object: Any, place: Place) -> Iterator[Reference]:
    """The disk caches of an object's physics."""
    for part, cache in _caches(object):
        is_shots = place.blend != "" and not cache.use_library_path
        home = place.at(place.shot) if is_shots else place
        if cache.use_external:
            reference = _external(cache, home)
            reference.home = "" if is_shots else None
        elif cache.use_disk_cache:
            reference = _in_default_folder(cache, object, home)
        else:
            continue
        reference.part, reference.content = part, "points"
        yield reference


def _caches(object: Any) -> Iterator[tuple[str, Any]]:
    for modifier in object.modifiers:
        part = f'modifier "{modifier.name}"'
        if modifier.type in ("CLOTH", "SOFT_BODY"):
            yield part, modifier.point_cache
        elif modifier.type == "PARTICLE_SYSTEM":
            yield part, modifier.particle_system.point_cache
        elif modifier.type == "DYNAMIC_PAINT" and modifier.canvas_settings:
            for surface in modifier.canvas_settings.canvas_surfaces:
                yield part, surface.point_cache


def _external(cache: Any, place: Place) -> Reference:
    folder = absolute(cache.filepath, place.folder)
    files = files_of(folder, cache.name)
    return Reference(cache, "filepath", folder, files, [] if files else [folder], is_folder=True)


def _in_default_folder(cache: Any, object: Any, place: Place) -> Reference:
    """The default folder. It may be missing: there are no files before the first simulation."""
    folder = folder_of(place.original)
    files = files_of(folder, name_of(cache, object))
    return Reference(cache, "filepath", folder, files, is_folder=True, beside=True)


def name_of(cache: Any, object: Any) -> str:
    """The name that the files of a cache begin with."""
    return str(cache.name or object.name.encode().hex().upper())


def files_of(folder: str, name: str) -> list[str]:
    """The files of a cache in a folder."""
    return list(_caches_in(folder).get(name, ()))


@functools.cache
def _caches_in(folder: str) -> dict[str, list[str]]:
    """The files in `folder`, by the names of the caches that they may belong to.

    It is cached, because all objects share the folder.
    """
    found = defaultdict(list)
    for path in sequences.files_in(folder):
        for pattern in (FRAME, FRAME_AND_INDEX):
            if match := pattern.fullmatch(os.path.basename(path)):
                found[match.group(1)].append(path)
    return found


def is_read_by_frame(object: Any, reference: Reference) -> bool:
    """Whether a frame reads the file of its number, or its neighbors, and nothing else.

    A cache that is not baked goes on where its files end. Hair, paths and children may look at
    other frames.
    """
    cache = reference.holder
    for part, each in _caches(object):
        if each == cache and part == reference.part:
            modifier = object.modifiers[part.removeprefix('modifier "').removesuffix('"')]
            is_baked = cache.is_baked or cache.use_external
            return is_baked and modifier.type in BY_FRAME and _is_plain(modifier)
    return False


def _is_plain(modifier: Any) -> bool:
    if modifier.type != "PARTICLE_SYSTEM":
        return bool(modifier.point_cache.frame_step == 1)
    settings = modifier.particle_system.settings
    return (
        (settings.type, settings.physics_type, settings.child_type) == ("EMITTER", "NEWTON", "NONE")
        and settings.render_type in ("OBJECT", "COLLECTION")
        and modifier.particle_system.point_cache.frame_step == 1
    )


def read(files: Sequence[str], name: str, frames: Iterable[int]) -> set[str]:
    """The files of the cache `name` that `frames` read: of their numbers, or else the nearest ones.

    The first and the last one are among them, which say where a cache begins and ends.
    """
    by_number: dict[int, list[str]] = defaultdict(list)
    for path in files:
        number = re.match(r"\d+", os.path.basename(path)[len(name) + 1 :])
        by_number[int(number.group()) if number else 0].append(path)
    numbers = sorted(by_number)
    found = {*numbers[:1], *numbers[-1:]}
    for frame in frames:
        place = bisect.bisect_left(numbers, frame)
        before = place if frame in by_number else max(place - 1, 0)
        found.update(numbers[before : place + 1])
    return {path for number in found for path in by_number[number]}
