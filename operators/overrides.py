"""Operators that add and remove overrides, and store them as presets of Blender."""

from typing import Any

import bpy
from bl_operators.presets import AddPresetBase  # type: ignore[import-not-found]

from ..scene import overrides
from ..session import next_job
from ..translations import hinted


class RENDERJUICE_OT_add_override(bpy.types.Operator):
    """Change a setting on the farm only, starting from the scene's value"""

    bl_idname = "renderjuice.add_override"
    bl_label = "Add Override"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    field: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add the override, with the scene's value."""
        overrides.add(context.scene, self.field)
        return {"FINISHED"}


class RENDERJUICE_OT_reset_override(bpy.types.Operator):
    """Remove the override"""

    bl_idname = "renderjuice.reset_override"
    bl_label = "Remove Override"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    field: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """The tooltip, with the scene's value."""
        from ..jobs.snapshot import display_value  # enabling the extension stays fast

        value = overrides.scenes_own(context.scene, properties.field)
        if value is None:
            return hinted("Leave it to the farm")
        return hinted("Use the scene's value, {value}", value=hinted(display_value(value)))

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Disable the override."""
        scene: Any = context.scene
        setattr(scene.renderjuice, f"use_{overrides.PROPERTIES[self.field]}", False)
        return {"FINISHED"}


class RENDERJUICE_OT_reset_field(bpy.types.Operator):
    """Back to the scene's value"""

    bl_idname = "renderjuice.reset_field"
    bl_label = "Reset"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    field: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """Which frames come back; the others are not known before."""
        if properties.field == "shown_frames":
            frames = next_job.scenes_frames(context.scene)
            return hinted("Back to the scene's value, {value}", value=frames)
        return hinted("Back to what it is by itself")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget what was typed."""
        scene: Any = context.scene
        if self.field == "shown_frames":
            scene.renderjuice.use_frames = False
        else:
            setattr(scene.renderjuice_next, self.field.removeprefix("shown_"), "")
        return {"FINISHED"}


class RENDERJUICE_OT_add_preset(AddPresetBase, bpy.types.Operator):  # type: ignore[misc]
    """Keep these overrides as a preset, or remove one"""

    bl_idname = "renderjuice.add_preset"
    bl_label = "Add Override Preset"

    preset_menu = "RENDERJUICE_PT_presets"
    preset_subdir = overrides.PRESETS
    preset_defines: tuple[str, ...] = ()  # Blender 4.3 loses the names with Python 3.13
    preset_values = [
        f"bpy.context.scene.renderjuice.{name}"
        for prop in overrides.PROPERTIES.values()
        if prop not in ("frames", "notes")  # specific to a shot
        for name in (f"use_{prop}", prop)
    ]


_CLASSES = (
    RENDERJUICE_OT_add_override,
    RENDERJUICE_OT_reset_override,
    RENDERJUICE_OT_reset_field,
    RENDERJUICE_OT_add_preset,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
