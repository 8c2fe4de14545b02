"""Reads a scene's render settings into plain data, uniformly for Blender 4.2 to 5.2."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from .rendered_scenes import compositor, shown_strips
from .samples import other_counts

if TYPE_CHECKING:
    import bpy


@dataclass(frozen=True)
class Settings:
    """The render settings of a scene. None: not available in this Blender or this engine."""

    blender: tuple[int, ...]
    """Blender's version."""
    file_formats: tuple[str, ...]
    """The file formats that this Blender offers."""
    exr_codecs: tuple[str, ...]
    scene: str
    engine: str
    frame_start: int
    frame_end: int
    frame_step: int
    frame_current: int = field(compare=False)
    """The frame of a still. Excluded from comparison, as it changes during playback."""
    frame_subframe: float = field(compare=False)
    """The subframe, from 0 to 1."""
    resolution_x: int
    resolution_y: int
    resolution_percentage: int
    fps: int
    fps_base: float
    file_format: str
    color_mode: str
    color_depth: str
    exr_codec: str
    """`""` if the stored codec is not available for the color depth."""
    tiff_codec: str
    compression: int
    quality: int
    compositor_device: str | None
    cycles_samples: int | None
    cycles_device: str | None
    use_denoising: bool | None
    denoiser: str | None
    """`""` if the stored denoiser (OptiX) is not available on this computer."""
    use_auto_tile: bool | None
    tile_size: int | None
    eevee_samples: int | None
    single_layer: str
    """The view layer to render with Render Single Layer, else `""`."""
    other_samples: tuple[int, ...]
    """The differing sample counts of view layers and other scenes, sorted."""
    compute_device_type: str | None
    """Cycles' preference: `NONE`, `CUDA`, `OPTIX`, `HIP`, `METAL` or `ONEAPI`. On the CPU None."""
    display_device: str
    view_transform: str
    ocio: str


def read(scene: bpy.types.Scene, preferences: bpy.types.Preferences | None = None) -> Settings:
    """Read the settings of `scene`. `preferences` (None: the context's) contain Cycles' devices."""
    import bpy

    preferences = preferences or bpy.context.preferences
    render = scene.render
    image = render.image_settings
    display: Any = scene.display_settings
    view: Any = scene.view_settings
    cycles = getattr(scene, "cycles", None)
    device = getattr(cycles, "device", None)
    return Settings(
        blender=_version(),
        file_formats=_choices("file_format"),
        exr_codecs=_choices("exr_codec"),
        scene=scene.name,
        engine=render.engine,
        frame_start=scene.frame_start,
        frame_end=scene.frame_end,
        frame_step=scene.frame_step,
        frame_current=scene.frame_current,
        frame_subframe=scene.frame_subframe,
        resolution_x=render.resolution_x,
        resolution_y=render.resolution_y,
        resolution_percentage=render.resolution_percentage,
        fps=render.fps,
        fps_base=render.fps_base,
        file_format=image.file_format,
        color_mode=image.color_mode,
        color_depth=image.color_depth,
        exr_codec=image.exr_codec,
        tiff_codec=image.tiff_codec,
        compression=image.compression,
        quality=image.quality,
        compositor_device=getattr(render, "compositor_device", None),
        cycles_samples=getattr(cycles, "samples", None),
        cycles_device=device,
        use_denoising=getattr(cycles, "use_denoising", None),
        denoiser=_denoiser(cycles, preferences),
        use_auto_tile=getattr(cycles, "use_auto_tile", None),
        tile_size=getattr(cycles, "tile_size", None),
        eevee_samples=getattr(scene.eevee, "taa_render_samples", None),
        single_layer=_single_layer(scene),
        other_samples=other_counts(scene, alone=len(bpy.data.scenes) == 1),
        compute_device_type=_compute_device_type(device, preferences),
        display_device=display.display_device,
        view_transform=view.view_transform,
        ocio=ocio(),
    )


def _single_layer(scene: bpy.types.Scene) -> str:
    """The name of the active view layer if Blender's window would render only that one, else "".

    Blender renders all enabled layers if the compositor or the sequencer is used, or the active
    layer is disabled.
    """
    import bpy

    render = scene.render
    composited = render.use_compositing and compositor(scene) is not None
    if not render.use_single_layer or composited or shown_strips(scene):
        return ""
    active = bpy.context.view_layer if bpy.context.scene == scene else scene.view_layers[0]
    return active.name if active.use else ""


@cache
def _version() -> tuple[int, ...]:
    import bpy

    return tuple(bpy.app.version)


@cache
def _choices(name: str) -> tuple[str, ...]:
    """All values of an enum of the output settings in this Blender, independent of the format."""
    import bpy

    choice: Any = bpy.types.ImageFormatSettings.bl_rna.properties[name]
    return tuple(item.identifier for item in choice.enum_items)


_OPTIX, _OPENIMAGEDENOISE = 2, 4
"""The values of Cycles' enum of denoisers, as stored in files."""


def _denoiser(cycles: Any, preferences: bpy.types.Preferences | None) -> str | None:
    """The stored denoiser. It is read as a number, because reading the enum prints a warning at
    each draw if this computer does not support the denoiser."""
    if cycles is None:
        return None
    system = getattr(cycles, "bl_system_properties_get", None)  # since Blender 5.0
    stored = (system() if system else cycles) or {}
    number = stored.get("denoiser", _OPENIMAGEDENOISE)
    if number == _OPTIX:
        devices = _cycles(preferences)
        return "OPTIX" if devices and any(d.type == "OPTIX" for d in devices.devices) else ""
    return "OPENIMAGEDENOISE" if number == _OPENIMAGEDENOISE else ""


def _compute_device_type(
    device: str | None, preferences: bpy.types.Preferences | None
) -> str | None:
    """Cycles' preference, if it is used: Blender has Cycles list the choices at each read."""
    if device != "GPU":
        return None
    kind: str | None = getattr(_cycles(preferences), "compute_device_type", None)
    return kind


def ocio() -> str:
    """The OCIO config set by the environment instead of Blender's own, else `""`.

    Blender 5.2 sets the variable OCIO to its own config.
    """
    return _unless_bundled(os.environ.get("OCIO", ""))


@cache
def _unless_bundled(chosen: str) -> str:
    own = _bundled_ocio_folder() if chosen else ""
    return "" if own and os.path.dirname(chosen) == own else chosen  # noqa: PTH120 (may be a URI)


@cache
def _bundled_ocio_folder() -> str:
    """The folder of Blender's own OCIO config."""
    import bpy

    return str(bpy.utils.system_resource("DATAFILES", path="colormanagement"))  # type: ignore[attr-defined]


def gpus(preferences: bpy.types.Preferences) -> tuple[str, ...]:
    """The names of the GPUs that are enabled in Cycles' preferences."""
    cycles = _cycles(preferences)
    kind = getattr(cycles, "compute_device_type", None)
    devices = cycles.devices if cycles else ()
    return tuple(d.name for d in devices if d.use and d.type == kind)


def _cycles(preferences: bpy.types.Preferences | None) -> Any:
    """Cycles' preferences; None without the add-on."""
    addon = preferences.addons.get("cycles") if preferences else None
    return addon.preferences if addon else None
