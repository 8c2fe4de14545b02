"""Files that are made of boxes: MP4 and QuickTime, AVIF, and the outside of JPEG 2000."""

from collections.abc import Iterator

from .source import Cut, Foreign, Source, Wrong

MOVIE = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_LISTED = 1024**2  # extents of an AVIF


def boxes(source: Source, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box between two places: its kind, where its content begins, where it ends.

    Raises Cut where one leads out.
    """
    while start < end:
        source.at = start
        size, kind = source.unpack(">I4s")
        if size == 1:
            size = source.one(">Q")
        content = source.at
        stop = start + size if size else end
        if stop > end:
            raise Cut
        if stop < content:
            raise Wrong
        yield kind, content, stop
        start = stop


def check_movie(source: Source) -> None:
    """Raise Wrong unless all boxes are whole, the index and the pictures among them."""
    source.at = 4
    if source.read(4) not in MOVIE:
        raise Foreign
    kinds = {kind for kind, start, end in boxes(source, 0, source.size) if end > start}
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise Cut


def check_avif(source: Source) -> None:
    """Raise Wrong unless all boxes are whole, and all that the picture is made of is there."""
    source.at = 4
    if source.read(4) != b"ftyp":
        raise Foreign
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
        raise Cut


def _extents(source: Source, start: int, end: int) -> int:
    """How many pieces of the file an `iloc` box names; raises Cut for one that is not there."""
    source.at = start
    version, sizes = source.unpack(">B3xH")
    if version > 2:
        raise Wrong
    offset, length, base, index = (sizes >> shift & 0xF for shift in (12, 8, 4, 0))
    wide = ">I" if version == 2 else ">H"
    found = 0
    for _ in range(source.one(wide)):
        source.read(4 if version == 2 else 2)  # the item's number
        method = source.one(">H") & 0xF if version else 0
        source.read(2)
        origin = int.from_bytes(source.read(base), "big")
        for _ in range(source.one(">H")):
            source.read(index if version else 0)
            at = origin + int.from_bytes(source.read(offset), "big")
            count = int.from_bytes(source.read(length), "big")
            if method == 0:
                source.need(at, count)
            found += 1
            if source.at > end or found > _LISTED:
                raise Wrong
    return found
