"""Small files of every format that a farm can send, written by Pillow or built byte by byte."""

import io
import os
import random
import struct
import zipfile

from PIL import Image

SIZE = (19, 11)


def picture(mode="RGB"):
    noise = random.Random(1).randbytes(SIZE[0] * SIZE[1] * 4)
    image = Image.frombytes("RGBA", SIZE, noise)
    image.paste((9, 8, 7, 6), (0, 0, 19, 5))
    return image.convert(mode)


def pillow(kind, mode="RGB", **options):
    data = io.BytesIO()
    picture(mode).save(data, kind, **options)
    return data.getvalue()


def exr(*, several=False, tiled=None, compression=3, deep=False, chunk_count=False, height=40):
    """An OpenEXR file of one part, or two (`several`): complete structure, placeholder pixels."""

    def attribute(name, kind, value):
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value

    lines = {0: 1, 3: 16, 9: 256, 10: 256, 99: 8}[compression]
    count = -(-height // lines) if tiled is None else tiled[3]
    header = attribute(b"compression", b"compression", bytes([compression]))
    header += attribute(b"dataWindow", b"box2i", struct.pack("<4i", -3, -5, 26, height - 6))
    if tiled:
        header += attribute(b"tiles", b"tiledesc", struct.pack("<IIB", *tiled[:3]))
    if several or deep:
        kind = b"deepscanline" if deep else b"tiledimage" if tiled else b"scanlineimage"
        header += attribute(b"type", b"string", kind)
    if several or chunk_count:
        header += attribute(b"chunkCount", b"int", struct.pack("<i", count))
    flags = 2 | (0x1000 if several else 0x200 if tiled else 0) | (0x800 if deep else 0)
    parts = 2 if several else 1
    head = b"v/1\x01" + struct.pack("<I", flags) + (header + b"\0") * parts
    head += b"\0" if several else b""
    offsets, chunks, at = b"", b"", len(head) + 8 * count * parts
    for part in range(parts):
        for index in range(count):
            offsets += struct.pack("<Q", at + len(chunks))
            chunks += struct.pack("<i", part) if several else b""
            chunks += struct.pack("<4i", index, 0, 0, 0) if tiled else b""
            chunks += b"" if tiled else struct.pack("<i", index * lines - 5)
            chunks += struct.pack("<QQQ", 7, 9, 99) if deep else struct.pack("<i", 16)
            chunks += b"P" * 16
    return head + offsets + chunks


def tiff(order="<", *, big=False, tiled=False):
    """A TIFF whose directory precedes its pixels, in strips or tiles of 100 bytes each."""
    parts, wide = (6, "Q") if tiled else (3, "Q")
    wide = wide if big else "I"
    tags = [(256, 3, 1, 40), (257, 3, 1, 24)]
    tags += [(322, 3, 1, 16), (323, 3, 1, 16)] if tiled else [(278, 3, 1, 8)]
    width = struct.calcsize(wide)
    count = len(tags) + 2
    first = 16 if big else 8
    tables = first + (8 if big else 2) + count * (20 if big else 12) + width
    pixels = tables + 2 * parts * width
    kind = 16 if big else 4
    tags += [(324 if tiled else 273, kind, parts, tables)]
    tags += [(325 if tiled else 279, kind, parts, tables + parts * width)]
    begin = {"<": b"II", ">": b"MM"}[order]
    head = begin + struct.pack(
        f"{order}HHHQ" if big else f"{order}HI", *((43, 8, 0, 16) if big else (42, 8))
    )
    entries = struct.pack(order + ("Q" if big else "H"), count)
    for tag, form, number, value in sorted(tags):
        entries += struct.pack(f"{order}HH{wide}", tag, form, number)
        inline = struct.pack(f"{order}H", value) if form == 3 else struct.pack(order + wide, value)
        entries += inline.ljust(width, b"\0")
    entries += struct.pack(order + wide, 0)
    offsets = struct.pack(f"{order}{parts}{wide}", *(pixels + 100 * i for i in range(parts)))
    return (
        head
        + entries
        + offsets
        + struct.pack(f"{order}{parts}{wide}", *[100] * parts)
        + b"p" * 100 * parts
    )


def radiance(width=19, height=11, *, runs=True):
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n" + f"-Y {height} +X {width}\n".encode()
    if not runs:
        return head + (b"\1\2\3\4" + b"\1\1\1\x02" + b"rgbe" * (width - 3)) * height
    line = b"\2\2" + width.to_bytes(2, "big")
    line += (bytes([128 + 9, 5, width - 9]) + b"v" * (width - 9)) * 4
    return head + line * height


def dpx(order=">", *, declared=True):
    pixels = -(-19 * 3 // 3) * 4 * 11
    head = bytearray(2048)
    struct.pack_into(f"{order}4sI", head, 0, b"SDPX" if order == ">" else b"XPDS", 2048)
    struct.pack_into(f"{order}I", head, 16, 2048 + pixels if declared else 0xFFFFFFFF)
    struct.pack_into(f"{order}HHII", head, 768, 0, 1, 19, 11)
    struct.pack_into(f"{order}BBBBHHI", head, 800, 50, 2, 2, 10, 1, 0, 2048)
    return bytes(head) + b"p" * pixels


def cineon():
    head = bytearray(2048)
    struct.pack_into(">II", head, 0, 0x802A5FD7, 2048)
    struct.pack_into(">I", head, 20, 2048 + 19 * 11 * 4)
    head[193] = 3
    struct.pack_into(">BBBBII", head, 196, 0, 1, 10, 0, 19, 11)
    return bytes(head) + b"p" * 19 * 11 * 4


def iris(*, packed):
    rows = 11 * 3
    head = struct.pack(">HBBHHHH", 0x01DA, packed, 1, 3, 19, 11, 3).ljust(512, b"\0")
    if not packed:
        return head + b"p" * rows * 19
    starts = struct.pack(f">{rows}I", *(512 + 8 * rows + 5 * i for i in range(rows)))
    return head + starts + struct.pack(f">{rows}I", *[5] * rows) + b"p" * 5 * rows


def box(kind, content=b"", *, wide=False):
    if wide:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def mp4(*, index_first=False):
    moov = box(b"moov", box(b"mvhd", bytes(100)))
    mdat = box(b"mdat", b"pictures" * 9, wide=True)
    head = box(b"ftyp", b"isom\0\0\2\0") + box(b"free")
    return head + (moov + mdat if index_first else mdat + moov)


def codestream():
    tile = b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 14 + 20, 0, 1) + b"\xff\x93" + b"p" * 20
    last = b"\xff\x90" + struct.pack(">HHIBB", 10, 1, 0, 0, 1) + b"\xff\x93" + b"p" * 20
    return b"\xff\x4f\xff\x51" + struct.pack(">H", 41) + bytes(39) + tile + last + b"\xff\xd9"


def riff(kind, *chunks, size=None):
    body = kind + b"".join(
        n + struct.pack("<I", len(c)) + c + b"\0" * (len(c) % 2) for n, c in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def avi():
    first = riff(
        b"AVI ",
        (b"LIST", b"hdrl" + bytes(40)),
        (b"LIST", b"movi" + bytes(99)),
        (b"idx1", b"i" * 16),
    )
    return first + riff(b"AVIX", (b"LIST", b"movi" + bytes(50)))


def element(kind, content, *, unknown=False):
    size = (
        b"\x01\xff\xff\xff\xff\xff\xff\xff"
        if unknown
        else struct.pack(">Q", 1 << 56 | len(content))
    )
    return bytes.fromhex(kind) + size + content


def matroska(*, unknown=False):
    block = element("A3", b"picture" * 5)
    parts = element("1654AE6B", b"tracks") + element("1F43B675", block * 3, unknown=unknown)
    parts += b"" if unknown else element("1C53BB6B", b"cues")
    return element("1A45DFA3", b"head") + element("18538067", parts, unknown=unknown)


def ogg():
    def page(flags, stream):
        return (
            struct.pack("<4sBB8sI8sB", b"OggS", 0, flags, bytes(8), stream, bytes(8), 2)
            + b"\x03\x04"
            + bytes(7)
        )

    return page(2, 1) + page(2, 2) + page(0, 1) + page(4, 2) + page(4, 1)


def flash():
    tags = b"".join(
        struct.pack(">I7s", 9 << 24 | 30, bytes(7)) + bytes(30) + struct.pack(">I", 41)
        for _ in "ab"
    )
    return b"FLV\1\1" + struct.pack(">I", 9) + bytes(4) + tags


def mpeg(*, second):
    pack = b"\0\0\1\xba" + (b"\x44" + bytes(8) + b"\xfa\xff\xff" if second else b"\x21" + bytes(7))
    packet = b"\0\0\1\xe0" + struct.pack(">H", 40) + bytes(40)
    return (pack + b"\0\0\1\xbb" + struct.pack(">H", 6) + bytes(6) + packet) * 2 + b"\0\0\1\xb9"


def zipped(**options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(3):
            with archive.open(f"ä/{number:04}.png", "w", **options) as member:
                member.write(b"picture" * 9)
        archive.comment = b"frames"
    return data.getvalue()


ENDS = {
    "a.png": pillow("PNG"),
    "b.jpg": pillow("JPEG"),
    "progressive.jpeg": pillow("JPEG", progressive=True),
    "a.exr": exr(),
    "several.exr": exr(several=True),
    "none.exr": exr(compression=0, chunk_count=True),
    "dwab.exr": exr(compression=9, height=300),
    "htj2k.exr": exr(compression=10),
    "later.exr": exr(compression=99),
    "tiled.exr": exr(tiled=(16, 16, 0, 2 * 3)),
    "mipmap.exr": exr(tiled=(16, 16, 1, 6 + 2 + 1 + 1 + 1 + 1)),
    "ripmap.exr": exr(tiled=(16, 16, 2, (2 + 1 * 4) * (3 + 2 + 1 * 4))),
    "tiles.exr": exr(several=True, tiled=(30, 40, 0, 1)),
    "deep.exr": exr(deep=True),
    "a.tif": pillow("TIFF"),
    "lzw.tiff": pillow("TIFF", compression="tiff_lzw"),
    "big.tif": pillow("TIFF", big_tiff=True),
    "own.tif": tiff(),
    "motorola.tif": tiff(">"),
    "own big.tif": tiff(">", big=True),
    "tiled.tif": tiff(tiled=True),
    "tiled big.tif": tiff(big=True, tiled=True),
    "a.webp": pillow("WEBP"),
    "lossless.webp": pillow("WEBP", mode="RGBA", lossless=True),
    "animated.webp": pillow("WEBP", save_all=True, append_images=[picture("L").convert("RGB")]),
    "a.jp2": pillow("JPEG2000", num_resolutions=2),
    "a.j2k": pillow("JPEG2000", num_resolutions=2, no_jp2=True),
    "own.j2c": codestream(),
    "a.avif": pillow("AVIF"),
    "a.bmp": pillow("BMP"),
    "grey.bmp": pillow("BMP", mode="L"),
    "a.rgb": iris(packed=False),
    "packed.rgb": iris(packed=True),
    "a.hdr": radiance(),
    "old.hdr": radiance(runs=False),
    "narrow.hdr": radiance(4, 3, runs=False),
    "a.dpx": dpx(),
    "turned.dpx": dpx("<"),
    "undeclared.dpx": dpx(declared=False),
    "a.cin": cineon(),
    "a.zip": zipped(),
    "large.zip": zipped(force_zip64=True),
}
OTHERS = {
    "a.tga": pillow("TGA"),
    "runs.tga": pillow("TGA", mode="RGBA", compression="tga_rle"),
    "grey.tga": pillow("TGA", mode="L"),
    "a.mp4": mp4(),
    "index first.mp4": mp4(index_first=True),
    "a.mov": box(b"wide") + box(b"mdat", b"p" * 50) + box(b"moov", bytes(50)),
    "a.mkv": matroska(),
    "streamed.webm": matroska(unknown=True),
    "a.avi": avi(),
    "a.ogv": ogg(),
    "a.flv": flash(),
    "one.mpg": mpeg(second=False),
    "two.vob": mpeg(second=True),
    "a.dv": (b"\x1f\x07\x00\xbf" + bytes(143_996)) * 2,
}
WHOLE = {**ENDS, **OTHERS}
SUFFIXES = sorted({os.path.splitext(name)[1] for name in WHOLE})  # noqa: PTH122
