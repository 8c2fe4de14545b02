"""The render engine that the open file keeps for a scene, also where Blender does not know it."""

from __future__ import annotations

from typing import Any

_BUILT_IN = "BLENDER_WORKBENCH"


def stored(scene: Any) -> str:
    """The engine's identifier. In the packer's Blender only, for it makes a scene and removes it.

    Where the engine's add-on is absent RNA reads EEVEE, and the file goes on to keep the other
    engine, for which there is no RNA. The scene made here shows where in the settings it stands.
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
