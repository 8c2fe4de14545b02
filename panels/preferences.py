"""The extension's preferences: how to begin, and what holds for all files."""

import bpy

from . import first_run


def draw(
    layout: bpy.types.UILayout, stored: bpy.types.AddonPreferences, context: bpy.types.Context
) -> None:
    """Draw the preferences."""
    first_run.steps(layout.box(), context)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    for name in ("api_url", "output_folder", "scratch_folder", "transfers"):
        column.prop(stored, name)
