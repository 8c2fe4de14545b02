"""Test frames: the button that submits them, and what they say of the whole job."""

from typing import Any

import bpy

from ..session import connection
from ..session.state import state
from ..translations import shown
from .text import wrapped

MOST_ACROSS = 3
ROOM = 56  # pixels of a sidebar that are no picture: margins of panel and box, the tabs
UNIT = 20  # pixels of a button at interface scale 1


def buttons(layout: bpy.types.UILayout) -> None:
    """One press for the first, middle and last frame; beside it, the choice."""
    row = layout.row(align=True)
    row.operator("renderjuice.test_frames", text="Test Frames", icon="RENDERLAYERS")
    row.operator("renderjuice.test_frames", text="", icon="DOWNARROW_HLT").choose = True


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, job: dict[str, Any]) -> None:
    """The test frames side by side, and what all frames take; nothing for any other job."""
    found = job["estimate"]
    if not found:
        return
    column = layout.column()
    _side_by_side(column, context, job)
    known = found["normalizedSeconds"] is not None
    wrapped(column, context, found["message"], "TIME" if known else "NONE")
    if not known:
        return
    wrapped(column, context, found["basis"])
    if job["blend"] == bpy.data.filepath:
        submit = column.operator(
            "renderjuice.submit",
            text=shown("Submit All {count} Frames", count=f"{found['frames']['count']:,}"),
            icon="RENDER_ANIMATION",
        )
        submit.frames = found["frames"]["text"]


def _side_by_side(
    layout: bpy.types.UILayout, context: bpy.types.Context, job: dict[str, Any]
) -> None:
    """A picture of each frame that is here, with its number and time, as large as fits."""
    from ..jobs import estimate
    from ..session import thumbnails  # enabling the extension stays fast

    connection.inspect_frames(job["id"])
    seen = state.frames.found.get(job["id"])
    if not seen or not seen["shown"]:
        return
    pictures = seen["shown"]
    tests = job["estimate"]["basedOn"]["frames"]
    took = {test["frame"]: test["renderSeconds"] for test in tests}
    across = min(MOST_ACROSS, len(pictures))
    width = context.region.width / context.preferences.system.ui_scale - ROOM
    grid = layout.grid_flow(row_major=True, columns=across, even_columns=True, align=True)
    for picture in pictures:
        cell = grid.column(align=True)
        icon = thumbnails.icon(job, picture)
        cell.template_icon(icon_value=icon, scale=max(2.0, width / across / UNIT))
        label = cell.row()
        label.alignment = "CENTER"
        seconds = took.get(picture[0])
        time = "" if seconds is None else f": {estimate.duration(seconds)}"
        label.label(text=f"{picture[0]}{time}")
