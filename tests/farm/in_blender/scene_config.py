"""Reads the farm's render config from a scene and writes it into one. Runs inside Blender."""

import contextlib
from collections.abc import Callable
from typing import Any

FORMAT_MEMBERS = {
    "colorMode": "color_mode",
    "colorDepth": "color_depth",
    "exrCodec": "exr_codec",
    "tiffCodec": "tiff_codec",
    "compression": "compression",
    "quality": "quality",
}


def is_eevee(engine: str) -> bool:
    """Return whether an engine's id is one of EEVEE's."""
    return engine in ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT")


def scene_frames(scene: Any) -> list[int]:
    """Return the frames of the scene's frame range."""
    return list(range(scene.frame_start, scene.frame_end + 1, scene.frame_step))


def ranges(frames: list[int]) -> list[tuple[int, int]]:
    """Group sorted frames into (first, last) pairs of consecutive frames."""
    pairs: list[tuple[int, int]] = []
    for frame in frames:
        if pairs and pairs[-1][1] == frame - 1:
            pairs[-1] = (pairs[-1][0], frame)
        else:
            pairs.append((frame, frame))
    return pairs


def read(scene: Any, frames: list[int]) -> dict[str, Any]:
    """Return the scene's current settings as a config with the API's field names."""
    render, image = scene.render, scene.render.image_settings
    config = {
        "colorManagementPreset": "default",
        "frameRanges": [str(a) if a == b else f"{a}-{b}" for a, b in ranges(frames)],
        "renderEngine": render.engine,
        "compositorDevice": getattr(render, "compositor_device", "CPU"),
        "gpuCount": 1,
        "resolution": [render.resolution_x, render.resolution_y],
        "resolutionPercentage": render.resolution_percentage,
        "outputFormat": image.file_format,
        "fps": round(render.fps / render.fps_base, 6),
        "outputSettings": {name: getattr(image, member) for name, member in FORMAT_MEMBERS.items()},
    }
    if render.engine == "CYCLES":
        config["sampleCount"] = scene.cycles.samples
        config["denoisingEnabled"] = scene.cycles.use_denoising
        if scene.cycles.denoiser:  # some Blender builds have none
            config["denoiserType"] = scene.cycles.denoiser
        config["useTiling"] = scene.cycles.use_auto_tile
        config["tileSize"] = scene.cycles.tile_size
    elif is_eevee(render.engine):
        config["sampleCount"] = scene.eevee.taa_render_samples
    return config


def apply(scene: Any, config: dict[str, Any]) -> None:
    """Write the fields of the config into the scene; if needed, choose a denoiser that works.

    Raises ValueError with the field's name for a value that this Blender does not accept.
    """
    for name, write in _WRITERS.items():
        if name in config:
            try:
                write(scene, config[name])
            except (TypeError, ValueError, AttributeError) as error:
                raise ValueError(f"{name} {config[name]!r}: {error}") from error
    for name, member in FORMAT_MEMBERS.items():
        value = config.get("outputSettings", {}).get(name)
        if value is not None:
            _set_format_member(scene, name, member, value)
    if scene.render.engine == "CYCLES" and scene.cycles.use_denoising and not scene.cycles.denoiser:
        _denoise_as_this_machine_can(scene)


def _denoise_as_this_machine_can(scene: Any) -> None:
    """Use OpenImageDenoise, which needs no GPU; turn denoising off in a Blender without it."""
    _denoiser(scene, "OPENIMAGEDENOISE")
    if not scene.cycles.denoiser:
        scene.cycles.use_denoising = False


def _set_format_member(scene: Any, name: str, member: str, value: Any) -> None:
    try:
        whole = isinstance(value, float)
        setattr(scene.render.image_settings, member, round(value) if whole else value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"outputSettings.{name} {value!r}: {error}") from error


def _engine(scene: Any, engine: str) -> None:
    names = ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT") if is_eevee(engine) else (engine,)
    for name in names:  # EEVEE's id depends on the version of Blender
        try:
            scene.render.engine = name
            return
        except TypeError:
            if name == names[-1]:
                raise


def _samples(scene: Any, count: float) -> None:
    if scene.render.engine == "CYCLES":
        scene.cycles.samples = round(count)
    else:
        scene.eevee.taa_render_samples = round(count)


def _denoiser(scene: Any, denoiser: str) -> None:
    for name in (denoiser, "OPENIMAGEDENOISE"):
        with contextlib.suppress(TypeError):  # no OptiX device, or no denoiser
            scene.cycles.denoiser = name
            return


def _resolution(scene: Any, size: list[float]) -> None:
    scene.render.resolution_x, scene.render.resolution_y = (round(side) for side in size)


def _format(scene: Any, file_format: str) -> None:
    image = scene.render.image_settings
    if getattr(image, "media_type", "IMAGE") != "IMAGE":  # Blender 5 and later
        image.media_type = "IMAGE"
    if image.file_format != file_format:
        image.file_format = file_format


def _fps(scene: Any, fps: float) -> None:
    scene.render.fps = round(fps)
    scene.render.fps_base = round(fps) / fps


def _setter(path: str, kind: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    owner, _, name = path.rpartition(".")

    def write(scene: Any, value: Any) -> None:
        setattr(getattr(scene, owner), name, kind(value))

    return write


_WRITERS: dict[str, Callable[[Any, Any], None]] = {
    "renderEngine": _engine,
    "compositorDevice": _setter("render.compositor_device", str),
    "sampleCount": _samples,
    "denoisingEnabled": _setter("cycles.use_denoising", bool),
    "denoiserType": _denoiser,
    "resolution": _resolution,
    "resolutionPercentage": _setter("render.resolution_percentage", round),
    "outputFormat": _format,
    "fps": _fps,
    "useTiling": _setter("cycles.use_auto_tile", bool),
    "tileSize": _setter("cycles.tile_size", round),
}
