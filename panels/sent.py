"""Behind the (i): every setting that the farm is told, and the files that travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ..session import scan
from ..system.units import size
from ..translations import shown

if TYPE_CHECKING:
    from ..packing.manifest import FilesByKind

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


class RENDERJUICE_PT_sent(bpy.types.Panel):
    """A popover of the line that names the engine."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"
    bl_label = "Settings Sent to the Farm"
    bl_ui_units_x = 17

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what is sent; what is not, is as in the file."""
        layout = self.layout
        layout.label(text="Settings Sent to the Farm")
        _settings(layout.column(align=True), context.scene)
        found = scan.files(context.scene).found
        if found:
            layout.separator()
            _files(layout, found)
        from ..scene import settings

        gpus = settings.gpus(context.preferences)
        if gpus:
            layout.label(text=shown("GPUs enabled here: {names}", names=", ".join(gpus)))


def _settings(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    from ..api import fields
    from . import names
    from .next_job import requested

    wanted = requested(scene, scan.asked(scene))
    sent = fields.flatten(wanted.config)
    for name in fields.FIELDS:
        split = layout.split(factor=0.45)
        left = split.row()
        left.alignment, left.active = "RIGHT", False
        left.label(text=names.setting(name))
        if name in sent:
            own = wanted.sources.get(name) == "override"
            text = names.value(name, sent[name])
            split.label(text=text, icon="DECORATE_OVERRIDE" if own else "NONE", translate=False)
        else:
            value = split.row()
            value.active = False
            value.label(text=shown(wanted.left_out.get(name, "As in the file")), translate=False)


def _files(layout: bpy.types.UILayout, found: FilesByKind) -> None:
    """How many files travel, and how big they are, by kind."""
    column = layout.column(align=True)
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


_CLASSES = (RENDERJUICE_PT_sent,)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
