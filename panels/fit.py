"""What fits into a row of a panel, measured in the artist's language; and rows that fit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import blf
import bpy

from ..translations import shown
from .text import Measures, measures

NARROW = 240
"""Below this width, in pixels at interface scale 1, a choice of three words becomes a menu."""
TABS, MARGIN, ICON = 22, 20, 22


class Button(NamedTuple):
    """A button of an operator; `set_up` is given its properties."""

    operator: str
    text: str
    icon: Any = "NONE"
    set_up: Callable[[Any], None] = lambda _: None
    enabled: bool = True


def room(context: bpy.types.Context) -> float:
    """The width of a row, in pixels at interface scale 1."""
    return _room(measures(context))


def _room(region: Measures) -> float:
    return region.width / region.scale - (TABS if region.has_tabs else 0) - MARGIN


def narrow(context: bpy.types.Context) -> bool:
    """Whether there is no room for a choice of three words beside each other."""
    region = measures(context)
    return region.width / region.scale < NARROW


def letters_are_light(context: bpy.types.Context) -> bool:
    """Whether the theme is a dark one."""
    theme: Any = context.preferences.themes[0]
    return float(sum(theme.user_interface.wcol_regular.text)) > 1.5


def width(context: bpy.types.Context, text: str) -> float:
    """The width of a text, in pixels at interface scale 1."""
    region = measures(context)
    return _width(text, region.points) / region.scale


@functools.lru_cache(512)
def _width(text: str, points: float) -> float:
    blf.size(0, points)
    return float(blf.dimensions(0, text)[0])  # type: ignore[index]


def fits(context: bpy.types.Context, text: str, share: float = 1.0, taken: float = 0) -> bool:
    """Whether a button or label with an icon and this text is drawn whole in `share` of a row, of
    which `taken` pixels are not its own."""
    return _fits(text, measures(context), share, taken)


@functools.lru_cache(1024)
def _fits(text: str, region: Measures, share: float, taken: float) -> bool:
    width = _width(text, region.points) / region.scale
    return width + ICON + 14 <= (_room(region) - taken) * share


def best(context: bpy.types.Context, *texts: str, share: float = 1.0, taken: float = 0) -> str:
    """The first of these texts that is drawn whole, else the last: from wordy to terse."""
    return next((text for text in texts if fits(context, text, share, taken)), texts[-1])


def shortened(context: bpy.types.Context, text: str, taken: float = 0) -> str:
    """A name without its middle, if a label has no room for it: its ends tell it from others."""
    kept = len(text)
    short = text
    while kept > 4 and not fits(context, short, taken=taken):
        kept -= 1
        short = f"{text[: (kept + 1) // 2]}…{text[-(kept // 2) :]}"
    return short


def buttons(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    wanted: Sequence[Button],
    scale: float = 1.0,
) -> None:
    """Buttons beside each other, all or in pairs, where each fits with its whole text; else below
    each other. They are `scale` rows high."""
    texts = [shown(one.text) for one in wanted]
    count = len(wanted)
    across = count if all(fits(context, text, 1 / count) for text in texts) else 1
    if count > 2 and across == 1 and all(fits(context, text, 1 / 2) for text in texts):
        across = 2
    column = layout.column(align=True)
    column.scale_y = scale
    for start in range(0, count, across):
        row = column.row(align=True)
        for one in wanted[start : start + across]:
            cell = row if one.enabled else row.row(align=True)
            cell.enabled = one.enabled
            one.set_up(cell.operator(one.operator, text=one.text, icon=one.icon))


def facts(
    layout: bpy.types.UILayout, context: bpy.types.Context, pairs: Sequence[tuple[str, str]]
) -> None:
    """Names and values, aligned with each other; a long value is below its name."""
    if not pairs:
        return
    longest = max(width(context, shown(name)) for name, _ in pairs)
    factor = min(0.6, max(0.3, (longest + 14) / room(context)))
    column = layout.column(align=True)
    column.scale_y = 0.85
    for name, value in pairs:
        beside = width(context, value) + 14 <= room(context) * (1 - factor)
        split: Any = column.split(factor=factor) if beside else column
        left = split.row()
        left.alignment, left.active = "RIGHT" if beside else "LEFT", False
        # Not Blender's own word, which may be another: "Speed", "Range".
        text = shown(name)
        left.label(text=text, translate=text == name)
        split.label(text=value, translate=False)
