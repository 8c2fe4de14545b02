"""Whether a file that came is whole: its header, the structure that it declares, and its end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .formats import archive, boxes, exr, film, jpeg, png, raster, riff, streams, tiff
from .formats.png import PngSums
from .formats.source import Cut, Foreign, Source, Wrong

_MARK_BYTES = 16


@dataclass(frozen=True)
class _Format:
    """A format: what checks it, where which bytes tell it, and whether any cut is seen.

    Those without `marks` are known by their names only.
    """

    suffixes: tuple[str, ...]
    check: Callable[[Source], None]
    marks: tuple[tuple[int, bytes], ...] = ()
    is_self_delimiting: bool = False
    family: str = "picture"

    def begins(self, head: bytes) -> bool:
        """Whether a file may begin so."""
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


def is_self_delimiting(suffix: str) -> bool:
    """Whether `broken` sees each cut of a file of such a name, with its dot, that lacks any byte.

    False where it is not judged, and where a file without its last part may be a whole one.
    """
    format = _BY_SUFFIX.get(suffix.lower())
    return format is not None and format.is_self_delimiting


def broken(path: Path, suffix: str, sums: PngSums | None = None) -> str | None:
    """Why the file at `path` cannot be a whole file of its kind; None where nothing speaks against.

    A picture or a video may be of another format than `suffix` says: Blender writes such files
    where *File Extensions* is off. A PNG is not read again where `sums` has seen it come in. Files
    of other kinds are judged by one thing only, that they are not empty. Raises OSError.
    """
    suffix = suffix.lower()
    if suffix == ".png" and sums and sums.agree:
        return None
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return "it is empty"
        own = _BY_SUFFIX.get(suffix)
        if own is None:
            return None
        return _judged(own, suffix, file, size)


def _judged(own: _Format, suffix: str, file: BinaryIO, size: int) -> str | None:
    file.seek(0)
    format = _format(own, file.read(_MARK_BYTES))
    reason = None
    try:
        if format is None:
            raise Foreign
        format.check(Source(file, size))
    except Foreign:
        reason = f"it does not begin like a {suffix} file"
    except Cut:
        reason = f"it does not end like a {suffix} file"
    except png.WrongSum:
        reason = "its checksums do not agree"
    except Wrong:
        reason = "its parts do not fit together"
    return reason


def _format(own: _Format, head: bytes) -> _Format | None:
    """The format of a file that begins so: its name's, or another one of its family."""
    if own.begins(head):
        return own
    for format in _FORMATS:
        alike = format.family == own.family and format.is_self_delimiting >= own.is_self_delimiting
        if alike and format.begins(head):
            return format
    return None if own.marks else own
