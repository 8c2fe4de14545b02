"""Makes the PNG that the self-test uses as a texture and as a frame."""

import struct
import zlib

SIZE = 32


def png(size: int = SIZE) -> bytes:
    """A PNG of `size` by `size` pixels, from black to orange."""
    steps = [number * 255 // (size - 1) for number in range(size)]
    rows = b"".join(b"\0" + bytes(part for x in steps for part in (x, y // 2, 0)) for y in steps)
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
