"""Test frames: the button that submits them, and what they say of the whole job."""

from typing import Any

import bpy
import bpy.utils.previews

from ..jobs import bridge, estimate
from ..translations import shown
from .text import wrapped

MOST_ACROSS = 3
ROOM = 56  # pixels of a sidebar that are no picture: margins of panel and box, the tabs
UNIT = 20  # pixels of a button at interface scale 1

_pictures: Any = None
_wanted: set[str] = set()


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
    _side_by_side(column, context, job["output"], found["basedOn"]["frames"])
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
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    folder: str,
    frames: list[dict[str, Any]],
) -> None:
    """A picture of each frame that is here, with its number and time, as large as fits."""
    shown = [frame for frame in frames if frame["file"]]
    if not shown:
        return
    across = min(MOST_ACROSS, len(shown))
    width = context.region.width / context.preferences.system.ui_scale - ROOM
    grid = layout.grid_flow(row_major=True, columns=across, even_columns=True, align=True)
    for frame in shown:
        cell = grid.column(align=True)
        icon = picture(f"{folder}/{frame['file']}")
        cell.template_icon(icon_value=icon, scale=max(2.0, width / across / UNIT))
        seconds = frame["renderSeconds"]
        took = "" if seconds is None else f": {estimate.duration(seconds)}"
        label = cell.row()
        label.alignment = "CENTER"
        label.label(text=f"{frame['frame']}{took}")


# -- pictures -------------------------------------------------------------------------------------


def picture(path: str) -> int:
    """The icon of a picture: an empty one until it is loaded, which is not while drawing."""
    if path in _pictures:
        return int(_pictures[path].icon_id)
    _wanted.add(path)
    if not bpy.app.timers.is_registered(_load):
        bpy.app.timers.register(_load, first_interval=0.0, persistent=True)
    return 0


def _load() -> None:
    """Load what panels have asked for."""
    for path in _wanted:
        if path not in _pictures:
            _pictures.load(path, path, "IMAGE")
    _wanted.clear()
    bridge.redraw_for_a_while()


def register() -> None:
    """Provide for the pictures."""
    global _pictures  # noqa: PLW0603 (the one collection of this Blender)
    _pictures = bpy.utils.previews.new()


def unregister() -> None:
    """Forget the pictures."""
    if bpy.app.timers.is_registered(_load):
        bpy.app.timers.unregister(_load)
    _wanted.clear()
    bpy.utils.previews.remove(_pictures)
