"""What is wrong with the scene, with what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy

from ..scene import baking, ignored, missing, sent_without
from ..scene.check import in_order
from ..session import scan
from ..translations import shown
from . import fit, missing_files
from .text import LEVEL_ICONS, named, sentences, wrapped

if TYPE_CHECKING:
    from ..scene.check import Check
    from ..session.scan import Results

MAX_SHOWN = 12
_FOLDERS = {"no-folder", "folder-claimed", "folder-not-writable", "frames-exist"}
_FRAMES = {"bad-frames", "negative-frames"}
_REPAIRS = {"ptcache.bake_all": "Bake All", "image.save_all_modified": "Save All Images"}
_FIXES = {
    "extensions.userpref_show_online": "Allow Online Access",
    "renderjuice.use_image_format": "Use PNG",
    "renderjuice.use_optix": "Use OptiX",
}
"""Operators, and what their buttons say."""


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, results: Results) -> None:
    """A part of the panel that is there while there is something to say."""
    scene = context.scene
    files, old = scan.files(scene), results.outdated
    found = [one for one in results.current if one.id not in scan.GLOBAL_CHECKS]
    kept = len(sent_without.entries(scene)) + len(ignored.entries(scene))
    if not (found or old or files.problem or kept):
        return
    part: Any = layout.panel_prop(context.window_manager, "renderjuice_show_findings")
    header, body = part
    header.label(text="Checks")
    all_found = missing.grouped(in_order(found))
    _counts(header, context, all_found)
    if body is None:
        return
    if files.problem:
        wrapped(body, context, files.problem, "CANCEL")
    at_once = named(len(all_found), MAX_SHOWN)
    for number, one in enumerate(all_found[:at_once]):
        if isinstance(one, missing.Group):
            missing_files.draw(body, context, one, f"renderjuice_missing_{number}")
        else:
            _finding(body, context, one)
    if any(one.id in {"unbaked-simulation", *baking.ASKED} for one in found):
        own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
        body.prop(own, "bake")
    if old:
        _outdated(body, context, old)
    more = len(all_found) - at_once + scan.left_out(scene)
    if more:
        body.label(text=shown("And {count} more", count=more), icon="THREE_DOTS")
    _send_all_anyway(body, context, all_found)
    _sent_without(body, scene)
    _ignored(body, scene)


def _send_all_anyway(
    layout: bpy.types.UILayout, context: bpy.types.Context, found: list[Check | missing.Group]
) -> None:
    """One press for the missing files of many folders."""
    groups = [one for one in found if isinstance(one, missing.Group) and one.level == "error"]
    if len(groups) > 1:

        def every(button: Any) -> None:
            button.every = True

        text = fit.best(context, shown("Send All Anyway"), shown("Send All"))
        fit.buttons(layout, context, [fit.Button("renderjuice.send_anyway", text, "EXPORT", every)])


def _sent_without(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """The missing files that are in nobody's way, each with the way back."""
    entries = sent_without.entries(scene)
    column = _part(layout, "sent_without", "Sent Without ({count})", len(entries))
    for entry in entries[: named(len(entries), MAX_SHOWN)] if column else ():
        name = re.split(r"[/\\]", entry.path)[-1]
        button = _taken(column, name, "FILE", "renderjuice.report_again")
        button.path = entry.path


