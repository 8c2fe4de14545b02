"""The overrides that an artist has set on a scene (scene/properties.py defines them)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy

PRESETS = "renderjuice"
"""The folder of presets of overrides, below Blender's own."""
PROPERTIES = {
    "colorManagementPreset": "color_management_preset",
    "frameRanges": "frames",
    "notes": "notes",
    "renderEngine": "render_engine",
    "compositorDevice": "compositor_device",
    "computeDeviceType": "compute_device_type",
    "gpuCount": "gpu_count",
    "sampleCount": "sample_count",
    "denoisingEnabled": "denoising",
    "denoiserType": "denoiser_type",
    "resolution": "resolution",
    "resolutionPercentage": "resolution_percentage",
    "outputFormat": "output_format",
    "fps": "fps",
    "useTiling": "tiling",
    "tileSize": "tile_size",
    "outputSettings.colorMode": "color_mode",
    "outputSettings.colorDepth": "color_depth",
    "outputSettings.exrCodec": "exr_codec",
    "outputSettings.tiffCodec": "tiff_codec",
    "outputSettings.compression": "compression",
    "outputSettings.quality": "quality",
    "minimumRam": "minimum_ram",
}
"""API field: property of `scene.renderjuice`; `use_` before it is the property's switch."""


def read(scene: bpy.types.Scene) -> dict[str, Any]:
    """Flat API names and values of the overrides that are switched on.

    `frameRanges` is a list of one text in the frame language, not yet parsed.
    """
    group = getattr(scene, "renderjuice", None)
    if group is None:  # the extension is not enabled: the packer's Blender, a script
        return {}
    return {
        name: _plain(name, getattr(group, prop))
        for name, prop in PROPERTIES.items()
        if getattr(group, f"use_{prop}")
    }


def add(scene: bpy.types.Scene, name: str) -> None:
    """Override the field of this name, beginning with what the scene itself says."""
    group: Any = scene.renderjuice  # type: ignore[attr-defined]
    prop = PROPERTIES[name]
    group.property_unset(prop)
    with contextlib.suppress(TypeError):  # a choice that the farm does not have
        if (value := scenes_own(scene, name)) is not None:
            setattr(group, prop, value)
    setattr(group, f"use_{prop}", True)


def scenes_own(scene: bpy.types.Scene, name: str) -> Any:
    """What the field is without its override, as its property holds it; None where it has no value.

    The other overrides count: a color depth is one of the file format that the farm writes.
    """
    from . import config, settings
    from .engines import CYCLES, EEVEE

    own = settings.read(scene)
    others = {other: value for other, value in read(scene).items() if other != name}
    wanted = config.requested(own, others)
    if name == "frameRanges":
        return ", ".join(wanted.config.get(name, ()))
    if name in wanted.applied:
        value = wanted.applied[name]
        return EEVEE[0] if value in EEVEE else value
    # What is left out for another reason than that the scene does not say it.
    engine = others.get("renderEngine", own.engine)
    return {
        "fps": own.fps / own.fps_base,
        "sampleCount": own.cycles_samples if engine == CYCLES else own.eevee_samples,
        "denoiserType": own.denoiser or None,
        "tileSize": own.tile_size,
    }.get(name)


def _plain(name: str, value: Any) -> Any:
    if name == "frameRanges":
        return [value]
    if name == "resolution":
        return list(value)
    if name == "fps":
        return round(value, 4)  # Blender keeps 23.976 as 23.97599983...
    return value
