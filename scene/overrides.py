"""Reads and adds the overrides of a scene, which scene/properties.py defines."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy

PRESETS = "renderjuice"
"""The subfolder for presets of overrides."""
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
"""The property in `scene.renderjuice` for each API field. `use_<property>` enables it."""


_SWITCHES = {name: f"use_{prop}" for name, prop in PROPERTIES.items()}


def in_use(scene: bpy.types.Scene) -> list[str]:
    """The API names of the enabled overrides.

    Panels ask at each draw: only switches that have ever been touched are read.
    """
    group = getattr(scene, "renderjuice", None)
    if group is None:  # the extension is not enabled: the packer's Blender, a script
        return []
    system = getattr(group, "bl_system_properties_get", None)  # since Blender 5.0
    touched = (system() if system else group) or ()
    if not touched:
        return []
    keys = set(touched.keys())
    return [name for name, prop in _SWITCHES.items() if prop in keys and getattr(group, prop)]


def read(scene: bpy.types.Scene) -> dict[str, Any]:
    """The enabled overrides: flat values by API name.

    `frameRanges` is a list of one unparsed text.
    """
    names = in_use(scene)
    group = getattr(scene, "renderjuice", None)
    return {name: _plain(name, getattr(group, PROPERTIES[name])) for name in names}


def add(scene: bpy.types.Scene, name: str) -> None:
    """Enable the override of a field, with the scene's own value if there is one."""
    group: Any = scene.renderjuice  # type: ignore[attr-defined]
    prop = PROPERTIES[name]
    group.property_unset(prop)
    with contextlib.suppress(TypeError):  # the enum does not offer the scene's value
        if (value := scenes_own(scene, name)) is not None:
            setattr(group, prop, value)
    setattr(group, f"use_{prop}", True)


def scenes_own(scene: bpy.types.Scene, name: str) -> Any:
    """A field's value without its override, in the property's form; None if there is none.

    Other overrides are taken into account: the color depth depends on the file format.
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
    # Fields that have a value in the scene, but are not sent.
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
        return round(value, 4)  # a 32-bit float: 23.976 is 23.97599983...
    return value
