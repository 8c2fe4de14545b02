"""The panel, in the sidebar of the 3D View and in the Render properties.

What draws its parts is imported when it is first drawn: enabling the extension stays fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy

from ..session import scan
from ..session.state import state
from ..system.units import size
from ..translations import shown
from . import first_run, job_list
from . import overrides as overrides_panel
from .text import number_of, wrapped

if TYPE_CHECKING:
    from ..scene.config import Requested

_last: tuple[Any, Requested] | None = None
_ENGINES = {"CYCLES": "Cycles", "BLENDER_EEVEE": "EEVEE", "BLENDER_EEVEE_NEXT": "EEVEE"}


class _Main:
    layout: bpy.types.UILayout
    bl_label = "Renderjuice"

    def draw(self, context: bpy.types.Context) -> None:
        """Am I connected, what will be sent, what is wrong, go."""
        from . import estimate

        layout = self.layout
        if first_run.draw(layout, context):
            return
        wanted = _wanted(context.scene)
        column = layout.column(align=True)
        for line, icon, fields in _summary(context.scene, wanted):
            row = column.row()
            row.label(text=line, icon=icon)
            if any(wanted.sources.get(name) == "override" for name in fields):
                row.label(icon="DECORATE_OVERRIDE")
        if wanted.frames_problem:
            wrapped(layout, context, wanted.frames_problem[1], "CANCEL")
        _in_the_way(layout, context)
        column = layout.column(align=True)
        column.scale_y = 1.4
        column.operator("renderjuice.submit", text="Submit Animation", icon="RENDER_ANIMATION")
        still = column.operator("renderjuice.submit", text="Submit Still", icon="RENDER_STILL")
        still.still = True
        estimate.buttons(layout)


class _AfterFirstRun:
    """Of no use before there is a key: what is to be done for one stands without it."""

    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Whether it is shown."""
        return not first_run.needed()


class _Checks:
    layout: bpy.types.UILayout
    bl_label = "Checks"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """How many errors and warnings there are."""
        from . import checks

        checks.draw_header(self.layout, context)

    def draw(self, context: bpy.types.Context) -> None:
        """What is wrong, and what would be sent."""
        from . import checks

        checks.draw(self.layout, context)


