"""The panel, in the sidebar of the 3D View and in the Render properties."""

from typing import Any

import bpy

from .. import preferences
from ..api import fields
from ..jobs import bridge
from ..operators import check
from ..scene import config, overrides, settings
from . import job_list
from .text import LEVEL_ICONS, offline, wrapped

_LABELS = {
    "colorManagementPreset": "Color Management",
    "computeDeviceType": "GPU Interface",
    "gpuCount": "GPUs",
    "denoisingEnabled": "Denoise",
    "minimumRam": "Memory",
    "fps": "Frame Rate",
}

_ENGINES = {"CYCLES": "Cycles", **dict.fromkeys(config.EEVEE, "EEVEE")}


class _Main:
    layout: bpy.types.UILayout
    bl_label = "Renderjuice"

    def draw(self, context: bpy.types.Context) -> None:
        """Am I connected, what will be sent, what is wrong, go."""
        layout = self.layout
        _connection(layout, context)
        wanted = _wanted(context.scene)
        column = layout.column(align=True)
        for line in _summary(context.scene, wanted):
            column.label(text=line)
        if wanted.frames_problem:
            wrapped(layout, context, wanted.frames_problem[1], "CANCEL")
        column = layout.column(align=True)
        column.scale_y = 1.4
        column.operator("renderjuice.submit", text="Submit Animation", icon="RENDER_ANIMATION")
        still = column.operator("renderjuice.submit", text="Submit Still", icon="RENDER_STILL")
        still.still = True
        layout.operator("renderjuice.check", icon="VIEWZOOM")
        plan = check.last(context.scene.name)
        for one in plan.checks if plan else ():
            wrapped(layout, context, one.message, LEVEL_ICONS[one.level])
            if one.fix:
                layout.operator(one.fix)
        if plan and not plan.checks:
            layout.label(text="Nothing stands in the way", icon="CHECKMARK")


class _Jobs:
    layout: bpy.types.UILayout
    bl_label = "Jobs"

    def draw(self, context: bpy.types.Context) -> None:
        """What is running, what has come home."""
        job_list.draw(self.layout, context)


class _Overrides:
    layout: bpy.types.UILayout
    bl_label = "Overrides"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """What the farm renders differently from the scene."""
        group: Any = context.scene.renderjuice  # type: ignore[attr-defined]
        for name, prop in overrides.PROPERTIES.items():
            row = self.layout.row(heading=label(name))
            row.use_property_split = True
            row.use_property_decorate = False
            row.prop(group, f"use_{prop}", text="")
            value = row.row()
            value.active = getattr(group, f"use_{prop}")
            value.prop(group, prop, text="")


class _Config:
    layout: bpy.types.UILayout
    bl_label = "Sent to the Farm"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """The config field by field, and where each value comes from."""
        wanted = _wanted(context.scene)
        sent = fields.flatten(wanted.config)
        column = self.layout.column(align=True)
        for name in fields.FIELDS:
            split = column.split(factor=0.5)
            split.label(text=label(name))
            if name in sent:
                own = wanted.sources.get(name) == "override"
                split.label(text=_said(sent[name]), icon="DECORATE_OVERRIDE" if own else "NONE")
            else:
                value = split.row()
                value.active = False
                value.label(text=wanted.left_out.get(name, "from the file"))
        gpus = settings.read(context.scene).gpus
        if gpus:
            wrapped(self.layout, context, f"GPUs enabled here: {', '.join(gpus)}", "INFO")


def label(name: str) -> str:
    """An API field's name in words."""
    if name in _LABELS:
        return _LABELS[name]
    member = name.rpartition(".")[2]
    return "".join(f" {c}" if c.isupper() else c for c in member).title()


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return (" x " if isinstance(value[0], int) else ", ").join(map(str, value))
    return str(value)


def _wanted(scene: bpy.types.Scene) -> config.Requested:
    return config.requested(settings.read(scene), overrides.read(scene))


def _connection(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What keeps this Blender from the farm, with the way out."""
    offline(layout, context)
    if not bridge.has_key():
        wrapped(layout, context, "Enter your Renderjuice API key to begin.", "KEYTYPE_KEYFRAME_VEC")
        layout.operator(
            "preferences.addon_show", text="Open Preferences"
        ).module = preferences.PACKAGE


def _summary(scene: bpy.types.Scene, wanted: config.Requested) -> list[str]:
    """The render in a few lines."""
    sent = {**wanted.applied, **fields.flatten(wanted.config)}
    engine = _ENGINES.get(sent["renderEngine"], sent["renderEngine"])
    samples = f", {sent['sampleCount']} samples" if "sampleCount" in sent else ""
    width, height = sent["resolution"]
    percentage = sent["resolutionPercentage"]
    count = len(wanted.frames)
    return [
        f"{engine}{samples}",
        f"{width * percentage // 100} x {height * percentage // 100} px, {sent['outputFormat']}",
        f"{count} frame{'' if count == 1 else 's'} of {scene.name}",
    ]


def _in_sidebar(part: type, parent: str = "") -> type:
    """The panel `part` in the sidebar of the 3D View."""
    name = f"VIEW3D_PT_renderjuice{part.__name__.lower()}"
    place = {"bl_space_type": "VIEW_3D", "bl_region_type": "UI", "bl_category": "Renderjuice"}
    return type(name, (part, bpy.types.Panel), {**place, "bl_idname": name, **_below(parent)})


def _in_properties(part: type, parent: str = "") -> type:
    """The panel `part` in the Render properties."""
    name = f"RENDER_PT_renderjuice{part.__name__.lower()}"
    place = {"bl_space_type": "PROPERTIES", "bl_region_type": "WINDOW", "bl_context": "render"}
    order = {} if parent else {"bl_order": 0, "bl_options": {"DEFAULT_CLOSED"}}
    more = {**place, **order, "bl_idname": name, **_below(parent)}
    return type(name, (part, bpy.types.Panel), more)


def _below(parent: str) -> dict[str, str]:
    return {"bl_parent_id": parent} if parent else {}


_PARTS = (_Jobs, _Overrides, _Config)
_CLASSES = (
    _in_sidebar(_Main),
    *(_in_sidebar(part, "VIEW3D_PT_renderjuice_main") for part in _PARTS),
    _in_properties(_Main),
    *(_in_properties(part, "RENDER_PT_renderjuice_main") for part in _PARTS),
)


def register() -> None:
    """Add the panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them out."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
