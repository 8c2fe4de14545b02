"""Checks that a file's content is of the kind that Blender reads from a path. No bpy.

A path in a .blend may name any file, by mistake or by intent: a key, a password, a whole home
folder as a cache. Only files whose content fits are packed. Formats are recognized by their magic
bytes, as Blender and its libraries do; text formats also by their suffix and by the absence of
anything that looks like a secret.
"""

import json
import os
import re
import struct
from collections.abc import Callable

from .sequences import SHADERS

HEAD = 512  # bytes that identify a format
MAX_TEXT_BYTES = 4 * 1024**2  # bytes of a text that are examined
MAX_META_BYTES = 256 * 1024**2  # bytes of a bake's JSON metadata

_IMAGES = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"v/1\x01", b"BM", b"\x01\xda"),
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # TIFF and BigTIFF
    *(b"#?RADIANCE", b"#?RGBE", b"SDPX", b"XPDS", b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80"),
    *(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51", b"8BPS", b"DDS ", b"GIF8"),
)
_MEDIA = (
    *(b"\x1aE\xdf\xa3", b"OggS", b"FLV\x01", b"\x30\x26\xb2\x75", b"\x06\x0e\x2b\x34"),
    *(b"\0\0\x01\xba", b"\0\0\x01\xb3", b"\x1f\x07\0", b"YUV4MPEG2", b"\0\0\0\x01", b"DKIF"),
    *(b"fLaC", b"ID3", b".snd", b"caff", b"FORM", b"RF64", b"riff", b"MThd", b"\x0b\x77"),
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of MP4 and QuickTime
_FONTS = (
    *(b"\0\x01\0\0", b"OTTO", b"true", b"typ1", b"ttcf", b"wOFF", b"wOF2"),
    *(b"%!PS-AdobeFont", b"%!FontType", b"\x80\x01", b"STARTFONT", b"\x01fcp"),
)
_POINTER = b"version https://git-lfs.github.com/spec/"
_VDB = b" BDV\0\0\0\0"
_USD_AND_ALEMBIC = (b"Ogawa", b"\x89HDF\r\n\x1a\n", b"PXR-USDC", b"#usda", b"PK\x03\x04")
_BLENDS = (b"BLENDER", b"\x28\xb5\x2f\xfd", b"\x1f\x8b")
_OSL = re.compile(rb"\b(?:shader|surface|displacement|volume)\s+\w+\s*(?:\[\[|\()")
_SECRET = re.compile(
    rb"-----BEGIN |^(?:ssh|ecdsa|sk-ssh)-\S+ AAAA|^ *machine \S+|\blogin \S+\s+password "
    rb"|aws_(?:access_key_id|secret|session)|^\w+://[^/\s:]+:[^@\s]+@|_authToken"
    rb"|\A\s*\S{20,}\s*\Z",  # a single long word, as a token
    re.M | re.I,
)
_BAKE = re.compile(r"(?:-?\d+/)?(?:meta/[\d_]+\.json|blobs/[\d_]+\.(?:blob|vdb))")
_FLUID = re.compile(
    r"(?:config|data|noise|mesh|particles|guiding)/\w+\.(?:uni|vdb|raw|obj|\w+\.gz)"
)

FOLDERS = {"bake": _BAKE, "fluid": _FLUID}
"""The names of a cache's files, relative to the folder that is set in Blender."""


def matches(path: str, content: str) -> bool:
    """Whether the file at `path` is of the kind `content`, a key of CONTENTS. Raises OSError."""
    with open(path, "rb") as file:  # noqa: PTH123 (thousands of files: no Path objects)
        head = file.read(HEAD)
    return CONTENTS[content](path, head)


def belongs_to_cache(path: str, folder: str, content: str) -> bool:
    """Whether the file at `path` below `folder` belongs to a cache of this kind."""
    if pattern := FOLDERS.get(content):
        name = os.path.relpath(path, folder).replace(os.sep, "/")
        return bool(pattern.fullmatch(name)) and matches(path, content)
    return matches(path, content)


def is_pointer(path: str) -> bool:
    """Whether the file is an unfetched Git LFS pointer. Raises OSError."""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(len(_POINTER)) == _POINTER


def _starts_with(*marks: bytes) -> Callable[[str, bytes], bool]:
    return lambda _, head: head.startswith(marks)


def _image(path: str, head: bytes) -> bool:
    if head.startswith(_IMAGES) or _riff(head, b"WEBP"):
        return True
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"mif1"):
        return True
    return _targa(path, head)


def _targa(path: str, head: bytes) -> bool:
    """Targa has no magic bytes: the header must be valid, and an uncompressed file long enough."""
    if len(head) < 18:
        return False
    _, colors, kind = head[:3]
    width, height, depth = struct.unpack("<2HB", head[12:17])
    if colors > 1 or kind not in (1, 2, 3, 9, 10, 11) or depth not in (8, 15, 16, 24, 32):
        return False
    return bool(width and height) and (
        kind > 8 or os.path.getsize(path) >= 18 + width * height * ((depth + 7) // 8)  # noqa: PTH202
    )


def _riff(head: bytes, *kinds: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] in kinds


def _media(_: str, head: bytes) -> bool:
    """A movie or a sound: FFmpeg reads both from the same containers."""
    if head.startswith(_MEDIA) or _riff(head, b"AVI ", b"WAVE") or head[4:8] in _BOXES:
        return True
    is_mpeg = head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0
    is_transport = head[:1] == b"\x47" and head[188:189] == b"\x47"
    return is_mpeg or is_transport or head[4:5] == head[196:197] == b"\x47"


def _film(path: str, head: bytes) -> bool:
    return _image(path, head) or _media(path, head)


def _text(path: str, head: bytes) -> bytes:
    """The text in a file; b"" if it is binary or contains what looks like a secret."""
    if b"\0" in head:
        return b""
    with open(path, "rb") as file:  # noqa: PTH123
        text = file.read(MAX_TEXT_BYTES)
    return b"" if _SECRET.search(text) else text


def _photometric(path: str, head: bytes) -> bool:
    return b"TILT=" in _text(path, head)


def _shader(path: str, head: bytes) -> bool:
    """An OSL source, compiled OSL, or an include file."""
    name, text = path.lower(), _text(path, head)
    if name.endswith(".oso"):
        return text.startswith(b"OpenShadingLanguage")
    if name.endswith(".osl"):
        return bool(_OSL.search(text))
    return name.endswith(SHADERS) and bool(re.search(rb"^[ \t]*#|[{};]", text, re.M))


def _mesh_cache(path: str, head: bytes) -> bool:
    """PC2, or MDD, which has no magic bytes: its size must match its frame and point counts."""
    if head.startswith(b"POINTCACHE2"):
        return True
    if len(head) < 8:
        return False
    frames, points = struct.unpack(">2i", head[:8])
    size = os.path.getsize(path)  # noqa: PTH202
    return bool(frames > 0 < points and size >= 8 + 4 * frames + 12 * frames * points)


def _imported(path: str, head: bytes) -> bool:
    """A file of an import node, by its suffix, because most of these formats are text."""
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122
    if ending == ".vdb":
        return head.startswith(_VDB)
    if ending == ".ply":
        return head.startswith(b"ply")
    if ending == ".stl":
        return head.startswith(b"solid") or _is_binary_stl(path, head)
    if ending == ".obj":
        text = _text(path, head)
        return bool(re.search(rb"^(?:v|vn|vt|f|l|o|g)[ \t]+\S", text, re.M))
    return ending in (".csv", ".txt") and bool(_text(path, head))


def _is_binary_stl(path: str, head: bytes) -> bool:
    if len(head) < 84:
        return False
    (count,) = struct.unpack("<I", head[80:84])
    return os.path.getsize(path) >= 84 + 50 * int(count)  # noqa: PTH202


def _fluid(path: str, head: bytes) -> bool:
    name = path.lower()
    if name.endswith((".uni", ".gz")):
        return head.startswith((b"\x1f\x8b", b"MNT", b"DDF", b"M4T", b"PB0"))
    if name.endswith(".vdb"):
        return head.startswith(_VDB)
    return name.endswith(".obj") or b"\0" in head  # binary data


def _bake(path: str, head: bytes) -> bool:
    """A bake of geometry nodes: JSON metadata, and blobs of raw data without magic bytes."""
    if not path.endswith(".json"):
        return True
    if not head.startswith(b"{") or os.path.getsize(path) > MAX_META_BYTES:  # noqa: PTH202
        return False
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return "items" in json.load(file)
    except (ValueError, RecursionError):
        return False


CONTENTS: dict[str, Callable[[str, bytes], bool]] = {
    "image": _image,
    "film": _film,
    "sound": _media,
    "font": _starts_with(*_FONTS),
    "volume": _starts_with(_VDB),
    "geometry": _starts_with(*_USD_AND_ALEMBIC),
    "blend": _starts_with(*_BLENDS),
    "photometric": _photometric,
    "shader": _shader,
    "mesh-cache": _mesh_cache,
    "multires": _starts_with(b"BCDF"),
    "import": _imported,
    "fluid": _fluid,
    "bake": _bake,
    "points": _starts_with(b"BPHYSICS"),
}
"""For each kind, a function that says whether a path with these first bytes is of that kind."""
