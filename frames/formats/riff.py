"""Checks files made of RIFF chunks: WebP and AVI."""

from collections.abc import Iterator

from .source import Corrupt, Source, Truncated, WrongFormat


def _chunks(source: Source, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The chunks between two offsets: name, start of the content, end."""
    while end - start >= 8:
        source.at = start
        name, size = source.unpack("<4sI")
        if source.at + size > end:
            raise Truncated
        yield name, source.at, source.at + size
        start = source.at = start + 8 + size + size % 2
    if start < end:
        raise Corrupt


def _outer(source: Source, start: int) -> tuple[bytes, int]:
    """The kind and the end of the RIFF chunk at `start`."""
    source.at = start
    name, size, kind = source.unpack("<4sI4s")
    if name != b"RIFF":
        raise WrongFormat if not start else Corrupt
    source.require(start + 8, size)
    return bytes(kind), start + 8 + size


def check_webp(source: Source) -> None:
    """Raise Corrupt unless all chunks are complete, with an image among them."""
    kind, end = _outer(source, 0)
    if kind != b"WEBP":
        raise WrongFormat
    pictures = [name for name, _, _ in _chunks(source, 12, end) if name in _PICTURES]
    if not pictures:
        raise Truncated


_PICTURES = frozenset((b"VP8 ", b"VP8L", b"ANMF"))


def check_avi(source: Source) -> None:
    """Raise Corrupt unless all chunks are complete, with the `hdrl` and `movi` lists."""
    kind, end = _outer(source, 0)
    if kind != b"AVI ":
        raise WrongFormat
    lists = set()
    for name, start, stop in _chunks(source, 12, end):
        if name == b"LIST" and stop - start > 4:
            source.at = start
            lists.add(source.read(4))
    if not {b"hdrl", b"movi"} <= lists:
        raise Truncated
    while end + end % 2 < source.size:  # OpenDML: more RIFF chunks beyond 1 GiB
        kind, end = _outer(source, end + end % 2)
        if kind != b"AVIX":
            raise Corrupt
