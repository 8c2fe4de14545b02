"""Writes a job's settings into the scene of the uploaded copy. Runs in the packer's Blender.

Only values that differ are written, so a scene that already has them is unchanged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from ..api import fields
from ..frames.ranges import progression
from .checks import Check
from .config import SCENE_ENGINE, SINGLE_LAYER
from .engines import EEVEE
from .formats import VIDEO
from .node_paths import problems
from .samples import set_count
from .stored_engine import stored

if TYPE_CHECKING:
    import bpy

MAX_INT = 2**31 - 1
"""The largest number that a whole-number property holds."""
MEDIA_TYPES = {"OPEN_EXR_MULTILAYER": "MULTI_LAYER_IMAGE", **dict.fromkeys(VIDEO, "VIDEO")}
"""The `media_type` of each file format in Blender 5; other formats have `IMAGE`."""
_SETTINGS = {
    "engine": "Render Engine",
    "compositor_device": "Compositor Device",
    "denoiser": "Denoiser",
    "file_format": "File Format",
    "color_mode": "Color Mode",
    "color_depth": "Color Depth",
    "exr_codec": "EXR Codec",
    "tiff_codec": "TIFF Compression",
}
"""What Blender calls the properties that may not offer a value."""


def apply(scene: bpy.types.Scene, applied: Mapping[str, Any], frames: Sequence[int]) -> list[Check]:
    """Prepare `scene` to render `frames` with the flat values `applied`, by API name.

    Returns a warning for each value that this Blender does not offer, and an error if the scene's
    engine is not available in the artist's Blender.
    """
    writer = _Writer(scene)
    for name, write in _WRITERS.items():
        if name in applied:
            write(writer, applied[name])
    writer.write_frames(frames)
    writer.camera()
    writer.refused += problems(scene)
    render = scene.render
    writer.set(render, "use_placeholder", False)
    writer.set(render, "use_overwrite", True)
    if hasattr(render, "save_output"):  # since Blender 5.2
        writer.set(render, "save_output", True)
    return writer.refused


class _Writer:
    """Sets properties of one scene, and collects the refused values."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self.scene = scene
        self.render: Any = scene.render
        self.image: Any = scene.render.image_settings
        self.cycles: Any = getattr(scene, "cycles", None)
        self.refused: list[Check] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set a property if it differs; an enum may not offer the value, a number not hold it."""
        if getattr(owner, name) == value:
            return
        try:
            setattr(owner, name, value)
        except (TypeError, ValueError):
            setting = _SETTINGS.get(name, name)
            message = (
                f"This Blender does not offer {fields.word(value)} as the {setting}, so the copy"
                " keeps its own."
            )
            self.refused.append(Check("not-written", "warning", message, self.scene.name))

    def set_cycles(self, name: str, value: Any) -> None:
        """Set a property of Cycles, if this Blender has it."""
        if self.cycles is not None:
            self.set(self.cycles, name, value)

    def engine(self, value: str) -> None:
        # The static enum contains EEVEE under this Blender's name, but not Cycles.
        known = [item.identifier for item in self.render.bl_rna.properties["engine"].enum_items]
        if value in EEVEE:
            value = next((name for name in EEVEE if name in known), value)
            if stored(self.scene) != value:
                self.render.engine = value  # RNA reads EEVEE for an unknown engine too
        self.set(self.render, "engine", value)

    def scene_engine(self, value: str) -> None:
        """Check the scene's own engine; `value` is what the artist's Blender reads for it."""
        if value not in EEVEE:
            return
        engine = stored(self.scene)
        if engine not in EEVEE:
            message = (
                f"The scene is made for the render engine {fields.word(engine)}, which is not"
                " switched on in this Blender. Renderjuice renders Cycles and EEVEE: switch that"
                " one on, or choose one of them."
            )
            self.refused.append(Check("engine", "error", message, self.scene.name, id_type="SCENE"))

    def single_layer(self, name: str) -> None:
        """Disable the other view layers: a command-line render ignores Render Single Layer."""
        for layer in self.scene.view_layers:
            self.set(layer, "use", layer.name == name)
        self.set(self.render, "use_single_layer", False)

    def camera(self) -> None:
        """If only markers bind cameras, make the first one's the scene camera."""
        if self.scene.camera is None:
            markers = [marker for marker in self.scene.timeline_markers if marker.camera]
            for marker in sorted(markers, key=lambda one: one.frame)[:1]:
                self.scene.camera = marker.camera

    def device(self, value: str) -> None:
        self.set_cycles("device", "CPU" if value == "CPU" else "GPU")

    def samples(self, value: float) -> None:
        for name in set_count(self.scene, int(min(value, MAX_INT))):
            message = (
                f"The linked scene “{name}” keeps its own sample count: it cannot be overridden."
            )
            self.refused.append(Check("not-written", "warning", message, name, id_type="SCENE"))

    def resolution(self, value: Sequence[float]) -> None:
        self.set(self.render, "resolution_x", int(value[0]))
        self.set(self.render, "resolution_y", int(value[1]))

    def format(self, value: str) -> None:
        media_type = MEDIA_TYPES.get(value, "IMAGE")
        if getattr(self.image, "media_type", media_type) != media_type:  # since Blender 5.0
            with contextlib.suppress(TypeError):  # it restricts file_format, which says so
                self.image.media_type = media_type
        self.set(self.image, "file_format", value)

    def fps(self, value: float) -> None:
        self.set(self.render, "fps", ceil(value))
        self.set(self.render, "fps_base", ceil(value) / value)

    def write_frames(self, frames: Sequence[int]) -> None:
        """Set start, end and step. Setting the start may move the end, so the order matters."""
        scene = self.scene
        own = range(scene.frame_start, scene.frame_end + 1, max(scene.frame_step, 1))
        if not frames or list(frames) == list(own):
            return
        start, end, step = progression(frames)
        self.set(scene, "frame_start", start)
        self.set(scene, "frame_end", end)
        self.set(scene, "frame_step", step)


# The order matters: the engine before its samples, the format before its settings. Fields that are
# not listed cannot be stored in a .blend.
_WRITERS: dict[str, Callable[[_Writer, Any], None]] = {
    SCENE_ENGINE: _Writer.scene_engine,
    SINGLE_LAYER: _Writer.single_layer,
    "renderEngine": _Writer.engine,
    "compositorDevice": lambda to, value: to.set(to.render, "compositor_device", value),
    "computeDeviceType": _Writer.device,
    "sampleCount": _Writer.samples,
    "denoisingEnabled": lambda to, value: to.set_cycles("use_denoising", value),
    "denoiserType": lambda to, value: to.set_cycles("denoiser", value),
    "resolution": _Writer.resolution,
    "resolutionPercentage": lambda to, v: to.set(to.render, "resolution_percentage", int(v)),
    "outputFormat": _Writer.format,
    "fps": _Writer.fps,
    "useTiling": lambda to, value: to.set_cycles("use_auto_tile", value),
    "tileSize": lambda to, value: to.set_cycles("tile_size", int(value)),
    "outputSettings.colorMode": lambda to, value: to.set(to.image, "color_mode", value),
    "outputSettings.colorDepth": lambda to, value: to.set(to.image, "color_depth", value),
    "outputSettings.exrCodec": lambda to, value: to.set(to.image, "exr_codec", value),
    "outputSettings.tiffCodec": lambda to, value: to.set(to.image, "tiff_codec", value),
    "outputSettings.compression": lambda to, value: to.set(to.image, "compression", int(value)),
    "outputSettings.quality": lambda to, value: to.set(to.image, "quality", int(value)),
}
