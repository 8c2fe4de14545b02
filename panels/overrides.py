"""What the farm renders differently from the scene: all fields, those in use, and presets."""

from typing import Any

import bpy
from bl_ui.utils import PresetPanel  # type: ignore[import-not-found]

from ..scene import overrides
from ..translations import shown
from .text import field_label


class RENDERJUICE_PT_presets(PresetPanel, bpy.types.Panel):  # type: ignore[misc]
    """Presets of overrides."""

    bl_label = "Override Presets"
    preset_subdir = overrides.PRESETS
    preset_operator = "script.execute_preset"
    preset_add_operator = "renderjuice.add_preset"


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Every field with its switch."""
    group: Any = context.scene.renderjuice  # type: ignore[attr-defined]
    for name, prop in overrides.PROPERTIES.items():
        row = layout.row(heading=shown(field_label(name)))
        row.use_property_split = True
        row.use_property_decorate = False
        row.prop(group, f"use_{prop}", text="")
        value = row.row()
        value.active = getattr(group, f"use_{prop}")
        value.prop(group, prop, text="")


def draw_in_use(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What differs from the scene, each with the way back."""
    group: Any = context.scene.renderjuice  # type: ignore[attr-defined]
    for name, prop in overrides.PROPERTIES.items():
        if getattr(group, f"use_{prop}"):
            row = layout.row(align=True)
            row.use_property_split = True
            row.use_property_decorate = False
            row.prop(group, prop, text=shown(field_label(name)))
            row.operator("renderjuice.reset_override", text="", icon="LOOP_BACK").field = name


def draw_presets(layout: bpy.types.UILayout) -> None:
    """The menu of presets, in a panel's header."""
    RENDERJUICE_PT_presets.draw_panel_header(layout)


_CLASSES = (RENDERJUICE_PT_presets,)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
