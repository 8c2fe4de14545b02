"""Draws the documentation's sequence diagrams, so that the site does not need to load Mermaid.

Supports only the Mermaid syntax that they use: actors, participants, arrows, loops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

COLUMN, ROW, HEAD, MARGIN = 190, 34, 56, 12
BOX = 172
PARTY = re.compile(r"(?:actor|participant) (\w+)(?: as (.+))?")
ARROW = re.compile(r"(\w+)(--?>>)(\w+): (.+)")
STYLE = (
    ".sequence text{font:13px sans-serif;fill:currentColor;text-anchor:middle}"
    ".sequence path,.sequence rect{fill:none;stroke:currentColor}"
    ".sequence .away{stroke-dasharray:4 4}.sequence .life{opacity:.3}"
)
TIP = (
    '<marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
    '<path d="M0 0L8 4L0 8"/></marker>'
)


@dataclass
class _Drawing:
    """The parts of a diagram drawn so far."""

    columns: dict[str, float] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    loops: list[tuple[float, str]] = field(default_factory=list)
    y: float = HEAD + ROW


def svg(text: str) -> str:
    """Return a diagram as SVG. Raises ValueError for a line that is not supported."""
    drawing = _Drawing()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines[1:]:
        _line(drawing, line)
    width = len(drawing.columns) * COLUMN + 2 * MARGIN
    lives = [f'<path class="life" d="M{x} {HEAD}V{drawing.y}"/>' for x in drawing.columns.values()]
    return (
        f'<svg class="sequence" viewBox="0 0 {width} {drawing.y + MARGIN}"><style>{STYLE}</style>'
        f"<defs>{TIP}</defs>{''.join(lives)}{''.join(drawing.parts)}</svg>"
    )


def _line(drawing: _Drawing, line: str) -> None:
    if party := PARTY.fullmatch(line):
        _party(drawing, party[1], party[2] or party[1])
    elif arrow := ARROW.fullmatch(line):
        _arrow(drawing, *arrow.groups())
    elif line.startswith("loop "):
        drawing.loops.append((drawing.y - ROW / 2, line))
        drawing.y += ROW / 2
    elif line == "end":
        top, words = drawing.loops.pop()
        width = len(drawing.columns) * COLUMN
        height = drawing.y - ROW / 2 - top
        drawing.parts.append(
            f'<rect class="away" x="{MARGIN}" y="{top}" width="{width}" height="{height}"/>'
            f'<text x="{MARGIN + 80}" y="{top + 17}">{escape(words)}</text>'
        )
        drawing.y += ROW / 2
    else:
        raise ValueError(f"scripts/sequence.py does not know this line: {line}")


def _party(drawing: _Drawing, name: str, label: str) -> None:
    x = drawing.columns[name] = MARGIN + (len(drawing.columns) + 0.5) * COLUMN
    drawing.parts.append(
        f'<rect x="{x - BOX / 2}" y="4" width="{BOX}" height="{HEAD - 4}" rx="4"/>'
    )
    words = label.split("<br/>")
    for row, word in enumerate(words):
        y = HEAD / 2 + 7 + (row - (len(words) - 1) / 2) * 18
        drawing.parts.append(f'<text x="{x}" y="{y}">{escape(word)}</text>')


def _arrow(drawing: _Drawing, start: str, kind: str, end: str, words: str) -> None:
    x, to, y = drawing.columns[start], drawing.columns[end], drawing.y
    away = ' class="away"' if kind.startswith("--") else ""
    path = f"M{x} {y}H{to}" if x != to else f"M{x} {y - 8}h26v12h-25"
    at, anchor = ((x + to) / 2, "") if x != to else (x + 32, ' style="text-anchor:start"')
    rise = 6 if x != to else -2
    drawing.parts.append(
        f'<path{away} marker-end="url(#tip)" d="{path}"/>'
        f'<text x="{at}" y="{y - rise}"{anchor}>{escape(words)}</text>'
    )
    drawing.y += ROW
