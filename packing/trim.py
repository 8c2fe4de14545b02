"""Leaves out the files of sequences that no frame of the job reads. Takes bpy objects.

What is not proven travels whole: a sequence with a use that is not understood or is animated, and
all of them where it is not certain which frames Blender evaluates.
"""

# ruff: noqa: PTH202 (Blender's paths are strings, and there may be thousands)

import contextlib
import math
import os
from collections.abc import Iterable
from typing import Any

from . import sequences, shown, strips, unseen
from .manifest import Trimmed
from .reference import Reference

ENGINES = ("CYCLES",)
"""The engines whose renders have shown which files they read."""
TIME = ("frame_map", "motion_blur")
"""What the path of a scene's animation has in it that decides which frames are evaluated."""


def trim(
    found: list[tuple[Any, Reference]], ids: set[Any], data: Any, frames: Iterable[int]
) -> list[Trimmed]:
    """Take the files that `frames` do not read out of the references in `found`.

    The file that a path names travels in any case, because Blender looks for it. `ids` are all
    data-blocks of the render, and `data` is `bpy.data`. Returns what stays.
    """
    several = {id for id, r in found if len(r.files) > 1 and not (r.views or r.is_folder)}
    evaluated = _evaluated(ids, frames)
    if not several or not evaluated:
        return []
    users = data.user_map(subset=several)
    used = {id: [user for user in users[id] if user in ids] for id in several if id in users}
    numbers = shown.all_numbers(used, evaluated)
    whole: dict[str, list[str]] = {}
    for id, reference in found:
        if id in numbers and reference.files:
            whole[sequences.pattern(reference.path)] = reference.files
            reference.files = [
                path
                for path in reference.files
                if path == reference.path or sequences.number(path) in numbers[id]
            ] or reference.files[:1]
    sent = {path for _, reference in found for path in reference.files}
    return [
        Trimmed(pattern, len(files), len(stay), sum(map(_size, stay)))
        for pattern, files in sorted(whole.items())
        if (stay := [path for path in files if path not in sent])
    ]


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
        modifier.type in unseen.PHYSICS
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
