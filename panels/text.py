"""Long sentences in narrow panels, and words for stages."""

import bisect
import functools
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


def counted(count: int, what: str) -> str:
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


def size(count: float) -> str:
    """Bytes as an artist reads them."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"
