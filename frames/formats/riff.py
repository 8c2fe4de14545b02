"""Files that are made of RIFF chunks: WebP and AVI."""

from collections.abc import Iterator

from .source import Cut, Foreign, Source, Wrong


def _chunks(source: Source, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk between two places: its name, where its content begins, where it ends."""
    while end - start >= 8:
        source.at = start
        name, size = source.unpack("<4sI")
        if source.at + size > end:
            raise Cut
        yield name, source.at, source.at + size
        start = source.at = start + 8 + size + size % 2
    if start < end:
        raise Wrong


def _outer(source: Source, start: int) -> tuple[bytes, int]:
    """The kind of the RIFF that begins there, and where it ends."""
    source.at = start
    name, size, kind = source.unpack("<4sI4s")
    if name != b"RIFF":
        raise Foreign if not start else Wrong
    source.need(start + 8, size)
    return bytes(kind), start + 8 + size


def check_webp(source: Source) -> None:
    """Raise Wrong unless all chunks are whole, and a picture is among them."""
    kind, end = _outer(source, 0)
    if kind != b"WEBP":
        raise Foreign
    pictures = [name for name, _, _ in _chunks(source, 12, end) if name in _PICTURES]
    if not pictures:
        raise Cut


_PICTURES = frozenset((b"VP8 ", b"VP8L", b"ANMF"))


def check_avi(source: Source) -> None:
    """Raise Wrong unless all chunks are whole, the headers and the pictures among them."""
    kind, end = _outer(source, 0)
    if kind != b"AVI ":
        raise Foreign
    lists = set()
    for name, start, stop in _chunks(source, 12, end):
        if name == b"LIST" and stop - start > 4:
            source.at = start
            lists.add(source.read(4))
    if not {b"hdrl", b"movi"} <= lists:
        raise Cut
    while end + end % 2 < source.size:  # what is larger than 1 GiB goes on in others
        kind, end = _outer(source, end + end % 2)
        if kind != b"AVIX":
            raise Wrong
