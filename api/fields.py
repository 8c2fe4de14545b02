"""Defines the API's vocabulary: render settings, job statuses and error ids.

It uses the standard library alone, because Blender's process imports it. Every value has a mark:
"documented" (by the API documentation), "inferred" (from Blender or the documented sample) or
"unknown". Unknown values are not sent; the farm then uses the setting in the uploaded file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

Mark = Literal["documented", "inferred", "unknown"]
Type = Literal["enum", "number", "integer", "boolean", "string", "strings", "numbers"]

REFUSED_KEY = "refused-key"
NO_ACCESS = "no-access"
NOT_FOUND = "not-found"
WRONG_STATE = "wrong-state"
BAD_REQUEST = "bad-request"
RATE_LIMIT = "rate-limit"
SERVER_FAULT = "server-fault"
NETWORK = "network"
TIMEOUT = "timeout"
TLS = "tls"
EXPIRED_URL = "expired-url"
BAD_ADDRESS = "bad-address"
TOO_LARGE = "too-large"

UPLOAD_LIMIT = 5 * 1024**3
"""Bytes. An upload must be smaller than this (API documentation)."""

STATUSES: dict[str, str] = {
    "created": "Uploaded",
    "validating": "Checking the scene",
    "validated": "Scene checked",
    "booting": "Starting machines",
    "rendering": "Rendering",
    "finalizing": "Packaging the frames",
    "completed": "Completed",
    "failed": "Failed",
    "canceled": "Canceled",
    "debugging": "Being looked at by Renderjuice",
    "suspended": "Suspended, see the Renderjuice dashboard",
}
"""Labels of the API's job statuses. A status that is not listed counts as active."""

ENDED = frozenset({"completed", "failed", "canceled"})
"""The final statuses."""

WORDS: dict[str, str] = {
    "CYCLES": "Cycles",
    **dict.fromkeys(("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"), "EEVEE"),
    "BLENDER_WORKBENCH": "Workbench",
    **{"IRIS": "Iris", "JPEG2000": "JPEG 2000", "TARGA": "Targa", "TARGA_RAW": "Targa Raw"},
    **{"CINEON": "Cineon", "OPEN_EXR": "OpenEXR", "OPEN_EXR_MULTILAYER": "OpenEXR MultiLayer"},
    **{"HDR": "Radiance HDR", "WEBP": "WebP", "AVI_JPEG": "AVI JPEG", "AVI_RAW": "AVI Raw"},
    "FFMPEG": "FFmpeg Video",
    **{"OPTIX": "OptiX", "METAL": "Metal", "ONEAPI": "oneAPI"},
    "OPENIMAGEDENOISE": "OpenImageDenoise",
    **{"NONE": "None", "DEFLATE": "Deflate", "PACKBITS": "Pack Bits", "PXR24": "Pxr24"},
}
"""Blender's English words for identifiers of values. What is not listed is its own word."""


class FieldError(ValueError):
    """A setting that cannot be sent. The text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One member of `requestedRenderConfig`.

    `values` maps an enum's values to their marks. `minimum` and `maximum` are inclusive and apply
    to each item of a list. `mark` is that of the value's form where the type is not an enum.
    """

    name: str
    type: Type
    values: Mapping[str, Mark] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    mark: Mark = "documented"


def _enum(name: str, documented: str, inferred: str = "", unknown: str = "") -> Field:
    values: dict[str, Mark] = dict.fromkeys(documented.split(), "documented")
    values |= dict.fromkeys(inferred.split(), "inferred")
    values |= dict.fromkeys(unknown.split(), "unknown")
    return Field(name, "enum", values)


_TABLE = (
    _enum("colorManagementPreset", "default aces"),
    Field("frameRanges", "strings"),
    Field("notes", "string"),
    _enum("renderEngine", "CYCLES", unknown="BLENDER_EEVEE BLENDER_EEVEE_NEXT"),
    _enum("compositorDevice", "CPU", "GPU"),
    _enum("computeDeviceType", "CUDA", "OPTIX", "CPU HIP METAL ONEAPI"),
    Field("gpuCount", "integer", minimum=1),
    Field("sampleCount", "integer", minimum=1),
    Field("denoisingEnabled", "boolean"),
    _enum("denoiserType", "OPTIX", "OPENIMAGEDENOISE"),
    Field("resolution", "numbers", minimum=1, mark="inferred"),
    Field("resolutionPercentage", "integer", minimum=1, maximum=32767),
    _enum(
        "outputFormat",
        "PNG",
        "OPEN_EXR JPEG TIFF",
        "OPEN_EXR_MULTILAYER WEBP AVIF BMP IRIS JPEG2000 TARGA TARGA_RAW CINEON DPX HDR"
        " FFMPEG AVI_JPEG AVI_RAW",
    ),
    Field("fps", "number", minimum=1),
    Field("useTiling", "boolean"),
    Field("tileSize", "integer", minimum=1),
    _enum("outputSettings.colorMode", "BW", "RGB RGBA"),
    _enum("outputSettings.colorDepth", "8", "10 12 16 32"),
    _enum("outputSettings.exrCodec", "NONE", "ZIP ZIPS PIZ PXR24 RLE B44 B44A DWAA DWAB", "HTJ2K"),
    _enum("outputSettings.tiffCodec", "NONE", "DEFLATE LZW PACKBITS"),
    Field("outputSettings.compression", "integer", minimum=0, maximum=100),
    Field("outputSettings.quality", "integer", minimum=0, maximum=100),
    Field("minimumRam", "number", minimum=1, mark="inferred"),
)

