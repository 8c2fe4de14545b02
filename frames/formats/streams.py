"""Checks streamed video containers: Matroska, Ogg, Flash, MPEG and DV.

A missing last element is detected only if the stream declares its length.
"""

from .source import Corrupt, Source, Truncated, WrongFormat

_EBML, _SEGMENT, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1654AE6B, 0x1F43B675
_OGG_ENDS = 4
_MAX_STREAMS = 256
_PACK, _SYSTEM, _MPEG_END = 0xBA, 0xBB, 0xB9
_DV_FRAMES = (120_000, 144_000)


def check_matroska(source: Source) -> None:
    """Raise Corrupt unless all elements are complete, with tracks and clusters among them."""
    if source.read(4) != _EBML.to_bytes(4, "big"):
        raise WrongFormat
    source.at = 0
    seen: set[int] = set()
    while source.at < source.size:
        kind, size = _variable(source)[0], _size(source)
        seen.add(kind)
        if kind != _SEGMENT and size is not None:
            source.skip(size)
        elif size is not None:  # the segment's children are checked
            source.require(source.at, size)
    if not {_SEGMENT, _TRACKS, _CLUSTER} <= seen:
        raise Truncated


def _variable(source: Source) -> tuple[int, int]:
    """A variable-length integer with its marker bit, and its length in bytes."""
    first = source.read(1)[0]
    if not first:
        raise Corrupt
    more = 8 - first.bit_length()
    return int.from_bytes(bytes([first]) + source.read(more), "big"), more + 1


def _size(source: Source) -> int | None:
    """The size of an element; None if it is unknown, as in live streams."""
    value, length = _variable(source)
    value ^= 1 << 7 * length
    return None if value == (1 << 7 * length) - 1 else value


def check_ogg(source: Source) -> None:
    """Raise Corrupt unless all pages are complete and each stream has its last page."""
    open_streams: set[int] = set()
    start = source.at
    while source.at < source.size:
        mark, _, flags, _, stream, _, segments = source.unpack("<4sBB8sI8sB")
        if mark != b"OggS":
            raise WrongFormat if source.at == start + 27 else Corrupt
        source.skip(sum(source.read(segments)))
        open_streams.add(stream)
        if flags & _OGG_ENDS:
            open_streams.discard(stream)
        if len(open_streams) > _MAX_STREAMS:
            raise Corrupt
    if open_streams:
        raise Truncated


def check_flash(source: Source) -> None:
    """Raise Corrupt unless all tags are complete."""
    if source.read(3) != b"FLV":
        raise WrongFormat
    source.at = 5
    source.at = source.integer(">I")
    source.skip(4)
    tags = 0
    while source.at < source.size:
        size = source.integer(">I") & 0xFFFFFF
        source.skip(7 + size)
        if source.integer(">I") != 11 + size:
            raise Corrupt
        tags += 1
    if not tags:
        raise Truncated


def check_mpeg(source: Source) -> None:
    """Raise Corrupt unless all packets of an MPEG program stream are complete."""
    if source.read(4) != bytes((0, 0, 1, _PACK)):
        raise WrongFormat
    source.at = 0
    packets = 0
    while source.at < source.size:
        mark, kind = source.unpack(">3sB")
        if mark != b"\0\0\1" or kind < _MPEG_END:
            raise Corrupt
        if kind == _PACK:
            second = source.read(10)
            if second[0] >> 6 == 1:  # MPEG-2, with stuffing
                source.skip(second[9] & 7)
            else:
                source.at -= 2
        elif kind != _MPEG_END:
            source.skip(source.integer(">H"))
            packets += kind > _SYSTEM
    if not packets:
        raise Truncated


def check_dv(source: Source) -> None:
    """Raise Corrupt unless the file size is a multiple of the frame size."""
    if source.read(3) != b"\x1f\x07\x00":
        raise WrongFormat
    size = _DV_FRAMES[source.read(1)[0] >> 7]
    if source.size % size:
        raise Truncated
