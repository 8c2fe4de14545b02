"""Maps a scene's settings and overrides to the requestedRenderConfig. No bpy.

The farm uses the uploaded file's value for fields that are not sent, so a field is left out if the
API has no known value for the scene's setting. docs/settings.md has the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ..api import fields
from ..frames import ranges as frame_text
from . import formats
from .engines import CYCLES, EEVEE
from .settings import Settings

LIMITS = {
    "resolution": (4, 65536),
    "sampleCount": (1, 1 << 24),
    "fps": (1, 32767),
    "tileSize": (8, 8192),
}
"""Blender's limits, where narrower than the API's: Blender would clamp the values silently."""
_LIMITED = {
    "resolution": "Resolution",
    "sampleCount": "Samples",
    "fps": "Frame Rate",
    "tileSize": "Tile Size",
}
"""What Blender calls the settings of LIMITS."""

SCENE_ENGINE = "scene.renderEngine"
"""Key in `written`: the scene's engine as the artist's Blender reads it, if not overridden."""
SINGLE_LAYER = "scene.singleLayer"
"""Key in `written`: the only view layer to render, with Render Single Layer."""

Source = Literal["scene", "override"]


@dataclass(frozen=True)
class NotSent:
    """Takes the place of a field's value that is not sent; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True)
class Requested:
    """The requested config, and how it was derived."""

    config: dict[str, Any]
    """The requestedRenderConfig, nested as it is sent."""
    sources: dict[str, Source]
    """The source of each field that has a value, sent or not."""
    left_out: dict[str, str]
    """Sentences that say why fields are not sent."""
    frames: list[int]
    """The frames to render."""
    applied: dict[str, Any]
    """Flat values of the uploaded copy, sent or not."""
    frames_problem: tuple[str, str] | None = None
    """The id and the message of a check, if the frames cannot be requested."""
    conflicts: tuple[str, ...] = ()
    """Sentences about overrides that are not possible in Blender."""
    subframe: float = 0.0
    """The scene's subframe, for a still."""
    single_layer: str = ""
    """The only view layer to render; "" for all enabled ones."""

    @property
    def written(self) -> dict[str, Any]:
        """`applied` for scene/apply.py, with separate keys for an engine that is not overridden
        and for a single view layer."""
        own = self.sources["renderEngine"] == "scene"
        values = {
            SCENE_ENGINE if own and name == "renderEngine" else name: value
            for name, value in self.applied.items()
        }
        return values | ({SINGLE_LAYER: self.single_layer} if self.single_layer else {})


def requested(
    settings: Settings,
    overrides: Mapping[str, Any],
    *,
    frames_text: str | None = None,
    still: bool = False,
) -> Requested:
    """Map `settings` and flat `overrides`, by API name, to the requested config.

    The frames come from `frames_text`, else from `still` (the current frame), else from the
    override `frameRanges` (a list of texts), else from the scene's range. Invalid user input does
    not raise: see `frames_problem` and `conflicts`.
    """
    overrides = dict(overrides)
    text = overrides.pop("frameRanges", None)
    if frames_text is not None or still:
        text = frames_text
    elif text is not None:
        text = ", ".join(text)
    own = (settings.frame_start, settings.frame_end, settings.frame_step)
    chosen = _select_frames(own, settings.frame_current if still else None, text)

    whole_frames = text is not None or not still
    values = {**_from_scene(settings, overrides), **overrides}
    values["frameRanges"] = list(chosen.ranges) or _no_ranges(chosen)
    sources: dict[str, Source] = {
        name: "override" if name in overrides else "scene"
        for name in fields.FIELDS
        if not isinstance(values[name], NotSent)
    }
    if text is not None and "frameRanges" in sources:
        sources["frameRanges"] = "override"
    sent, left_out = _sendable(values)
    return Requested(
        single_layer=settings.single_layer,
        subframe=0.0 if whole_frames else settings.frame_subframe,
        config=fields.nest(sent),
        sources=sources,
        left_out=left_out,
        frames=list(chosen.frames),
        applied={name: values[name] for name in sources if name != "frameRanges"},
        frames_problem=chosen.problem,
        conflicts=(
            *_out_of_range(overrides),
            *_unsupported(settings, values["outputFormat"], overrides),
        ),
    )


_NEGATIVE = (
    "negative-frames",
    "Renderjuice has no known way to ask for frames below 0. Move the animation to 0 or later, "
    "or choose frames from 0 on.",
)
_EMPTY = "empty-frame-range", "The scene's frame range is empty: its end comes before its start."


