"""Long sentences in narrow panels, and words for stages."""

from __future__ import annotations

import bisect
import functools
import math
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import blf
import bpy

from ..jobs.record import Stage
from ..translations import shown

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot

STAGE_WORDS = {
    Stage.SAVING: "Saving the copy",
    Stage.PACKING: "Packing",
    Stage.UPLOADING: "Uploading",
    Stage.CREATING: "Creating the job",
    Stage.VALIDATING: "Checking",
    Stage.STARTING: "Starting the render",
    Stage.RENDERING: "Rendering",
    Stage.DOWNLOADING: "Downloading",
    Stage.CANCELING: "Canceling",
    Stage.FINISHED: "Finished",
    Stage.INCOMPLETE: "Frames missing",
    Stage.FAILED: "Failed",
    Stage.CANCELED: "Canceled",
}
STAGE_ICONS: dict[str, Any] = {
    Stage.FINISHED: "CHECKMARK",
    Stage.INCOMPLETE: "ERROR",
    Stage.FAILED: "CANCEL",
    Stage.CANCELED: "X",
    Stage.UPLOADING: "EXPORT",
    Stage.DOWNLOADING: "IMPORT",
    Stage.RENDERING: "RENDER_ANIMATION",
}
# Of Japanese and Chinese: letters, what opens, and what no line begins with, as a small vowel.
_LETTER = "[\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff]"
_OPENS = "[(\u300c\u300e\uff08]"
_CLOSES = (
    "[-,.:;!?)\u3001\u3002\u300d\u300f\u301c\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085"
    "\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30fb\u30fc\uff01\uff09\uff1a\uff1f]"
)
_WORD = re.compile(rf"{_OPENS}*(?:{_LETTER}|(?:(?!{_LETTER}|{_OPENS})\S)+|\S){_CLOSES}*\s*")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|(?<=\u3002)")
_YESTERDAY = "Yesterday"
LEVEL_ICONS: dict[str, Any] = {"error": "CANCEL", "warning": "ERROR", "note": "INFO"}


class Measures(NamedTuple):
    """What decides how much text fits into a region."""

    width: float
    """In pixels."""
    scale: float
    """Of the interface."""
    points: float
    """The size of text, in pixels."""
    has_tabs: bool
    """Whether the region has tabs at its side, as the sidebar has."""


_measures: Measures | None = None
"""Those of the draw that goes on now."""


def measures(context: bpy.types.Context) -> Measures:
    """Those of the context's region."""
    return _measures or _measured(context)


def _measured(context: bpy.types.Context) -> Measures:
    preferences, area = context.preferences, context.area
    scale = preferences.system.ui_scale
    points = preferences.ui_styles[0].widget.points * scale
    has_tabs = area is not None and area.type == "VIEW_3D"
    return Measures(context.region.width, scale, points, has_tabs)


def measured(draw: Callable[[Any, bpy.types.Context], None]) -> Any:
    """Have a panel's draw measure its region once, and not for each text."""

    @functools.wraps(draw)
    def call(self: Any, context: bpy.types.Context) -> None:
        global _measures  # noqa: PLW0603 (one panel is drawn at a time)
        _measures = _measured(context)
        try:
            draw(self, context)
        finally:
            _measures = None

    return call


def wrapped(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    text: str,
    icon: Any = "NONE",
    *,
    dim: bool = False,
    **values: Any,
) -> None:
    """Draw `text`, in the artist's language and filled in with `values`, in as many lines as the
    region's width takes. `dim`: what one need not read."""
    width, scale, points, _ = measures(context)
    room = width - (64 if icon == "NONE" else 88) * scale  # tabs, borders, icon
    column = layout.column(align=True)
    column.scale_y = 0.8
    column.active = not dim
    for number, line in enumerate(lines_of(shown(text, **values), max(room, 60 * scale), points)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else icon)


def number_of(count: int, one: str, many: str, **values: str) -> str:
    """A number of things: `one` is the text for 1, `many` for others."""
    return shown(one if count == 1 else many, count=f"{count:,}", **values)


def sentences(text: str) -> list[str]:
    """The first sentence of a text, and the others if there are any."""
    return [one for one in _SENTENCE_END.split(text, maxsplit=1) if one] or [text]


def named(count: int, most: int) -> int:
    """How many of `count` things are named if `most` are, and the rest is counted. A single one
    is never counted: its name takes no more room than "And 1 more"."""
    return count if count <= most + 1 else most


@functools.lru_cache(256)
def lines_of(text: str, room: float, points: float) -> list[str]:
    """The lines of `text`, each no wider than `room` pixels; long words, as paths are, break."""
    blf.size(0, points)
    lines = []
    for part in text.splitlines():
        line = ""
        for word in words_of(part):
            longer = f"{line}{word}".lstrip()
            if line and not _fits(longer.rstrip(), room):
                lines.append(line.rstrip())
                longer = word.lstrip()
            line = longer
            while len(line) > 1 and not _fits(line.rstrip(), room):
                ends = range(1, len(line))
                end = bisect.bisect(ends, False, key=lambda n, s=line: not _fits(s[:n], room)) or 1
                lines.append(line[:end])
                line = line[end:]
        lines.append(line.rstrip())
    return lines


