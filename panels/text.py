"""Long sentences in narrow panels, and words for stages."""

import bisect
import functools
import math
from typing import Any

import blf
import bpy

from ..jobs import record as rec

STAGE_WORDS = {
    rec.SAVING: "Saving the copy",
    rec.PACKING: "Packing",
    rec.UPLOADING: "Uploading",
    rec.CREATING: "Creating the job",
    rec.VALIDATING: "Checked by the farm",
    rec.STARTING: "Starting the render",
    rec.RENDERING: "Rendering",
    rec.DOWNLOADING: "Downloading",
    rec.CANCELING: "Canceling",
    rec.FINISHED: "Finished",
    rec.INCOMPLETE: "Frames missing",
    rec.FAILED: "Failed",
    rec.CANCELED: "Canceled",
}
STAGE_ICONS: dict[str, Any] = {
    rec.FINISHED: "CHECKMARK",
    rec.INCOMPLETE: "ERROR",
    rec.FAILED: "CANCEL",
    rec.CANCELED: "X",
    rec.UPLOADING: "EXPORT",
    rec.DOWNLOADING: "IMPORT",
    rec.RENDERING: "RENDER_ANIMATION",
}
_LABELS = {
    "colorManagementPreset": "Color Management",
    "computeDeviceType": "GPU Interface",
    "gpuCount": "GPUs",
    "denoisingEnabled": "Denoise",
    "minimumRam": "Memory",
    "fps": "Frame Rate",
}
LEVEL_ICONS: dict[str, Any] = {"error": "CANCEL", "warning": "ERROR", "note": "INFO"}


def wrapped(
    layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: Any = "NONE"
) -> None:
    """Draw `text` in as many lines as the region's width takes."""
    scale = context.preferences.system.ui_scale
    points = context.preferences.ui_styles[0].widget.points * scale
    room = context.region.width - (64 if icon == "NONE" else 88) * scale  # tabs, borders, icon
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(_lines(text, max(room, 60 * scale), points)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else icon)


def field_label(name: str) -> str:
    """An API field's name in words."""
    if name in _LABELS:
        return _LABELS[name]
    member = name.rpartition(".")[2]
    return "".join(f" {c}" if c.isupper() else c for c in member).title()


def number_of(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


@functools.lru_cache(256)
def _lines(text: str, room: float, points: float) -> list[str]:
    """The lines of `text`, each no wider than `room` pixels; long words, as paths are, break."""
    blf.size(0, points)
    lines = []
    for part in text.splitlines():
        line = ""
        for word in part.split():
            longer = f"{line} {word}".lstrip()
            if line and not _fits(longer, room):
                lines.append(line)
                longer = word
            line = longer
            while len(line) > 1 and not _fits(line, room):
                ends = range(1, len(line))
                end = bisect.bisect(ends, False, key=lambda n, s=line: not _fits(s[:n], room)) or 1
                lines.append(line[:end])
                line = line[end:]
        lines.append(line)
    return lines


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


def icon_of(job: dict[str, Any]) -> Any:
    """What a job is doing, as an icon."""
    if job["waiting"] or job["foreign"]:
        return "PAUSE"
    return STAGE_ICONS.get(job["stage"], "SORTTIME")


def short(job: dict[str, Any]) -> str:
    """How far a job is, in a few words."""
    words = STAGE_WORDS[job["stage"]]
    if job["foreign"]:
        return f"{words}, elsewhere"
    if job["canceling"]:
        return STAGE_WORDS[rec.CANCELING]
    if job["stage"] in (rec.FINISHED, rec.INCOMPLETE):
        count = job["frames"]["downloaded"]
        return f"{words}, {count} file{'' if count == 1 else 's'}"
    return f"{words} {counted(job, ' of ')}".rstrip()


def counted(job: dict[str, Any], of: str) -> str:
    """How much of the present stage is done: frames or files `of` their number, or per cent."""
    live = job["live"]
    if live["total"] and live["unit"] != "bytes":
        return f"{live['done']}{of}{live['total']}"
    if live["total"]:
        return f"{100 * live['done'] // live['total']} %"
    return f"{100 * live['fraction']:.0f} %" if live["fraction"] else ""


def share(job: dict[str, Any]) -> float | None:
    """How much of the present stage is done, 0..1; None where nothing is counted."""
    live = job["live"]
    if job["stage"] in rec.ENDED or not counted(job, "/"):
        return None
    done: float = live["done"] / live["total"] if live["total"] else live["fraction"]
    return min(1.0, done)


def shortest(job: dict[str, Any]) -> str:
    """How far a job is where there is room for two numbers: the icon beside it says the stage."""
    if job["stage"] in rec.ENDED or job["foreign"] or job["canceling"] or not counted(job, "/"):
        return short(job).partition(",")[0]
    return ", ".join(filter(None, (counted(job, "/"), left(job))))


def left(job: dict[str, Any]) -> str:
    """How long the present stage still takes, about, or "" where nothing is measured."""
    seconds = job["live"]["left"]
    if seconds is None or job["waiting"] or job["stage"] in rec.ENDED:
        return ""
    return span(60 * math.ceil(seconds / 60)) if seconds > 60 else "< 1 min"


def section(
    layout: bpy.types.UILayout, name: str, title: str, *, closed: bool = False
) -> bpy.types.UILayout | None:
    """A part that opens and closes; None while it is closed."""
    parts: Any = layout.panel(f"renderjuice_{name}", default_closed=closed)
    parts[0].label(text=title)
    return parts[1]  # type: ignore[no-any-return]


def width(context: bpy.types.Context) -> float:
    """The region's width in pixels as they are at interface scale 1."""
    return context.region.width / context.preferences.system.ui_scale


def size(count: float) -> str:
    """Bytes as an artist reads them."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"
