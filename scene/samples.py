"""How many samples a render really takes: view layers and other scenes have counts of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .engines import CYCLES, EEVEE
from .rendered_scenes import rendered_scenes

if TYPE_CHECKING:
    import bpy


def other_counts(scene: bpy.types.Scene, *, alone: bool = False) -> tuple[int, ...]:
    """The sample counts, sorted, that parts of the picture have and the scene's settings do not.

    `alone`: the file has no other scene. So none is looked for among nodes and strips, which may
    be many, and panels ask at each redraw.
    """
    main = _own_count(scene)
    scenes = [scene] if alone else rendered_scenes(scene)
    counts = {count for one in scenes for count in _counts(one)}
    return tuple(sorted(counts - {main}))


def _counts(scene: Any) -> set[int]:
    """The counts that the enabled view layers of one scene are rendered with."""
    own = _own_count(scene)
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
    """The count in the scene's render settings; None for an engine without one."""
    if scene.render.engine == CYCLES and hasattr(scene, "cycles"):
        return int(scene.cycles.samples)
    return int(scene.eevee.taa_render_samples) if scene.render.engine in EEVEE else None


def set_count(scene: bpy.types.Scene, count: int) -> list[str]:
    """Give every part of the picture this count; the names of the linked scenes that keep theirs.

    Each scene gets it for the engine that renders it.
    """
    kept = []
    scenes: list[Any] = [*rendered_scenes(scene)]  # not every Blender has Cycles
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