FIELDS: dict[str, Field] = {entry.name: entry for entry in _TABLE}
"""Every field by its API name ("outputSettings.quality"), in the order of the documented sample."""


def mark(name: str, value: Any) -> Mark:
    """The mark of a value of a known field."""
    entry = FIELDS[name]
    if entry.type == "enum":
        return entry.values.get(value, "unknown") if isinstance(value, str) else "unknown"
    return entry.mark


def word(value: Any) -> str:
    """Blender's English word for a value: "OpenEXR" for `OPEN_EXR`."""
    return WORDS.get(value, value) if isinstance(value, str) else str(value)


def takes(entry: Field) -> str:
    """Describe a field's values: "one of CPU, GPU", "a whole number of at least 1"."""
    bounds = ""
    if entry.minimum is not None and entry.maximum is not None:
        bounds = f" from {entry.minimum:g} to {entry.maximum:g}"
    elif entry.minimum is not None:
        bounds = f" of at least {entry.minimum:g}"
    return {
        "enum": "one of " + ", ".join(entry.values),
        "number": "a number" + bounds,
        "integer": "a whole number" + bounds,
        "boolean": "true or false",
        "string": "a text",
        "strings": 'a list of frame ranges such as ["1-250", "300"]',
        "numbers": f"width and height as two whole numbers{bounds}, such as [1920, 1080]",
    }[entry.type]


def problem(name: str, value: Any) -> str | None:
    """A sentence that says why a field does not accept a value, or None if it does.

    A value marked "unknown" is accepted: it is written into the uploaded copy, and `sendable`
    leaves it out of the request.
    """
    entry = FIELDS.get(name)
    if entry is None:
        return f"{name} is not a Renderjuice render setting.{_similar(name)}"
    if _accepts(entry, value):
        return None
    return f"{name} takes {takes(entry)}, not {_shown(value)}."


def parse_assignment(text: str) -> tuple[str, Any]:
    """Parse "FIELD=VALUE" into (field, value). VALUE is JSON or a bare word.

    Raises FieldError when the field is unknown or does not accept the value.
    """
    import json  # imported here to keep Blender's startup fast

    name, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise FieldError(f"{text!r} is not FIELD=VALUE, such as sampleCount=128.")
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        value = written
    entry = FIELDS.get(name)
    if entry and entry.type in ("enum", "string") and isinstance(value, int | float):
        value = written  # colorDepth=16 means the text "16"
    if sentence := problem(name, value):
        raise FieldError(sentence)
    return name, whole(value)


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Convert {"outputSettings.quality": 90} to {"outputSettings": {"quality": 90}}."""
    config: dict[str, Any] = {}
    for name, value in flat.items():
        group, dot, member = name.partition(".")
        if dot:
            config.setdefault(group, {})[member] = value
        else:
            config[name] = value
    return config


def flatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """Reverse `nest`."""
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{member}": inner for member, inner in value.items()})
        else:
            flat[name] = value
    return flat


def sendable(flat: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Split a flat config into what is sent, in the table's order, and the reasons for the rest."""
    sent: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for name in sorted(flat, key=_order):
        value = flat[name]
        if sentence := problem(name, value):
            left_out[name] = sentence
        elif mark(name, value) == "unknown":
            left_out[name] = (
                f"It is not known whether Renderjuice takes {word(value)}; the uploaded file says"
                " it."
            )
        else:
            sent[name] = whole(value)
    return sent, left_out


def documented_only(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a nested config whose values are marked "documented"."""
    flat = flatten(config)
    known = {name: value for name, value in flat.items() if name in FIELDS}
    return nest({name: v for name, v in known.items() if mark(name, v) == "documented"})


def whole(value: Any) -> Any:
    """Convert 24.0 to 24, also in lists: the farm may reject an integer with a decimal point."""
    if isinstance(value, list | tuple):
        return [whole(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _order(name: str) -> int:
    names = list(FIELDS)
    return names.index(name) if name in FIELDS else len(names)


def _accepts(entry: Field, value: Any) -> bool:
    listed = isinstance(value, list | tuple)
    match entry.type:
        case "enum":
            fits = isinstance(value, str) and value in entry.values
        case "boolean":
            fits = isinstance(value, bool)
        case "string":
            fits = isinstance(value, str)
        case "number":
            fits = _in_bounds(entry, value)
        case "integer":
            fits = _in_bounds(entry, value) and value == int(value)
        case "numbers":
            fits = listed and len(value) == 2
            fits = fits and all(_in_bounds(entry, item) and item == int(item) for item in value)
        case "strings":
            fits = listed and bool(value) and all(map(_is_range, value))
    return fits


def _in_bounds(entry: Field, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, float) and not isfinite(value):
        return False
    above = entry.minimum is None or value >= entry.minimum
    return above and (entry.maximum is None or value <= entry.maximum)


def _is_range(value: Any) -> bool:
    """Whether it is of the form "7" or "1-250". The API documents no other."""
    if not isinstance(value, str):
        return False
    first, dash, last = value.partition("-")
    if not all(
        part.isascii() and part.isdigit() and len(part) < 10 for part in (first, last or "0")
    ):
        return False
    return not dash or (bool(last) and int(first) <= int(last))


def _similar(name: str) -> str:
    import difflib  # needed for an error only

    lower = {known.casefold(): known for known in FIELDS}
    lower |= {known.rpartition(".")[2].casefold(): known for known in FIELDS}
    near = difflib.get_close_matches(name.casefold(), lower, 1)
    return f" Did you mean {lower[near[0]]}?" if near else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
