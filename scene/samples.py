"""Computes and sets the effective sample counts, which view layers and scenes can override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .engines import CYCLES, EEVEE
from .rendered_scenes import rendered_scenes

if TYPE_CHECKING:
    import bpy


def other_counts(scene: bpy.types.Scene, *, alone: bool = False) -> tuple[int, ...]:
    """The sample counts, sorted, of parts of the image that differ from the scene's settings.

    `alone`: the file has no other scene, so nodes and strips need not be searched, which would be
    slow at each redraw.
    """
    if alone and not any(layer.samples for layer in scene.view_layers if layer.use):
        return ()  # no layer has a count of its own, and there is no other scene
    main = _own_count(scene)
    scenes = [] if alone else [one for one in rendered_scenes(scene) if one != scene]
    counts = _layer_counts(scene, main).union(*map(_counts, scenes))
    return tuple(sorted(counts - {main}))


def _counts(scene: Any) -> set[int]:
    """The effective sample counts of a scene's enabled view layers."""
    return _layer_counts(scene, _own_count(scene))


def _layer_counts(scene: Any, own: int | None) -> set[int]:
    """The same, of a scene whose own count is known."""
    if own is None:
        return set()
    if scene.render.engine != CYCLES:
        return {own}
    layers = {layer.samples for layer in scene.view_layers if layer.use}
    match scene.cycles.use_layer_samples:
        case "IGNORE":
            return {own}
        case "BOUNDED":
            return {min(count, own) if count else own for count in layers}
    return {count or own for count in layers}


def _own_count(scene: Any) -> int | None:
    """The sample count in the scene's render settings; None for engines without one."""
    if scene.render.engine == CYCLES and hasattr(scene, "cycles"):
        return int(scene.cycles.samples)
    return int(scene.eevee.taa_render_samples) if scene.render.engine in EEVEE else None


def set_count(scene: bpy.types.Scene, count: int) -> list[str]:
    """Set the sample count of every part of the image, for each scene's engine.

    Returns the names of linked scenes, which keep their own.
    """
    kept = []
    scenes: list[Any] = [*rendered_scenes(scene)]  # Any: `cycles` is not in the stubs
    for one in scenes:
        if _counts(one) <= {count}:
            continue
        if one.library is not None:
            kept.append(one.name)
        elif one.render.engine == CYCLES:
            one.cycles.samples = count
            if _counts(one) != {count}:
                one.cycles.use_layer_samples = "IGNORE"
        else:
            one.eevee.taa_render_samples = count
    return kept
