"""The layers that a USD file is made of, read without a USD library: Blender has none for Python.

Text layers name the others between `@`; binary ones (crate files) in their table of tokens, see
`pxr/usd/sdf/crateFile.cpp` of OpenUSD. What a .usdz refers to is inside it.
"""

# Blender's paths are strings:
# ruff: noqa: PTH113, PTH118, PTH120, PTH123

import mmap
import os
import re
import struct
from collections.abc import Iterator

LAYERS = (".usd", ".usda", ".usdc", ".usdz")
CRATE = b"PXR-USDC"
MAX_BYTES = 64 * 1024**2  # of a text layer
MAX_NAMES = 16 * 1024**2  # bytes of a crate's table of names, once it is unpacked


def layers(path: str) -> list[str]:
    """The USD file at `path` and every layer on disk that it reads, directly or not."""
    found, seen = [path], {path}
    for layer in found:  # grows while it is read
        for name in _named(layer):
            if not name.lower().endswith(LAYERS):
                continue
            other = os.path.normpath(os.path.join(os.path.dirname(layer), name))
            if other not in seen and os.path.isfile(other):
                found.append(other)
                seen.add(other)
    return found


def has_clips(path: str) -> bool:
    """Whether the layer at `path` names files by a pattern, as value clips do."""
    return "templateAssetPath" in _named(path)


def _named(path: str) -> Iterator[str]:
    """All that might be a file in the layer at `path`; nothing if it cannot be understood."""
    with open(path, "rb") as file:
        begin = file.read(len(CRATE))
        file.seek(0)
        if begin == CRATE:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                tokens = _tokens(data)
        elif begin.startswith(b"#usda"):
            text = file.read(MAX_BYTES)
            words = re.findall(rb"@[^@\n]+@|\btemplateAssetPath\b", text)
            tokens = [word.strip(b"@") for word in words]
        else:
            tokens = []
    for token in tokens:
        yield token.decode("utf-8", "replace")


def _tokens(data: mmap.mmap) -> list[bytes]:
    """The strings of a crate file; [] if it is damaged or older than its compression (0.4)."""
    try:
        (contents,) = struct.unpack_from("<q", data, 16)
        (count,) = struct.unpack_from("<Q", data, contents)
        for number in range(count):
            name, start = struct.unpack_from("<16sq", data, contents + 8 + 32 * number)
            if name.rstrip(b"\0") == b"TOKENS":
                _, size, packed = struct.unpack_from("<QQQ", data, start)
                if max(size, packed) > MAX_NAMES:
                    return []
                return _unpacked(data[start + 24 : start + 24 + packed], size).split(b"\0")
    except (struct.error, IndexError, ValueError, OverflowError):
        return []
    return []


def _unpacked(data: bytes, size: int) -> bytes:
    """Data as USD compresses it: the number of chunks (0: one without a size), then LZ4 blocks."""
    if data[0] == 0:
        return lz4(data[1:])
    out, at = b"", 1
    for _ in range(data[0]):
        (length,) = struct.unpack_from("<i", data, at)
        out += lz4(data[at + 4 : at + 4 + length])
        if len(out) > MAX_NAMES:
            raise ValueError("longer than any table of names")
        at += 4 + length
    return out[:size]


def lz4(block: bytes) -> bytes:
    """Decompress one LZ4 block. Raises IndexError and ValueError for what is none."""
    out = bytearray()
    at = 0
    while at < len(block):
        token = block[at]
        length, at = _length(block, at + 1, token >> 4)
        out += block[at : at + length]
        at += length
        if at >= len(block):
            break  # the last sequence is literals only
        offset = block[at] | block[at + 1] << 8
        length, at = _length(block, at + 2, token & 15)
        if not 0 < offset <= len(out) or len(out) + length > MAX_NAMES:
            raise ValueError("no LZ4, or a bomb")
        length += 4
        start = len(out) - offset
        again = out[start : start + length]  # shorter where it overlaps what it writes
        out += (again * -(-length // len(again)))[:length]
    return bytes(out)


def _length(block: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while True:
            length += block[at]
            at += 1
            if block[at - 1] != 255:
                break
    return length, at
