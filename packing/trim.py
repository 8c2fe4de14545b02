"""Leaves out the files of sequences that no frame of the job reads. Takes bpy objects.

What is not proven travels whole: a sequence with a use that is not understood or is animated, and
all of them where it is not certain which frames Blender evaluates.
"""

# ruff: noqa: PTH119, PTH202 (Blender's paths are strings, and there may be thousands)

import contextlib
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from . import pointcaches, sequences, shown, strips, switched_off
from .manifest import Trimmed
from .reference import Reference

ENGINES = ("CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT")
"""The engines whose renders have shown which files they read."""
TIME = ("frame_map", "motion_blur")
"""What the path of a scene's animation has in it that decides which frames are evaluated."""


Found = list[tuple[Any, Reference]]
IsRead = Callable[[str], bool]
"""Tells of a file whether a frame reads it."""


def trim(found: Found, ids: set[Any], data: Any, frames: Iterable[int]) -> list[Trimmed]:
    """Take the files that `frames` do not read out of the references in `found`.

    The file that a path names travels in any case, because Blender looks for it. `ids` are all
    data-blocks of the render, and `data` is `bpy.data`. Returns what stays.
    """
    evaluated = _evaluated(ids, frames)
    if not evaluated:
        return []
    whole: dict[str, set[str]] = defaultdict(set)
    known = [*_numbered(found, ids, data, evaluated), *_strips(found, evaluated)]
    for reference, is_read in (*known, *_point_caches(found, evaluated)):
        whole[_pattern(reference)].update(reference.files)
        wanted = [*reference.files, *reference.missing]
        reference.files = [path for path in reference.files if is_read(path)] or reference.files[:1]
        reference.missing = [path for path in reference.missing if is_read(path)]
        reference.unread = sorted({*wanted} - {*reference.files, *reference.missing})
    sent = {path for _, reference in found for path in reference.files}
    return [
        Trimmed(pattern, len(files), len(stay), sum(map(_size, stay)))
        for pattern, files in sorted(whole.items())
        if (stay := files - sent)
    ]


def _numbered(
    found: Found, ids: set[Any], data: Any, frames: set[int]
) -> Iterator[tuple[Reference, IsRead]]:
    """The references of data-blocks whose rule is known, and which of their files are read."""
    several = {id for id, r in found if len(r.files) > 1 and not (r.views or r.is_folder)}
    users = data.user_map(subset=several) if several else {}
    used = {id: [user for user in users[id] if user in ids] for id in several if id in users}
    numbers = shown.all_numbers(used, frames)
    for id, reference in found:
        if id in numbers and reference.files:
            yield reference, partial(_is_numbered, reference.path, numbers[id])


def _is_numbered(named: str, numbers: set[int], path: str) -> bool:
    return path == named or sequences.number(path) in numbers


def _strips(found: Found, frames: set[int]) -> Iterator[tuple[Reference, IsRead]]:
    """The same of image strips."""
    read: dict[Any, set[str]] = {}
    for scene in {id for id, _ in found if id.id_type == "SCENE"}:
        read |= shown.in_strips(scene, frames)
    for id, reference in found:
        if id.id_type == "SCENE" and reference.is_folder and reference.holder in read:
            names = {*read[reference.holder], reference.holder.elements[0].filename}
            yield reference, partial(_is_named, {name.casefold() for name in names})


def _point_caches(found: Found, frames: set[int]) -> Iterator[tuple[Reference, IsRead]]:
    """The same of point caches on disk."""
    for id, reference in found:
        is_cache = id.id_type == "OBJECT" and reference.content == "points" and reference.files
        if is_cache and pointcaches.is_read_by_frame(id, reference):
            name = pointcaches.name_of(reference.holder, id)
            yield reference, pointcaches.read(reference.files, name, frames).__contains__


def _is_named(names: set[str], path: str) -> bool:
    """Whether the file has one of the casefolded `names`; a path is spelled as on disk."""
    return os.path.basename(path).casefold() in names


def _pattern(reference: Reference) -> str:
    """The path of all files, with `#` for each digit; the folder where it is none of one name."""
    if not reference.is_folder:
        return sequences.pattern(reference.path)
    patterns = {sequences.pattern(path) for path in reference.files}
    return patterns.pop() if len(patterns) == 1 else reference.path


def _size(path: str) -> int:
    with contextlib.suppress(OSError):
        return os.path.getsize(path)
    return 0


def _evaluated(ids: set[Any], frames: Iterable[int]) -> set[int]:
    """The frames at which Blender evaluates the scenes to render `frames`.

    Empty where that is not certain: another engine, other scenes as strips, changed time.
    """
    scenes = [id for id in ids if id.id_type == "SCENE"]
    if any(_is_uncertain(scene) for scene in scenes):
        return set()
    simulated = any(
        modifier.type in switched_off.PHYSICS
        for id in ids
        if id.id_type == "OBJECT"
        for modifier in id.modifiers
    )
    margin = max([int(simulated), *(_margin(scene) for scene in scenes)])
    return {frame + each for frame in frames for each in range(-margin, margin + 1)}


def _is_uncertain(scene: Any) -> bool:
    render = scene.render
    return (
        render.engine not in ENGINES
        or render.frame_map_old != render.frame_map_new
        or shown.is_animated(scene, TIME)
        or any(_shows_others(strip) for strip in strips.of_scene(scene))
    )


def _shows_others(strip: Any) -> bool:
    """Whether a strip may show scenes, clips or nodes at other frames."""
    return strip.type in ("SCENE", "MOVIECLIP", "MASK") or len(strip.modifiers) > 0


def _margin(scene: Any) -> int:
    """How many frames before and after a rendered one are evaluated."""
    blur = math.ceil(scene.render.motion_blur_shutter) if scene.render.use_motion_blur else 0
    vectors = any(layer.use_pass_vector for layer in scene.view_layers)
    return max(blur, int(vectors or scene.frame_subframe != 0))
