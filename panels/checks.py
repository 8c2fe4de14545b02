"""What the last look at the scene found, with what can be done about it, and what would travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ..scene.checks import in_order
from ..session import scan
from ..system.units import size
from ..translations import shown
from .text import LEVEL_ICONS, span, wrapped

if TYPE_CHECKING:
    from ..packing.manifest import FilesByKind
    from ..scene.checks import Check

MAX_SHOWN = 12
MIN_SECONDS_SHOWN = 10  # after which a scan says for how long it has been running

_KINDS: dict[str, tuple[str, Any]] = {
    "blend": ("Scene", "FILE_BLEND"),
    "cache": ("Caches", "PHYSICS"),
    "clip": ("Movie clips", "TRACKER"),
    "font": ("Fonts", "FILE_FONT"),
    "geometry": ("Alembic and USD", "FILE_CACHE"),
    "image": ("Images", "FILE_IMAGE"),
    "library": ("Libraries", "LIBRARY_DATA_DIRECT"),
    "sound": ("Sounds", "FILE_SOUND"),
    "strip": ("Strips", "SEQUENCE"),
    "volume": ("Volumes", "FILE_VOLUME"),
    "other": ("Others", "FILE"),
}
_WITH_PATH = {"CACHEFILE", "FONT", "IMAGE", "LIBRARY", "MOVIECLIP", "SOUND", "VOLUME"}
"""Types of data-blocks that have one path, `filepath`."""
_REPAIRS = {"ptcache.bake_all": "Bake All", "image.save_all_modified": "Save All Images"}


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button, the findings, the files."""
    layout.operator("renderjuice.check", icon="VIEWZOOM")
    scene = context.scene
    files, found, old = scan.files(scene), scan.current(scene), scan.outdated(scene)
    if files.scanning:
        _scanning(layout, files.scanning, files.seconds)
    if files.problem:
        wrapped(layout, context, files.problem, "CANCEL")
    for one in in_order(found)[:MAX_SHOWN]:
        _finding(layout, context, one)
    if old:
        _outdated(layout, context, old)
    more = max(0, len(found) - MAX_SHOWN) + scan.left_out(scene)
    if more:
        layout.label(text=shown("And {count} more", count=more), icon="THREE_DOTS")
    if not (found or old or more) and files.found:
        layout.label(text="Nothing stands in the way", icon="CHECKMARK")
    if files.found:
        _files(layout, files.found)


def _scanning(layout: bpy.types.UILayout, step: str, seconds: int) -> None:
    """What the background Blender is doing, for how long when that is long, and how to end it."""
    text = shown("Files: {step}", step=shown(step))
    if seconds >= MIN_SECONDS_SHOWN:
        text = shown("Files, for {time}: {step}", time=span(seconds), step=shown(step))
    row = layout.row()
    row.label(text=text, icon="SORTTIME")
    row.operator("renderjuice.stop_check", text="", icon="X")


def _outdated(layout: bpy.types.UILayout, context: bpy.types.Context, old: list[Check]) -> None:
    """What was found before the scene has changed: dimmed, and in nobody's way."""
    said = "From {time}, before the last change. It is checked again when you submit."
    wrapped(layout, context, said, "INFO", time=scan.time_of(context.scene))
    column = layout.column()
    column.active = False
    for one in in_order(old)[:MAX_SHOWN]:
        _finding(column, context, one)


def draw_header(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What the closed panel tells: how many errors and warnings there are."""
    found = scan.current(context.scene)
    for level in ("error", "warning"):
        count = sum(one.level == level for one in found)
        if count:
            layout.label(text=str(count), icon=LEVEL_ICONS[level])


def _finding(layout: bpy.types.UILayout, context: bpy.types.Context, one: Check) -> None:
    column = layout.column(align=True)
    wrapped(column, context, one.message, LEVEL_ICONS[one.level])
    row = column.row(align=True)
    row.separator(factor=2.5)
    if one.datablock and one.id_type and one.id_type != "LIBRARY":
        _about(row.operator("renderjuice.show_datablock", icon="RESTRICT_SELECT_OFF"), one)
    if one.id in ("missing-file", "missing-library") and one.id_type in _WITH_PATH:
        button = row.operator("renderjuice.find_file", icon="FILE_FOLDER")
        _about(button, one)
        button.missing = one.path
    if one.id == "unsaved-image":
        _about(row.operator("renderjuice.pack_image", icon="PACKAGE"), one)
    if one.fix in _REPAIRS:
        row.operator("renderjuice.repair", text=_REPAIRS[one.fix]).what = one.fix
    elif one.fix:
        row.operator(one.fix)


def _about(button: Any, one: Check) -> None:
    button.id_type, button.datablock = one.id_type, one.datablock


def _files(layout: bpy.types.UILayout, found: FilesByKind) -> None:
    """How many files travel, and how big they are, by kind."""
    column = layout.box().column(align=True)
    for kind in found.kinds:
        name, icon = _KINDS[kind.kind]
        split = column.split(factor=0.7)
        split.label(text=f"{shown(name)}: {kind.count:,}", icon=icon)
        _right(split, size(kind.bytes))
    split = column.split(factor=0.7)
    split.label(text=shown("To send: {count}", count=f"{found.count:,}"), icon="EXPORT")
    _right(split, size(found.bytes))


def _right(layout: bpy.types.UILayout, text: str) -> None:
    row = layout.row()
    row.alignment = "RIGHT"
    row.label(text=text)
