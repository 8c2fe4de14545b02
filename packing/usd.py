"""Finds the layers of a USD file, without a USD library, which older Blenders do not include.

Text layers name other layers between `@`; binary ones (crate files) in their table of tokens, see
`pxr/usd/sdf/crateFile.cpp` of OpenUSD. A .usdz contains what it refers to.
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
MAX_TOKEN_BYTES = 16 * 1024**2  # of a crate's decompressed table of tokens


def layers(path: str) -> list[str]:
    """The USD file at `path` and all its existing layers, direct and indirect."""
    found, seen = [path], {path}
    for layer in found:  # grows during the loop
        for name in _asset_paths(layer):
            if not name.lower().endswith(LAYERS):
                continue
            other = os.path.normpath(os.path.join(os.path.dirname(layer), name))
            if other not in seen and os.path.isfile(other):
                found.append(other)
                seen.add(other)
    return found


def has_clips(path: str) -> bool:
    """Whether the layer at `path` has value clips, which name files by a pattern."""
    return "templateAssetPath" in _asset_paths(path)


def _asset_paths(path: str) -> Iterator[str]:
    """All tokens in the layer at `path` that may be asset paths; none if it cannot be parsed."""
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
    """The tokens of a crate file; [] if it is damaged or uncompressed (before version 0.4)."""
    try:
        (contents,) = struct.unpack_from("<q", data, 16)
        (count,) = struct.unpack_from("<Q", data, contents)
        for number in range(count):
            name, start = struct.unpack_from("<16sq", data, contents + 8 + 32 * number)
            if name.rstrip(b"\0") == b"TOKENS":
                _, size, packed = struct.unpack_from("<QQQ", data, start)
                if max(size, packed) > MAX_TOKEN_BYTES:
                    return []
                return _decompress(data[start + 24 : start + 24 + packed], size).split(b"\0")
    except (struct.error, IndexError, ValueError, OverflowError):
        return []
    return []


def _decompress(data: bytes, size: int) -> bytes:
    """Decompress USD's format: the number of chunks (0: one without a size), then LZ4 blocks."""
    if data[0] == 0:
        return lz4(data[1:])
    out, at = b"", 1
    for _ in range(data[0]):
        (length,) = struct.unpack_from("<i", data, at)
        out += lz4(data[at + 4 : at + 4 + length])
        if len(out) > MAX_TOKEN_BYTES:
            raise ValueError("longer than any table of names")
        at += 4 + length
    return out[:size]


def lz4(block: bytes) -> bytes:
    """Decompress one LZ4 block. Raises IndexError or ValueError if it is invalid."""
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
        if not 0 < offset <= len(out) or len(out) + length > MAX_TOKEN_BYTES:
            raise ValueError("no LZ4, or a bomb")
        length += 4
        start = len(out) - offset
        copied = out[start : start + length]  # shorter if source and target overlap
        out += (copied * -(-length // len(copied)))[:length]
    return bytes(out)


def _length(block: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while True:
            length += block[at]
            at += 1
            if block[at - 1] != 255:
                break
    return length, at
