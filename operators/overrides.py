"""Overrides: back to the scene's own value, and presets of them by Blender's preset system."""

from typing import Any

import bpy
from bl_operators.presets import AddPresetBase  # type: ignore[import-not-found]

from ..scene import overrides


class RENDERJUICE_OT_reset_override(bpy.types.Operator):
    """Back to what the scene says"""

    bl_idname = "renderjuice.reset_override"
    bl_label = "Reset"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    field: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Switch the override off; its value is kept for the next time."""
        scene: Any = context.scene
        setattr(scene.renderjuice, f"use_{overrides.PROPERTIES[self.field]}", False)
        return {"FINISHED"}


class RENDERJUICE_OT_add_preset(AddPresetBase, bpy.types.Operator):  # type: ignore[misc]
    """Keep these overrides as a preset, or remove one"""

    bl_idname = "renderjuice.add_preset"
    bl_label = "Add Override Preset"

    preset_menu = "RENDERJUICE_PT_presets"
    preset_subdir = overrides.PRESETS
    preset_defines: tuple[str, ...] = ()  # Blender 4.3 loses their names in Python 3.13
    preset_values = [
        f"bpy.context.scene.renderjuice.{name}"
        for prop in overrides.PROPERTIES.values()
        if prop not in ("frames", "notes")  # of one shot, not of a way to render
        for name in (f"use_{prop}", prop)
    ]


_CLASSES = (RENDERJUICE_OT_reset_override, RENDERJUICE_OT_add_preset)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
