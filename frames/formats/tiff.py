"""Checks TIFF and BigTIFF: the directories, their values, and the extent of strips and tiles."""

from dataclasses import dataclass, field

from .source import Corrupt, Source, WrongFormat

MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BYTES = {
    **{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4},
    **{16: 8, 17: 8, 18: 8},
}
"""Bytes per value, by type."""
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_WIDTH, _HEIGHT, _SAMPLES, _ROWS, _PLANAR = _ABOUT = (256, 257, 277, 278, 284)
_STRIPS, _STRIP_BYTES = _IN_STRIPS = (273, 279)
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = _IN_TILES = (322, 323, 324, 325)
_WANTED = frozenset((*_ABOUT, *_IN_STRIPS, *_IN_TILES))
_MAX_DIRECTORIES = 4096


@dataclass
class _Layout:
    """A file's byte order and format, and the current directory."""

    order: str
    big: bool
    tables: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    """The current directory by tag: format of `struct`, count, offset."""


def check(source: Source) -> None:
    """Raise Corrupt unless each strip and tile is inside the file."""
    order = {b"II": "<", b"MM": ">"}.get(source.read(2))
    version = source.integer(f"{order}H") if order else 0
    if order is None or version not in (42, 43):
        raise WrongFormat
    layout = _Layout(order, version == 43)
    if layout.big and source.unpack(f"{order}HH") != (8, 0):
        raise Corrupt
    directory = source.integer(order + ("Q" if layout.big else "I"))
    seen: set[int] = set()
    while directory:
        if directory in seen or len(seen) == _MAX_DIRECTORIES:
            raise Corrupt
        seen.add(directory)
        source.at = directory
        directory = _directory(source, layout)
        _picture(source, layout)
    if not seen:
        raise Corrupt


def _directory(source: Source, layout: _Layout) -> int:
    """Read a directory's entries; return the offset of the next directory, or 0."""
    order, offset = layout.order, "Q" if layout.big else "I"
    room = 8 if layout.big else 4
    layout.tables = {}
    for _ in range(source.integer(order + ("Q" if layout.big else "H"))):
        tag, kind, count = source.unpack(f"{order}HH{offset}")
        at, width = source.at, _BYTES.get(kind, 1)
        value = source.integer(order + offset)
        where = at if count * width <= room else value
        source.require(where, count * width)
        if tag in _WANTED and kind in _NUMBERS and count:
            layout.tables[tag] = (order + _NUMBERS[kind], count, where)
    return source.integer(order + offset)


def _picture(source: Source, layout: _Layout) -> None:
    """Check that all strips or tiles of the directory's image are inside the file."""
    width, height = (_value(source, layout, tag, 0) for tag in (_WIDTH, _HEIGHT))
    if width < 1 or height < 1:
        raise Corrupt
    planes = 1
    if _value(source, layout, _PLANAR, 1) == 2:
        planes = _value(source, layout, _SAMPLES, 1)
    if _TILES in layout.tables:
        across, down = (_value(source, layout, tag, 0) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
        if across < 1 or down < 1:
            raise Corrupt
        parts = -(-width // across) * -(-height // down) * planes
        places, sizes = layout.tables[_TILES], layout.tables.get(_TILE_BYTES)
    else:
        rows = min(_value(source, layout, _ROWS, height), height)
        if rows < 1 or _STRIPS not in layout.tables:
            raise Corrupt
        parts = -(-height // rows) * planes
        places, sizes = layout.tables[_STRIPS], layout.tables.get(_STRIP_BYTES)
    if sizes is None or places[1] < parts or sizes[1] != places[1]:
        raise Corrupt
    _inside(source, places, sizes)


def _inside(source: Source, places: tuple[str, int, int], sizes: tuple[str, int, int]) -> None:
    tables = (source.numbers(at, count, form) for form, count, at in (places, sizes))
    for place, size in zip(*tables, strict=True):
        if not place or not size:
            raise Corrupt
        source.require(place, size)


def _value(source: Source, layout: _Layout, tag: int, default: int) -> int:
    if tag not in layout.tables:
        return default
    form, _, at = layout.tables[tag]
    return next(source.numbers(at, 1, form))
