"""Reads the size of an image from its header, before a file of the farm is decoded.

An image of a few kilobytes can make a decoder allocate gigabytes. Formats are recognized by their
magic bytes, not by their suffixes, as in Blender.
"""

import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 256 * 1024**2
MAX_PIXELS = 64 * 1024**2
MAX_SIDE = 65536
MAX_PARTS = 2000
"""Segments of a JPEG, entries of a TIFF or attributes of an EXR that are read."""
MAX_CHARACTERS = 256  # of an attribute's name in an EXR

Size = tuple[int, int]


def safe_to_show(path: Path) -> bool:
    """Whether the file is an image in a known format and within MAX_BYTES, MAX_PIXELS, MAX_SIDE.

    False for links, folders, pipes and unreadable files.
    """
    size = picture_size(path)
    if size is None or path.lstat().st_size > MAX_BYTES:
        return False
    return max(size) <= MAX_SIDE and size[0] * size[1] <= MAX_PIXELS


def picture_size(path: Path) -> Size | None:
    """Width and height in pixels, both at least 1, of a PNG, JPEG, TIFF, OpenEXR or WebP file.

    None for other formats, corrupt headers and unreadable files. It reads a few kilobytes.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            begin = file.read(12)
            file.seek(0)
            for mark, read in _READERS:
                if begin.startswith(mark):
                    size = read(file)
                    return size if size and min(size) >= 1 else None
    except (OSError, ValueError, struct.error, OverflowError):
        pass
    return None


def _png(file: BinaryIO) -> Size | None:
    length, kind, width, height = struct.unpack(">8xI4sII", file.read(24))
    return (width, height) if (length, kind) == (13, b"IHDR") else None


def _jpeg(file: BinaryIO) -> Size | None:
    file.seek(2)
    for _ in range(MAX_PARTS):
        lead, marker = file.read(2)
        if lead != 0xFF:
            return None
        if marker == 0xFF:  # fill byte
            file.seek(-1, os.SEEK_CUR)
            continue
        length = int(struct.unpack(">H", file.read(2))[0])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # start of frame
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        if length < 2 or marker in (0xD8, 0xD9, 0xDA):  # no frame header before the scan or end
            return None
        file.seek(length - 2, os.SEEK_CUR)
    return None


def _tiff(file: BinaryIO) -> Size | None:
    order = "<" if file.read(4)[:1] == b"I" else ">"
    file.seek(struct.unpack(f"{order}I", file.read(4))[0])
    entries = struct.unpack(f"{order}H", file.read(2))[0]
    sides = {256: 0, 257: 0}
    for _ in range(min(entries, MAX_PARTS)):
        entry = file.read(12)
        tag, kind, count = struct.unpack(f"{order}HHI", entry[:8])
        if tag in sides and count == 1 and kind in (3, 4):
            value = struct.unpack(order + ("H2x" if kind == 3 else "I"), entry[8:])[0]
            sides[tag] = max(sides[tag], value)
    return sides[256], sides[257]


def _exr(file: BinaryIO) -> Size | None:
    """The maximum over all windows of all parts, because readers differ in which they use."""
    file.seek(4)
    flags = struct.unpack("<I", file.read(4))[0]
    several, width, height = bool(flags & 0x1000), 0, 0
    at_start = True
    for _ in range(MAX_PARTS):
        name = _word(file)
        if not name:
            if at_start or not several:
                return width, height
            at_start = True
            continue
        at_start = False
        _word(file)  # its type
        length = struct.unpack("<i", file.read(4))[0]
        if name in (b"dataWindow", b"displayWindow") and length == 16:
            left, top, right, bottom = struct.unpack("<4i", file.read(16))
            width, height = max(width, right - left + 1), max(height, bottom - top + 1)
        elif length < 0:
            return None
        else:
            file.seek(length, os.SEEK_CUR)
    return None


def _word(file: BinaryIO) -> bytes:
    """Read up to the next zero byte. Raises ValueError if there is none in MAX_CHARACTERS."""
    start = file.tell()
    word, zero, _ = file.read(MAX_CHARACTERS).partition(b"\0")
    if not zero:
        raise ValueError("a name without an end")
    file.seek(start + len(word) + 1)
    return word


def _webp(file: BinaryIO) -> Size | None:
    head = file.read(30)
    if head[8:12] != b"WEBP":
        return None
    if head[12:16] == b"VP8X":
        width, height = head[24:27] + b"\0", head[27:30] + b"\0"
        return struct.unpack("<I", width)[0] + 1, struct.unpack("<I", height)[0] + 1
    if head[12:16] == b"VP8L" and head[20:21] == b"\x2f":
        bits = struct.unpack("<I", head[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        across, down = struct.unpack("<HH", head[26:30])
        return across & 0x3FFF, down & 0x3FFF
    return None


_READERS: tuple[tuple[bytes, Callable[[BinaryIO], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"v/1\x01", _exr),
    (b"RIFF", _webp),
)
