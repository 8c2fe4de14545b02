"""The extension's preferences: the key, what the farm says of it, folders."""

import bpy

from ..jobs import bridge, key
from ..operators import connect
from .text import offline, wrapped

_ICONS = {"accepted": "CHECKMARK", "refused": "CANCEL", "testing": "SORTTIME"}


def draw(
    layout: bpy.types.UILayout, stored: bpy.types.AddonPreferences, context: bpy.types.Context
) -> None:
    """Draw the preferences."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    offline(layout, context)
    row = layout.row(align=True)
    if key.from_environment():
        row.label(text=f"The key is taken from {key.VARIABLE}")
    else:
        row.prop(stored, "key", placeholder="RJ-…")
    row.operator("renderjuice.test_key")
    state, sentence = connect.result()
    if state:
        wrapped(layout, context, sentence, _ICONS[state])
    if not bridge.has_key():
        link = layout.operator("wm.url_open", text="Where is my key?", icon="URL")
        link.url = "https://www.renderjuice.com/docs"
    layout.prop(stored, "api_url")
    layout.prop(stored, "output_folder")
    layout.prop(stored, "scratch_folder")
    layout.prop(stored, "transfers")