def _ignored(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """The warnings and notes that are not shown any more, each with the way back."""
    entries = ignored.entries(scene)
    column = _part(layout, "ignored", "Ignored ({count})", len(entries))
    for entry in entries[: named(len(entries), MAX_SHOWN)] if column else ():
        button = _taken(column, shown(entry.title), "ERROR", "renderjuice.stop_ignoring")
        button.check, button.about = entry.check, entry.about


def _part(layout: bpy.types.UILayout, name: str, title: str, count: int) -> Any:
    """A part with a list of so many entries; None if it is closed or has none."""
    if not count:
        return None
    part: Any = layout.panel(f"renderjuice_{name}")
    header, body = part
    header.label(text=shown(title, count=count), translate=False)
    if body is None:
        return None
    column = body.column(align=True)
    more = count - named(count, MAX_SHOWN)
    if more:
        column.label(text=shown("And {count} more", count=more), icon="THREE_DOTS")
    return column


def _taken(layout: Any, title: str, icon: str, operator: str) -> Any:
    """An entry of a list, dimmed, with the button that takes it back, which is returned."""
    row = layout.row()
    text = row.row()
    text.active = False
    text.label(text=title, icon=icon, translate=False)
    return row.operator(operator, text="", icon="X", emboss=False)


def _outdated(layout: bpy.types.UILayout, context: bpy.types.Context, old: list[Check]) -> None:
    """What was found before the scene has changed: dimmed, and in nobody's way."""
    said = "From {time}. Everything is checked again when you render."
    wrapped(layout, context, said, "INFO", time=scan.time_of(context.scene))
    column = layout.column()
    column.active = False
    all_old = missing.grouped(in_order(old))
    for one in all_old[: named(len(all_old), MAX_SHOWN)]:
        if isinstance(one, missing.Group):
            missing_files.draw(column, context, one)
        else:
            _finding(column, context, one)


def _counts(
    layout: bpy.types.UILayout, context: bpy.types.Context, found: list[Check | missing.Group]
) -> None:
    """What the closed part tells: how many errors and warnings there are."""
    if fit.narrow(context):  # the line above the button says it
        return
    row = layout.row()
    row.alignment = "RIGHT"
    for level in ("error", "warning"):
        count = sum(one.level == level for one in found)
        if count:
            row.label(text=str(count), icon=LEVEL_ICONS[level])


def _finding(layout: bpy.types.UILayout, context: bpy.types.Context, one: Check) -> None:
    column = layout.column(align=True)
    what, *why = sentences(shown(one.message))
    wrapped(column, context, what, LEVEL_ICONS[one.level])
    if why:
        wrapped(column, context, why[0], "BLANK1", dim=True)
    wanted = list(_buttons(one))
    if wanted:
        fit.buttons(column, context, wanted)


def _buttons(one: Check) -> Iterator[fit.Button]:
    """What can be done about it."""

    def about(button: Any) -> None:
        button.id_type, button.datablock = one.id_type, one.datablock

    def about_missing(button: Any) -> None:
        button.missing = one.missing

    def about_check(button: Any) -> None:
        button.check, button.message = one.id, one.message

    def frames(button: Any) -> None:
        button.field = "shown_frames"

    def repair(button: Any) -> None:
        button.what = one.fix

    if one.datablock and one.id_type and one.id_type != "LIBRARY":
        yield fit.Button("renderjuice.show_datablock", "Show", "RESTRICT_SELECT_OFF", about)
    if one.id == "unsaved-image":
        yield fit.Button("renderjuice.pack_image", "Pack", "PACKAGE", about)
    if one.id == "no-camera":
        yield fit.Button("renderjuice.use_camera", "Use a Camera", "CAMERA_DATA", about)
    if one.id == "engine":
        yield fit.Button("renderjuice.use_cycles", "Use Cycles", "SHADING_RENDERED")
    if one.id in _FOLDERS:
        yield fit.Button("renderjuice.choose_folder", "Choose Folder…", "FILE_FOLDER")
    if one.id in _FRAMES:
        yield fit.Button("renderjuice.reset_field", "Use the Scene's Frames", "LOOP_BACK", frames)
    if one.fix in _REPAIRS:
        yield fit.Button("renderjuice.repair", _REPAIRS[one.fix], set_up=repair)
    elif one.fix in _FIXES:
        yield fit.Button(one.fix, _FIXES[one.fix])
    if one.missing:
        yield fit.Button("renderjuice.send_anyway", "Send Anyway", "EXPORT", about_missing)
    elif one.level != "error":
        yield fit.Button("renderjuice.ignore", "Ignore", "X", about_check)
