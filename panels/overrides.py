"""What the farm renders differently from the scene, and presets of it."""

from typing import Any

import bpy
from bl_ui.utils import PresetPanel  # type: ignore[import-not-found]

from ..scene import overrides

MIN_WIDTH = 240
"""Below it, in pixels at interface scale 1, a header has no room for a number."""
GROUPS = (
    ("Size", ("resolution", "resolutionPercentage", "fps")),
    (
        "Sampling",
        (
            *("renderEngine", "sampleCount", "denoisingEnabled", "denoiserType", "useTiling"),
            "tileSize",
        ),
    ),
    (
        "Output",
        (
            *("outputFormat", "outputSettings.colorMode", "outputSettings.colorDepth"),
            *("outputSettings.exrCodec", "outputSettings.tiffCodec"),
            *("outputSettings.compression", "outputSettings.quality", "colorManagementPreset"),
        ),
    ),
    (
        "Farm",
        ("gpuCount", "computeDeviceType", "minimumRam", "compositorDevice", "notes"),
    ),
)
"""All API fields but the frames, as the menu has them."""


class RENDERJUICE_PT_presets(PresetPanel, bpy.types.Panel):  # type: ignore[misc]
    """Presets of overrides."""

    bl_label = "Override Presets"
    preset_subdir = overrides.PRESETS
    preset_operator = "script.execute_preset"
    preset_add_operator = "renderjuice.add_preset"


class RENDERJUICE_MT_add_override(bpy.types.Menu):
    """What is not overridden yet, and means something to the file format and engine in use."""

    bl_label = "Add Override"

    def draw(self, context: bpy.types.Context) -> None:
        """One column a group."""
        from . import names  # enabling the extension stays fast

        row = self.layout.row()
        free = offered(context.scene)
        for title, fields in GROUPS:
            column = row.column()
            column.label(text=title)
            column.separator()
            for name in (name for name in fields if name in free):
                button = column.operator("renderjuice.add_override", text=names.setting(name))
                button.field = name


def in_use(scene: bpy.types.Scene) -> list[str]:
    """The fields that are overridden, in the order of the groups."""
    used = overrides.in_use(scene)
    return [name for _, fields in GROUPS for name in fields if name in used]


def offered(scene: bpy.types.Scene) -> set[str]:
    """The fields that can be overridden now."""
    from ..scene import config, settings

    wanted = config.requested(settings.read(scene), overrides.read(scene))
    free = {name for _, fields in GROUPS for name in fields}.difference(in_use(scene))
    return {name for name in free if name in wanted.applied or "." not in name}


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Those in use, each with the way back, and a menu of the others."""
    group: Any = context.scene.renderjuice  # type: ignore[attr-defined]
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    for name in in_use(context.scene):
        row = column.row(align=True)
        row.prop(group, overrides.PROPERTIES[name])
        row.operator("renderjuice.reset_override", text="", icon="X", emboss=False).field = name
    layout.menu("RENDERJUICE_MT_add_override", text="Add Override", icon="ADD")


def draw_count(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How many there are, in a panel's header."""
    count = len(in_use(context.scene))
    if count and context.region.width / context.preferences.system.ui_scale >= MIN_WIDTH:
        layout.label(text=str(count), icon="DECORATE_OVERRIDE")


def draw_presets(layout: bpy.types.UILayout) -> None:
    """The menu of presets, in a panel's header."""
    RENDERJUICE_PT_presets.draw_panel_header(layout)


_CLASSES = (RENDERJUICE_PT_presets, RENDERJUICE_MT_add_override)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
