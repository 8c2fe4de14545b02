"""Finds scenes that Blender renders as empty pictures, without an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from .rendered_scenes import shown_strips

if TYPE_CHECKING:
    import bpy

Cause = Literal["camera", "layers"]

_WORDS: dict[Cause, str] = {
    "camera": "A strip shows the scene “{name}”, which has no camera: the strip would be empty."
    " Choose one in the Scene properties.",
    "layers": "All view layers of the scene “{name}” are switched off for rendering: its"
    " pictures would be empty. Switch on Use for Rendering in the View Layer properties.",
}


def message(cause: Cause, name: str) -> str:
    """The sentence about a scene that would be empty."""
    return _WORDS[cause].format(name=name)


def read(scene: bpy.types.Scene, drawn: Iterable[bpy.types.Scene]) -> Iterator[tuple[Cause, str]]:
    """The scenes that would be empty, and why: of those `drawn`, and of scene strips."""
    strips = [one for one in shown_strips(scene) if one.type == "SCENE" and one.scene]
    shown = [one for one in strips if one.scene_input == "CAMERA"]
    for strip in shown:
        if not has_camera(strip.scene) and strip.scene_camera is None:
            yield "camera", strip.scene.name
    for one in dict.fromkeys([*drawn, *(strip.scene for strip in shown)]):
        if not any(layer.use for layer in one.view_layers):
            yield "layers", one.name


def has_camera(scene: bpy.types.Scene) -> bool:
    """Whether a scene has a camera, of its own or bound to a marker."""
    return scene.camera is not None or any(m.camera for m in scene.timeline_markers)
