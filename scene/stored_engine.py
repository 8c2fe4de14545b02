"""Reads the render engine that is stored for a scene, even if Blender does not know it."""

from __future__ import annotations

from typing import Any

_BUILT_IN = "BLENDER_WORKBENCH"


def stored(scene: Any) -> str:
    """The stored engine's identifier. For the packer's Blender only, as it adds a temporary scene.

    If the engine's add-on is missing, RNA reports EEVEE, although the file still stores the other
    engine. The temporary scene gives the offset of the engine in `RenderData`.
    """
    import ctypes

    import bpy

    probe: Any = bpy.data.scenes.new("engine")
    try:
        probe.render.engine = _BUILT_IN
        name, place = f"{_BUILT_IN}\0".encode(), 0
        while ctypes.string_at(probe.render.as_pointer() + place, len(name)) != name:
            place += 1
    finally:
        bpy.data.scenes.remove(probe)
    return ctypes.string_at(scene.render.as_pointer() + place).decode(errors="replace")