class _Jobs(_AfterFirstRun):
    bl_label = "Jobs"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether it is shown: jobs stay, whatever has become of the key."""
        return bool(state.jobs) or super().poll(context)

    def draw(self, context: bpy.types.Context) -> None:
        """What is running, what has come home."""
        job_list.draw(self.layout, context)


class _Overrides(_AfterFirstRun):
    bl_label = "Overrides"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """How many there are, and the menu of presets."""
        overrides_panel.draw_count(self.layout, context)
        overrides_panel.draw_presets(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        """What the farm renders differently from the scene."""
        overrides_panel.draw(self.layout, context)


class _Config(_AfterFirstRun):
    bl_label = "Sent to the Farm"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """The config field by field, and where each value comes from."""
        from ..api import fields

        wanted = _wanted(context.scene)
        sent = fields.flatten(wanted.config)
        column = self.layout.column(align=True)
        for name in fields.FIELDS:
            split = column.split(factor=0.5)
            split.label(text=shown(overrides_panel.label(name)))
            if name in sent:
                own = wanted.sources.get(name) == "override"
                split.label(text=_said(sent[name]), icon="DECORATE_OVERRIDE" if own else "NONE")
            else:
                value = split.row()
                value.active = False
                value.label(text=shown(wanted.left_out.get(name, "from the file")))
        from ..scene import settings

        gpus = settings.read(context.scene).gpus
        if gpus:
            text = "GPUs enabled here: {names}"
            wrapped(self.layout, context, text, "INFO", names=", ".join(gpus))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return shown("on") if value else shown("off")
    if isinstance(value, list):
        return (" x " if isinstance(value[0], int) else ", ").join(map(str, value))
    return str(value)


def _wanted(scene: bpy.types.Scene) -> Requested:
    """What would be asked of the farm; made anew where a setting has changed since."""
    from ..scene import config, overrides, settings  # now: enabling the extension stays fast

    global _last  # noqa: PLW0603 (one sidebar is drawn at a time)
    asked = (settings.read(scene), overrides.read(scene))
    if _last is None or _last[0] != asked:
        _last = (asked, config.requested(*asked))
    return _last[1]


def _summary(scene: bpy.types.Scene, wanted: Requested) -> list[tuple[str, Any, Sequence[str]]]:
    """The render in a few lines, each with its icon and the fields that it tells."""
    from ..api import fields

    sent = {**wanted.applied, **fields.flatten(wanted.config)}
    engine = _ENGINES.get(sent["renderEngine"], sent["renderEngine"])
    samples = sent.get("sampleCount")
    if samples is not None:
        engine += f", {number_of(samples, '{count} sample', '{count} samples')}"
    width, height = sent["resolution"]
    percentage = sent["resolutionPercentage"]
    size_ = f"{width * percentage // 100} x {height * percentage // 100} px"
    one, many = "{count} frame of {scene}", "{count} frames of {scene}"
    frames = number_of(len(wanted.frames), one, many, scene=scene.name)
    return [
        (engine, "SHADING_RENDERED", ("renderEngine", "sampleCount")),
        (
            f"{size_}, {sent['outputFormat']}",
            "IMAGE_DATA",
            ("resolution", "resolutionPercentage", "outputFormat"),
        ),
        (frames, "RENDER_ANIMATION", ("frameRanges",)),
        (_files(scan.files(scene)), "FILE_FOLDER", ()),
    ]


def _files(known: scan.Files) -> str:
    if known.found:
        count, total = known.found.count, known.found.bytes
        files = number_of(count, "{count} file", "{count} files")
        return shown("{files}, {size} at {time}", files=files, size=size(total), time=known.started)
    return shown("Looking at the files...") if known.scanning else shown("Files: press Check")


def _in_the_way(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How many errors keep Submit from sending anything."""
    count = sum(one.level == "error" for one in scan.current(context.scene))
    if count:
        row = layout.row()
        row.alert = True
        one, many = "{count} error stands in the way", "{count} errors stand in the way"
        row.label(text=number_of(count, one, many), icon="CANCEL")


class _Sidebar:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Renderjuice"


class _RenderProperties:
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "render"


class VIEW3D_PT_renderjuice_main(_Main, _Sidebar, bpy.types.Panel):
    """Renderjuice in the sidebar."""


class VIEW3D_PT_renderjuice_checks(_Checks, _Sidebar, bpy.types.Panel):
    """Checks in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_main"


class VIEW3D_PT_renderjuice_jobs(_Jobs, _Sidebar, bpy.types.Panel):
    """Jobs in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_main"


class VIEW3D_PT_renderjuice_overrides(_Overrides, _Sidebar, bpy.types.Panel):
    """Overrides in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_main"


class VIEW3D_PT_renderjuice_config(_Config, _Sidebar, bpy.types.Panel):
    """What is sent, in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_main"


class RENDER_PT_renderjuice_main(_Main, _RenderProperties, bpy.types.Panel):
    """Renderjuice in the Render properties."""

    bl_order = 0
    bl_options = {"DEFAULT_CLOSED"}


class RENDER_PT_renderjuice_checks(_Checks, _RenderProperties, bpy.types.Panel):
    """Checks in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_main"


class RENDER_PT_renderjuice_jobs(_Jobs, _RenderProperties, bpy.types.Panel):
    """Jobs in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_main"


class RENDER_PT_renderjuice_overrides(_Overrides, _RenderProperties, bpy.types.Panel):
    """Overrides in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_main"


class RENDER_PT_renderjuice_config(_Config, _RenderProperties, bpy.types.Panel):
    """What is sent, in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_main"


_CLASSES = (
    VIEW3D_PT_renderjuice_main,
    VIEW3D_PT_renderjuice_checks,
    VIEW3D_PT_renderjuice_jobs,
    VIEW3D_PT_renderjuice_overrides,
    VIEW3D_PT_renderjuice_config,
    RENDER_PT_renderjuice_main,
    RENDER_PT_renderjuice_checks,
    RENDER_PT_renderjuice_jobs,
    RENDER_PT_renderjuice_overrides,
    RENDER_PT_renderjuice_config,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
