"""Checks files made of boxes (ISO 14496-12): MP4, QuickTime, AVIF; JPEG 2000 uses `boxes` too."""

from collections.abc import Iterator

from .source import Corrupt, Source, Truncated, WrongFormat

MOVIE = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
MAX_EXTENTS = 1024**2  # of an AVIF


def boxes(source: Source, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two offsets: kind, start of the content, end.

    Raises Truncated if one exceeds `end`.
    """
    while start < end:
        source.at = start
        size, kind = source.unpack(">I4s")
        if size == 1:
            size = source.integer(">Q")
        content = source.at
        stop = start + size if size else end
        if stop > end:
            raise Truncated
        if stop < content:
            raise Corrupt
        yield kind, content, stop
        start = stop


def check_movie(source: Source) -> None:
    """Raise Corrupt unless all boxes are complete, with a `moov` and an `mdat` among them."""
    source.at = 4
    if source.read(4) not in MOVIE:
        raise WrongFormat
    kinds = {kind for kind, start, end in boxes(source, 0, source.size) if end > start}
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise Truncated


def check_avif(source: Source) -> None:
    """Raise Corrupt unless all boxes are complete, with all extents of the image."""
    source.at = 4
    if source.read(4) != b"ftyp":
        raise WrongFormat
    extents = 0
    kinds = set()
    for kind, start, end in boxes(source, 0, source.size):
        kinds.add(kind)
        if kind != b"meta":
            continue
        for inner, begin, stop in boxes(source, start + 4, end):
            if inner == b"iloc":
                extents += _extents(source, begin, stop)
    if b"meta" not in kinds or not extents:
        raise Truncated


def _extents(source: Source, start: int, end: int) -> int:
    """The number of extents in an `iloc` box. Raises Truncated if one is outside the file."""
    source.at = start
    version, sizes = source.unpack(">B3xH")
    if version > 2:
        raise Corrupt
    offset, length, base, index = (sizes >> shift & 0xF for shift in (12, 8, 4, 0))
    wide = ">I" if version == 2 else ">H"
    found = 0
    for _ in range(source.integer(wide)):
        source.read(4 if version == 2 else 2)  # item_ID
        method = source.integer(">H") & 0xF if version else 0
        source.read(2)
        origin = int.from_bytes(source.read(base), "big")
        for _ in range(source.integer(">H")):
            source.read(index if version else 0)
            at = origin + int.from_bytes(source.read(offset), "big")
            count = int.from_bytes(source.read(length), "big")
            if method == 0:
                source.require(at, count)
            found += 1
            if source.at > end or found > MAX_EXTENTS:
                raise Corrupt
    return found
