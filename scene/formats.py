"""The color modes, depths and codecs of Blender's file formats, in Blender 4.2 to 5.2. No bpy."""

VIDEO = ("FFMPEG", "AVI_JPEG", "AVI_RAW")
SENT = ("PNG", "JPEG", "TIFF", "OPEN_EXR")
"""The formats that the API is known to accept."""
EXR = ("OPEN_EXR", "OPEN_EXR_MULTILAYER")

_ALL_MODES = ("RGBA", "RGB", "BW")
_OPAQUE = ("RGB", "BW")
_HALF_ONLY = ("B44", "B44A")

# Color modes and depths. The first ones are those that Blender falls back to.
_FORMATS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "PNG": (_ALL_MODES, ("16", "8")),
    "JPEG": (_OPAQUE, ("8",)),
    "TIFF": (_ALL_MODES, ("16", "8")),
    "OPEN_EXR": (_ALL_MODES, ("32", "16")),
    "OPEN_EXR_MULTILAYER": (_ALL_MODES, ("32", "16")),
    "WEBP": (_ALL_MODES, ("8",)),
    "AVIF": (_ALL_MODES, ("12", "10", "8")),
    "BMP": (_ALL_MODES, ("8",)),
    "IRIS": (_ALL_MODES, ("8",)),
    "TARGA": (_ALL_MODES, ("8",)),
    "TARGA_RAW": (_ALL_MODES, ("8",)),
    "JPEG2000": (_ALL_MODES, ("16", "12", "8")),
    "DPX": (_ALL_MODES, ("16", "12", "10", "8")),
    "CINEON": (_OPAQUE, ("10",)),
    "HDR": (_OPAQUE, ("32",)),
}


def color_modes(file_format: str, blender: tuple[int, ...]) -> tuple[str, ...]:
    """The color modes of a format in a version of Blender; () if the format is unknown."""
    if file_format == "BMP" and blender < (4, 5):
        return _OPAQUE
    return _FORMATS.get(file_format, ((), ()))[0]


def color_depths(file_format: str) -> tuple[str, ...]:
    """The color depths of a format; () if it is unknown."""
    return _FORMATS.get(file_format, ((), ()))[1]


def exr_codecs(depth: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """The `offered` codecs that an EXR of this depth supports."""
    return tuple(name for name in offered if depth != "32" or name not in _HALF_ONLY)
