"""Checks that a downloaded file is complete: its header, its declared structure, and its end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .formats import archive, boxes, exr, film, jpeg, png, raster, riff, streams, tiff
from .formats.png import PngChecksums
from .formats.source import Corrupt, Source, Truncated, WrongFormat

_MARK_BYTES = 16


@dataclass(frozen=True)
class _Format:
    """A file format: its check, its magic bytes with offsets, and whether truncation is detected.

    A format without `marks` is recognized by its suffix only.
    """

    suffixes: tuple[str, ...]
    check: Callable[[Source], None]
    marks: tuple[tuple[int, bytes], ...] = ()
    is_self_delimiting: bool = False
    family: str = "picture"

    def matches(self, head: bytes) -> bool:
        """Whether the first bytes of a file are of this format."""
        return any(head.startswith(mark, at) for at, mark in self.marks)


_FORMATS = (
    _Format((".png",), png.check, ((0, png.SIGNATURE),), True),
    _Format((".jpg", ".jpeg"), jpeg.check, ((0, b"\xff\xd8\xff"),), True),
    _Format((".exr",), exr.check, ((0, b"v/1\x01"),), True),
    _Format((".tif", ".tiff"), tiff.check, tuple((0, m) for m in tiff.MARKS), True),
    _Format((".webp",), riff.check_webp, ((8, b"WEBP"),), True),
    _Format((".hdr", ".rgbe", ".pic"), raster.check_radiance, ((0, b"#?"),), True),
    _Format(
        (".jp2", ".j2k", ".j2c", ".jpc"),
        jpeg.check_2000,
        ((0, b"\xff\x4f\xff\x51"), (4, b"jP  ")),
        True,
    ),
    _Format((".dpx",), film.check_dpx, ((0, b"SDPX"), (0, b"XPDS")), True),
    _Format((".cin",), film.check_cineon, tuple((0, m) for m in film.CINEON_MARKS), True),
    _Format((".bmp",), raster.check_bmp, ((0, b"BM"),), True),
    _Format((".rgb", ".sgi"), raster.check_iris, ((0, b"\x01\xda"),), True),
    _Format((".avif",), boxes.check_avif, ((4, b"ftyp"),), True),
    _Format((".tga",), raster.check_tga),
    _Format(
        (".mp4", ".m4v", ".mov"),
        boxes.check_movie,
        tuple((4, kind) for kind in boxes.MOVIE),
        family="video",
    ),
    _Format((".mkv", ".webm"), streams.check_matroska, ((0, b"\x1a\x45\xdf\xa3"),), family="video"),
    _Format((".avi",), riff.check_avi, ((8, b"AVI "),), family="video"),
    _Format((".ogv", ".ogg"), streams.check_ogg, ((0, b"OggS"),), family="video"),
    _Format((".flv",), streams.check_flash, ((0, b"FLV"),), family="video"),
    _Format(
        (".mpg", ".mpeg", ".vob", ".dvd"),
        streams.check_mpeg,
        ((0, b"\0\0\1\xba"),),
        family="video",
    ),
    _Format((".dv",), streams.check_dv, ((0, b"\x1f\x07\x00"),), family="video"),
    _Format((".zip",), archive.check, tuple((0, m) for m in archive.BEGINS), True, "archive"),
)
_BY_SUFFIX = {suffix: format for format in _FORMATS for suffix in format.suffixes}
_WRITTEN_AS = {
    **{"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tif", "WEBP": ".webp", "AVIF": ".avif"},
    **{"OPEN_EXR": ".exr", "OPEN_EXR_MULTILAYER": ".exr", "HDR": ".hdr", "JPEG2000": ".jp2"},
    **{"DPX": ".dpx", "CINEON": ".cin", "BMP": ".bmp", "IRIS": ".rgb"},
}
"""The suffix of each of Blender's file formats that can be recognized by its first bytes."""


def is_known(suffix: str) -> bool:
    """Whether a farm's files may have this suffix; Blender's may have none, or the frame number."""
    return suffix.lower() in _BY_SUFFIX or suffix.lstrip(".").isdigit() or not suffix


def is_self_delimiting(suffix: str) -> bool:
    """Whether `broken` detects every truncation of files with this suffix (".png").

    False for unknown suffixes, and for formats in which a truncated file may be valid.
    """
    format = _BY_SUFFIX.get(suffix.lower())
    return format is not None and format.is_self_delimiting


def is_suffix_of(suffix: str, file_format: str) -> bool:
    """Whether files in a format of Blender's ("PNG") have this suffix (".png")."""
    own = _BY_SUFFIX.get(suffix.lower())
    return own is not None and own is _BY_SUFFIX.get(_WRITTEN_AS.get(file_format, ""))


def broken(
    path: Path, suffix: str, sums: PngChecksums | None = None, *, exact: bool = False
) -> str | None:
    """A clause that says why the file at `path` is incomplete or corrupt; None if it seems valid.

    An image or a video may have another format than `suffix`, unless `exact`: Blender writes such
    files if *File Extensions* is off. A PNG is not read again if `sums` is from its download. Of
    files with other suffixes, only empty ones are broken. Raises OSError.
    """
    suffix = suffix.lower()
    if suffix == ".png" and sums and sums.valid:
        return None
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return "it is empty"
        own = _BY_SUFFIX.get(suffix)
        if own is None:
            return None
        file.seek(0)
        format = _format(own, file.read(_MARK_BYTES))
        return _check(None if exact and format is not own else format, suffix, file, size)


def _check(format: _Format | None, suffix: str, file: BinaryIO, size: int) -> str | None:
    reason = None
    try:
        if format is None:
            raise WrongFormat
        format.check(Source(file, size))
    except WrongFormat:
        reason = f"it does not begin like a {suffix} file"
    except Truncated:
        reason = f"it does not end like a {suffix} file"
    except png.ChecksumMismatch:
        reason = "its checksums do not agree"
    except Corrupt:
        reason = "its parts do not fit together"
    return reason


def _format(own: _Format, head: bytes) -> _Format | None:
    """The format of a file by its first bytes: that of its suffix, or another of its family."""
    if own.matches(head):
        return own
    for format in _FORMATS:
        same_family = (
            format.family == own.family and format.is_self_delimiting >= own.is_self_delimiting
        )
        if same_family and format.matches(head):
            return format
    return None if own.marks else own