def words_of(text: str) -> list[str]:
    """The pieces between which a line may end, each with the spaces behind it.

    Japanese and Chinese are written without spaces: a line may end after any letter of them.
    """
    return _WORD.findall(text)


def _fits(text: str, room: float) -> bool:
    width: float = blf.dimensions(0, text)[0]  # type: ignore[index]
    return width <= room


def span(seconds: float) -> str:
    """A length of time as an artist says it: 40 s, 3 min, 2 h 10 min, 1 d 4 h."""
    minutes = round(seconds / 60)
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


def icon_of(job: JobSnapshot) -> Any:
    """What a job is doing, as an icon."""
    if job.waiting or job.foreign:
        return "PAUSE"
    return STAGE_ICONS.get(job.stage, "SORTTIME")


def short(job: JobSnapshot) -> str:
    """How far a job is, in a few words."""
    words = stage_words(job)
    if job.foreign:
        return shown("{stage}, elsewhere", stage=words)
    if job.canceling:
        return words
    if job.stage in (Stage.FINISHED, Stage.INCOMPLETE):
        return f"{words}, {frames_here(job)}"
    words = f"{words} {counted(job, '{done} of {total}')}".rstrip()
    if job.waiting and not job.ended:
        return shown("{stage}, waiting", stage=words)
    return words


def frames_here(job: JobSnapshot) -> str:
    """How many frames are here, of how many."""
    frames = job.frames
    if frames.expected is None:
        return number_of(frames.downloaded, "{count} frame", "{count} frames")
    done, total = f"{frames.downloaded:,}", f"{frames.expected:,}"
    return shown("{done} of {total} frames", done=done, total=total)


def stage_words(job: JobSnapshot) -> str:
    """A job's stage, or that it is being canceled."""
    return shown(STAGE_WORDS[Stage.CANCELING if job.canceling else job.stage])


def counted(job: JobSnapshot, of: str = "{done}/{total}") -> str:
    """How much of the present stage is done: frames or files `of` their number, or per cent."""
    live = job.live
    done = min(live.done, live.total)  # a farm may count too much
    if live.total and live.unit != "bytes":
        return shown(of, done=done, total=live.total)
    if live.total:
        return f"{100 * done // live.total} %"
    return f"{100 * live.fraction:.0f} %" if live.fraction else ""


def share(job: JobSnapshot) -> float | None:
    """How much of the present stage is done, 0..1; None where nothing is counted."""
    live = job.live
    if job.ended or not counted(job):
        return None
    done: float = live.done / live.total if live.total else live.fraction
    return min(1.0, done)


def shortest(job: JobSnapshot) -> str:
    """How far a job is, or when it ended, in a word or a number: the icon beside it says the rest.

    The number is the same in the list, in the bar and in the status bar.
    """
    if job.ended and job.history:
        return when(job.history[-1][1])
    if job.foreign or (job.waiting and not counted(job)):
        return shown("Waiting")
    if job.canceling or not counted(job):
        return stage_words(job)
    return counted(job)


def when(seconds: float) -> str:
    """A moment, in seconds since 1970, as an artist says it: 15:58, Yesterday, or the day."""
    text = _when(seconds, int(time.time()) // 60)
    return shown(text) if text == _YESTERDAY else text


@functools.lru_cache(64)
def _when(seconds: float, minute: int) -> str:
    """The same, in English; it changes at most with the `minute` that is now."""
    at, now = time.localtime(seconds), time.localtime(minute * 60)
    if at[:3] == now[:3]:
        return time.strftime("%H:%M", at)
    if at[:3] == time.localtime((minute - 24 * 60) * 60)[:3]:
        return _YESTERDAY
    return day(at)


def day(at: time.struct_time) -> str:
    """A day: 21 Nov, or with its year if that is another."""
    other = at.tm_year != time.localtime().tm_year
    return f"{at.tm_mday} {time.strftime('%b %Y' if other else '%b', at)}"


def left(job: JobSnapshot) -> str:
    """How long the present stage still takes, about, or "" where nothing is measured."""
    seconds = job.live.left
    if seconds is None or job.waiting or job.ended:
        return ""
    return span(60 * math.ceil(seconds / 60)) if seconds > 60 else "< 1 min"


def section(
    layout: bpy.types.UILayout, name: str, title: str, *, closed: bool = False
) -> bpy.types.UILayout | None:
    """A part that opens and closes; None while it is closed."""
    parts: Any = layout.panel(f"renderjuice_{name}", default_closed=closed)
    parts[0].label(text=title)
    return parts[1]  # type: ignore[no-any-return]
