"""The self-test in the preferences: a button, and a line for each check as it comes."""

from typing import Any

import bpy

from ..session.state import state
from .text import wrapped

_ICONS: dict[bool | None, Any] = {True: "CHECKMARK", False: "CANCEL", None: "RADIOBUT_OFF"}


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the button and the lines."""
    test = state.selftest
    layout.operator("renderjuice.selftest", icon="SYSTEM")
    for text, held, found in test.lines:
        wrapped(layout, context, text, _ICONS[held])
        if found.strip():
            wrapped(layout, context, found.strip(), "BLANK1")
    if test.running:
        layout.label(text="The test is under way", icon="SORTTIME")
    if test.problem:
        wrapped(layout, context, test.problem, "ERROR")
    if test.report:
        wrapped(layout, context, "The report: {path}", "FILE_TEXT", path=test.report)
        layout.operator("wm.path_open", text="Open the Report").filepath = test.report