class _Chosen(NamedTuple):
    frames: tuple[int, ...] = ()
    ranges: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None


@lru_cache(maxsize=8)  # panels call it at every redraw, and a scene may have a million frames
def _select_frames(own: tuple[int, int, int], still: int | None, text: str | None) -> _Chosen:
    """The frames of `text`, else the `still`, else the scene's start, end and step."""
    start, end, step = own
    whole = tuple(range(start, end + 1, max(step, 1)))
    try:
        frames = whole if text is None else tuple(frame_text.parse(text))
    except frame_text.FrameError as error:
        return _Chosen(problem=("bad-frames", str(error)))
    if text is None and still is not None:
        frames = (still,)
    if not frames:
        return _Chosen(problem=_EMPTY)
    if frames[0] < 0:
        return _Chosen(frames, problem=None if frames == whole else _NEGATIVE)
    return _Chosen(frames, tuple(frame_text.compact(frames)))


def _no_ranges(chosen: _Chosen) -> NotSent:
    if chosen.frames:
        return NotSent("Frames below 0 cannot be asked for; the file's own range says them.")
    return NotSent("There are no frames to render.")


def _sendable(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Split flat `values` into those to send, in the API's order, and reasons for the others."""
    present = {name: v for name, v in values.items() if not isinstance(v, NotSent)}
    sent, unknown = fields.sendable(present)
    for name in unknown:
        if fields.problem(name, values[name]):  # its message is about typed values
            unknown[name] = (
                f"Renderjuice has no known word for {fields.word(values[name])}; the file says it."
            )
    left_out = [name for name in fields.FIELDS if name not in sent]
    return sent, {name: unknown.get(name) or values[name].reason for name in left_out}


def _from_scene(s: Settings, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Each field's value in the scene, or NotSent, given the overridden engine and format."""
    engine = overrides.get("renderEngine", s.engine)
    return {
        "colorManagementPreset": "aces" if _is_aces(s) else "default",
        "frameRanges": None,
        "notes": NotSent("No notes were written."),
        "renderEngine": s.engine,
        "compositorDevice": s.compositor_device
        or NotSent("This Blender has no choice of device for the compositor."),
        "computeDeviceType": _compute_device_type(s, engine),
        "gpuCount": NotSent("More GPUs cost more, so this is sent only when you set it."),
        "sampleCount": _samples(s, engine),
        **_denoising(s, engine, overrides),
        "resolution": [s.resolution_x, s.resolution_y],
        "resolutionPercentage": s.resolution_percentage,
        "outputFormat": s.file_format,
        "fps": s.fps
        if s.fps_base == 1
        else NotSent(f"{s.fps / s.fps_base:.3f} fps cannot be said exactly; the file says it."),
        **_tiling(s, engine, overrides),
        **_output(s, overrides.get("outputFormat", s.file_format), overrides),
        "minimumRam": NotSent("Renderjuice chooses the machines unless you set it."),
    }


def _is_aces(s: Settings) -> bool:
    """Whether the OCIO config is an ACES config. Blender's own one has ACES views too."""
    named = "aces" in s.ocio.lower()
    displays = s.display_device == "ACES" or s.display_device.endswith(" - Display")
    return named or displays or s.view_transform.startswith(("ACES 1.0", "ACES 2.0 - "))


def _compute_device_type(s: Settings, engine: str) -> str | NotSent:
    if engine != CYCLES:
        return NotSent("Only Cycles chooses a compute device.")
    if s.cycles_device != "GPU":
        return NotSent("The scene renders on the CPU, which the API cannot ask for.")
    if s.compute_device_type in {"CUDA", "OPTIX"}:
        return s.compute_device_type
    if s.compute_device_type in {None, "NONE"}:
        return NotSent("Blender's preferences choose no GPU for Cycles; the farm uses its own.")
    return NotSent(f"The farm has no {fields.word(s.compute_device_type)} GPUs; it uses its own.")


def _samples(s: Settings, engine: str) -> int | NotSent:
    samples = {CYCLES: s.cycles_samples, **dict.fromkeys(EEVEE, s.eevee_samples)}.get(engine)
    if samples is None:
        return NotSent("This engine has no sample count.")
    if s.other_samples and engine == s.engine:
        counts = ", ".join(map(str, sorted({samples, *s.other_samples})))
        return NotSent(f"View layers or scenes have their own counts ({counts}); the file says it.")
    return samples


def _denoising(s: Settings, engine: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    if engine != CYCLES or s.use_denoising is None:
        reason = NotSent("Only Cycles denoises.")
        return {"denoisingEnabled": reason, "denoiserType": reason}
    denoiser: str | NotSent | None = s.denoiser
    if not overrides.get("denoisingEnabled", s.use_denoising):
        denoiser = NotSent("Denoising is off.")
    return {
        "denoisingEnabled": s.use_denoising,
        "denoiserType": denoiser
        or NotSent("The file's denoiser is not offered by this computer; the file says it."),
    }


def _tiling(s: Settings, engine: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    if engine != CYCLES or s.use_auto_tile is None:
        reason = NotSent("Only Cycles renders in tiles.")
        return {"useTiling": reason, "tileSize": reason}
    tiling = overrides.get("useTiling", s.use_auto_tile)
    return {
        "useTiling": s.use_auto_tile,
        "tileSize": s.tile_size if tiling else NotSent("Tiling is off."),
    }


def _output(s: Settings, file_format: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The outputSettings that apply to `file_format`."""
    if file_format not in formats.SENT:
        rest = NotSent("Sent only with a format that the API knows; the file says it.")
        names = (name for name in fields.FIELDS if name.startswith("outputSettings."))
        return dict.fromkeys(names, rest)
    depth = _fallback(s.color_depth, formats.color_depths(file_format))
    codec = overrides.get("outputSettings.exrCodec", s.exr_codec)
    lossy_exr = file_format == "OPEN_EXR" and codec in {"DWAA", "DWAB"}
    absent = NotSent(f"{fields.word(file_format)} has no such setting.")
    return {
        "outputSettings.colorMode": _fallback(
            s.color_mode, formats.color_modes(file_format, s.blender)
        ),
        "outputSettings.colorDepth": depth,
        "outputSettings.exrCodec": _exr_codec(s, overrides.get("outputSettings.colorDepth", depth))
        if file_format == "OPEN_EXR"
        else absent,
        "outputSettings.tiffCodec": s.tiff_codec if file_format == "TIFF" else absent,
        "outputSettings.compression": s.compression if file_format == "PNG" else absent,
        "outputSettings.quality": s.quality if file_format == "JPEG" or lossy_exr else absent,
    }


def _exr_codec(s: Settings, depth: str) -> str | NotSent:
    if s.exr_codec in formats.exr_codecs(depth, s.exr_codecs):
        return s.exr_codec
    return NotSent("The file's codec is none of this color depth; the file says it.")


def _fallback(value: str, offered: tuple[str, ...]) -> str:
    """`value` if offered, else what Blender falls back to when the format changes."""
    return value if value in offered else offered[0]


def _out_of_range(overrides: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about overridden numbers outside Blender's limits."""
    for name, (least, most) in LIMITS.items():
        value = overrides.get(name, least)
        numbers = value if isinstance(value, list | tuple) else [value]
        if not all(least <= n <= most for n in numbers):
            setting = _LIMITED[name]
            yield f"{setting} must be from {least:,} to {most:,} in Blender, not {value}."


def _unsupported(s: Settings, file_format: str, overrides: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about overrides that the file format or this Blender does not support."""
    if file_format in formats.VIDEO:  # has its own check
        return
    if "outputFormat" in overrides and file_format not in s.file_formats:
        yield f"This Blender has no file format {fields.word(file_format)}."
        return
    depths = formats.color_depths(file_format)
    offered = {
        "outputSettings.colorMode": ("color mode", formats.color_modes(file_format, s.blender)),
        "outputSettings.colorDepth": ("color depth", depths),
    }
    for name, (words, known) in offered.items():
        if known and name in overrides and overrides[name] not in known:
            choices = " or ".join(known)
            yield f"{fields.word(file_format)} has no {words} {overrides[name]}: choose {choices}."
    chosen = {"outputSettings.exrCodec", "outputSettings.colorDepth"}.intersection(overrides)
    if not chosen or file_format not in formats.EXR:
        return
    codec = overrides.get("outputSettings.exrCodec", s.exr_codec)
    depth = overrides.get("outputSettings.colorDepth", _fallback(s.color_depth, depths))
    codecs = formats.exr_codecs(depth, s.exr_codecs)
    if codec and codec not in codecs:
        choices = " or ".join(map(fields.word, codecs))
        file_format, codec = fields.word(file_format), fields.word(codec)
        yield f"{file_format} of {depth} bit has no codec {codec}: choose {choices}."
