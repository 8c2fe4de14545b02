"""Long sentences in narrow panels, and words for stages."""

import textwrap
from typing import Any

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
    characters = max(20, int(context.region.width / (7.0 * scale)) - 8)
    column = layout.column(align=True)
    column.scale_y = 0.8
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, characters)]
    for number, line in enumerate(lines):
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


def size(count: float) -> str:
    """Bytes as an artist reads them."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"
