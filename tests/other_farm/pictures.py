"""Small valid images with different bytes for each label."""

import hashlib
import struct
import zlib

SIDE = 8

# A gray image of 8 x 8 pixels, written by libjpeg.
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043001b12141714111b1716171e1c1b2028422b2825"
    "2528513a3d3042605565645f555d5b6a7899816a7190735b5d85b586909ea3abadab6780bcc9baa6c799a8ab"
    "a4ffc0000b080008000801011100ffc40014000100000000000000000000000000000002ffc4001d10000201"
    "0403000000000000000000000001020304114151233171ffda0008010100003f002912ba9a6a5216051cb2de"
    "c186403ad9cf9dff00ffd9"
)


def _pixels(label: str, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += hashlib.sha256(f"{label}/{len(data)}".encode()).digest()
    return data[:count]


def png(label: str) -> bytes:
    """Return an RGB image of random pixels, which do not compress."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    row = SIDE * 3
    data = _pixels(label, row * SIDE)
    rows = b"".join(b"\0" + data[row * y : row * (y + 1)] for y in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    text = b"Comment\0" + label.encode()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"tEXt", text)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def tiff(label: str) -> bytes:
    """Return an uncompressed RGB image in one strip, little-endian."""
    text = label.encode().ljust(len(label.encode()) | 1) + b"\0"
    data = _pixels(label, SIDE * SIDE * 3)
    entries = 10
    after = 8 + 2 + entries * 12 + 4
    bits, words = after, after + 6
    strip = words + len(text)
    tags = (
        (256, 3, 1, SIDE),
        (257, 3, 1, SIDE),
        (258, 3, 3, bits),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (270, 2, len(text), words),
        (273, 4, 1, strip),
        (277, 3, 1, 3),
        (278, 4, 1, SIDE),
        (279, 4, 1, len(data)),
    )
    table = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<IH", 8, entries) + table + struct.pack("<I", 0)
    return head + struct.pack("<3H", 8, 8, 8) + text + data


def exr(label: str) -> bytes:
    """Return an uncompressed image with one half channel and one block per line."""

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value

    box = struct.pack("<4i", 0, 0, SIDE - 1, SIDE - 1)
    header = (
        attribute("channels", "chlist", b"Y\0" + struct.pack("<iIii", 1, 0, 1, 1) + b"\0")
        + attribute("comments", "string", label.encode())
        + attribute("compression", "compression", b"\0")
        + attribute("dataWindow", "box2i", box)
        + attribute("displayWindow", "box2i", box)
        + attribute("lineOrder", "lineOrder", b"\0")
        + attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
        + attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0))
        + attribute("screenWindowWidth", "float", struct.pack("<f", 1))
        + b"\0"
    )
    start = 8 + len(header) + SIDE * 8
    # Clear the top bits of each half: no infinities, no NaN.
    data = bytes(b & 0x3F if i % 2 else b for i, b in enumerate(_pixels(label, SIDE * SIDE * 2)))
    blocks = [
        struct.pack("<ii", y, SIDE * 2) + data[SIDE * 2 * y : SIDE * 2 * (y + 1)]
        for y in range(SIDE)
    ]
    table = b"".join(struct.pack("<Q", start + y * len(blocks[0])) for y in range(SIDE))
    return b"\x76\x2f\x31\x01" + struct.pack("<I", 2) + header + table + b"".join(blocks)


def jpeg(label: str) -> bytes:
    """Return the gray image with the label as its comment."""
    text = label.encode()
    comment = b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text
    return JPEG[:2] + comment + JPEG[2:]


MAKERS = {"PNG": png, "JPEG": jpeg, "TIFF": tiff, "OPEN_EXR": exr}
