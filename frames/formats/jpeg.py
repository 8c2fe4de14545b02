"""Checks JPEG from its first marker to its last, and the codestream of JPEG 2000."""

import re

from .boxes import boxes
from .source import Corrupt, Source, Truncated, WrongFormat

LAST = 64
"""Bytes at the end of the file that must contain the end marker."""
_BEGIN, _END, _SCAN = 0xD8, 0xD9, 0xDA
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOC, _SIZ, _SOT, _EOC = 0xFF4F, 0xFF51, 0xFF90, 0xFFD9


def check(source: Source) -> None:
    """Raise Corrupt unless the segments contain an image and the file has its end marker."""
    if source.read(2) != bytes((0xFF, _BEGIN)):
        raise WrongFormat
    has_size = has_picture = False
    while (marker := _marker(source)) != _END:
        if marker in _ALONE:
            continue
        if marker == _BEGIN:
            raise Corrupt
        length = source.integer(">H")
        if length < 2:
            raise Corrupt
        source.skip(length - 2)
        has_size |= marker in _FRAMES
        if marker == _SCAN:
            has_picture = has_size
            source.find(_MARKER)
    if not has_picture:
        raise Corrupt
    if source.size - source.at > LAST - 2:
        source.at = source.size - LAST
        if bytes((0xFF, _END)) not in source.read(LAST):
            raise Truncated


def _marker(source: Source) -> int:
    lead, marker = source.read(2)
    if lead != 0xFF:
        raise Corrupt
    while marker == 0xFF:  # fill bytes
        marker = source.read(1)[0]
    return marker


def check_2000(source: Source) -> None:
    """Raise Corrupt unless each codestream is complete, in boxes (JP2) or bare (J2K)."""
    begin = source.read(4)
    source.at = 0
    if begin == b"\xff\x4f\xff\x51":
        _codestream(source, source.size)
        return
    if begin != b"\0\0\0\x0c" or source.read(12)[4:] != b"jP  \r\n\x87\n":
        raise WrongFormat
    pictures = 0
    for kind, start, end in boxes(source, 0, source.size):
        if kind == b"jp2c":
            source.at = start
            _codestream(source, end)
            pictures += 1
    if not pictures:
        raise Truncated


def _codestream(source: Source, end: int) -> None:
    """Follow the tile-parts by their lengths up to the end marker before `end`."""
    if source.unpack(">HH") != (_SOC, _SIZ):
        raise WrongFormat
    source.at -= 2
    tiles = 0
    while (marker := source.integer(">H")) != _EOC:
        length = source.integer(">H")
        if marker != _SOT:
            if marker < 0xFF00 or length < 2 or tiles:
                raise Corrupt
            source.skip(length - 2)
            continue
        tiles += 1
        start = source.at - 4
        _, size = source.unpack(">HI")
        if size == 0:  # the last tile-part, which extends to the end marker
            source.at = end - 2
            continue
        if size < 14:
            raise Corrupt
        source.at = start
        source.skip(size)
        if source.at > end:
            raise Truncated
    if not tiles or source.at > end:
        raise Corrupt
