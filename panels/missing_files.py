"""Missing files of one kind and folder: what, which, and what can be done about all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy

from ..scene import sent_without
from ..scene.missing import name_of
from ..translations import shown
from . import fit
from .text import LEVEL_ICONS, named, number_of, wrapped

if TYPE_CHECKING:
    from ..scene.check import Check
    from ..scene.missing import Group

MAX_NAMED = 3
"""Files that are named at once; the others are behind them."""
MAX_MORE = 100
_WITH_PATH = {"CACHEFILE", "FONT", "IMAGE", "LIBRARY", "MOVIECLIP", "SOUND", "VOLUME"}
"""Types of data-blocks that have one path, `filepath`."""


def draw(
    layout: bpy.types.UILayout, context: bpy.types.Context, group: Group, part: str = ""
) -> None:
    """Draw all of it. `part` is the name of the part with the files beyond MAX_NAMED; without one
    they are counted only."""
    checks, count = group.checks, len(group.checks)
    column = layout.column(align=True)
    title = number_of(count, *group.titles, folder=_shown_folder(group.folder))
    wrapped(column, context, title, LEVEL_ICONS[group.level])
    if group.why:
        wrapped(column, context, group.why, "BLANK1", dim=True)
    at_once = named(count, MAX_NAMED)
    for one in checks[:at_once]:
        _file(column, context, one, alone=count == 1)
    if count > at_once:
        more = shown("And {count} more", count=count - at_once)
        body = _behind(layout, part, more) if part else column.label(text=more, icon="BLANK1")
        ends = named(count, MAX_MORE)
        for one in checks[at_once:ends] if body else ():
            _file(body, context, one)
        if body and count > ends:
            body.label(text=shown("And {count} more", count=count - ends), icon="THREE_DOTS")
        column = layout.column()
    fit.buttons(column, context, list(_buttons(context, group)))


def _behind(layout: bpy.types.UILayout, name: str, title: str) -> Any:
    part: Any = layout.panel(name, default_closed=True)
    header, body = part
    header.label(text=title, translate=False)
    return body.column(align=True) if body else None


def _shown_folder(folder: str) -> str:
    """As Blender writes it, where it is that of the file, or below it."""
    text = sent_without.stored(folder)
    return text.removesuffix(".") if text.endswith("//.") else text


def _file(layout: Any, context: bpy.types.Context, one: Check, *, alone: bool = False) -> None:
    """One file: its name, and buttons for it, unless it is `alone`: then they are below."""
    icons = [] if alone else [*_for_one(one), _for_all(one)]
    beside = fit.fits(context, name_of(one), taken=20 * len(icons))
    row = layout.row(align=True)
    name = fit.shortened(context, name_of(one), taken=20 * len(icons) if beside else 0)
    row.label(text=name, icon="BLANK1", translate=False)
    if not beside:
        row = layout.row(align=True)
        row.alignment = "RIGHT"
    for button in icons:
        made = row.operator(button.operator, text="", icon=button.icon, emboss=False)
        button.set_up(made)


def _for_one(one: Check) -> Iterator[fit.Button]:
    """What can be done about one file only."""

    def about(button: Any) -> None:
        button.id_type, button.datablock = one.id_type, one.datablock

    def about_file(button: Any) -> None:
        about(button)
        button.missing = one.path

    if one.datablock and one.id_type and one.id_type != "LIBRARY":
        yield fit.Button("renderjuice.show_datablock", "Show", "RESTRICT_SELECT_OFF", about)
    if one.level == "error" and one.id_type in _WITH_PATH:
        yield fit.Button("renderjuice.find_file", "Find File…", "FILE_FOLDER", about_file)


def _for_all(one: Check, text: str = "", *, every: bool = False) -> fit.Button:
    """To go on without one file, or without `every` one that is missing with it."""

    def about_missing(button: Any) -> None:
        button.missing, button.every = one.missing, every

    def about_check(button: Any) -> None:
        button.check, button.message, button.every = one.id, one.message, every

    if one.missing:
        return fit.Button("renderjuice.send_anyway", text, "EXPORT", about_missing)
    return fit.Button("renderjuice.ignore", text, "X", about_check)


def _buttons(context: bpy.types.Context, group: Group) -> Iterator[fit.Button]:
    """What can be done about all of them."""
    first, many = group.checks[0], len(group.checks) > 1
    if not many:
        yield from _for_one(first)
    if first.fix == "file.find_missing_files":
        yield fit.Button(first.fix, "Find in Folder…")
    text = "Ignore All" if many else "Ignore"
    if first.missing:
        text = shown("Send Anyway")
        if many:
            text = fit.best(context, shown("Send These Anyway"), shown("Send These"))
    yield _for_all(first, text, every=many)
