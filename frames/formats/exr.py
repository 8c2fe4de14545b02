"""Checks OpenEXR: the headers, the offset table, and each chunk at its offset."""

from dataclasses import dataclass

from .source import Corrupt, Source, WrongFormat

_LINES = {
    **{0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256},
    **{10: 256, 11: 32},  # HTJ2K, since OpenEXR 3.4
}
"""Scan lines per chunk, by compression."""
_MAX_PARTS = 4096
_MULTIPART, _TILED, _DEEP = 0x1000, 0x200, 0x800


@dataclass
class _Part:
    """The attributes of a part's header."""

    kind: bytes = b""
    window: tuple[int, int, int, int] = (0, 0, -1, -1)
    compression: int = -1
    tiles: tuple[int, int, int] | None = None
    chunks: int = -1

    @property
    def tiled(self) -> bool:
        return self.kind in (b"tiledimage", b"deeptile")

    @property
    def deep(self) -> bool:
        return self.kind in (b"deepscanline", b"deeptile")


def check(source: Source) -> None:
    """Raise Corrupt unless each chunk of each part is complete."""
    if source.read(4) != b"v/1\x01":
        raise WrongFormat
    flags = source.integer("<I")
    if flags & 0xFF != 2:
        raise Corrupt
    multipart = bool(flags & _MULTIPART)
    parts = _parts(source, multipart)
    if not multipart and not parts[0].kind:
        parts[0].kind = b"tiledimage" if flags & _TILED else b"scanlineimage"
    if not multipart and flags & _TILED:
        parts[0].kind = b"tiledimage"
    tables, at = [], source.at
    for part in parts:
        count = _count(source, part, at, single_part=not multipart)
        tables.append((at, count))
        at += 8 * count
    source.require(at, 0)
    for number, (part, (table, count)) in enumerate(zip(parts, tables, strict=True)):
        for index, offset in enumerate(source.numbers(table, count, "<Q")):
            if offset < at:
                raise Corrupt
            source.at = offset
            if multipart and source.integer("<i") != number:
                raise Corrupt
            _chunk(source, part, index)


def _parts(source: Source, multipart: bool) -> list[_Part]:
    parts: list[_Part] = []
    while len(parts) < _MAX_PARTS:
        part = _header(source)
        if part is None:
            break
        parts.append(part)
        if not multipart:
            break
    if not parts or len(parts) == _MAX_PARTS:
        raise Corrupt
    return parts


def _header(source: Source) -> _Part | None:
    """Read the attributes up to the empty name; None if there are none."""
    part = _Part()
    empty = True
    while name := source.word():
        empty = False
        source.word()  # its type
        size = source.integer("<i")
        value = source.at
        source.skip(size)
        end, source.at = source.at, value
        if name == b"dataWindow" and size == 16:
            part.window = source.unpack("<4i")
        elif name == b"compression" and size == 1:
            part.compression = source.integer("B")
        elif name == b"tiles" and size == 9:
            part.tiles = source.unpack("<IIB")
        elif name == b"chunkCount" and size == 4:
            part.chunks = source.integer("<i")
        elif name == b"type":
            part.kind = source.read(min(size, 16))
        source.at = end
    return None if empty else part


def _count(source: Source, part: _Part, table: int, *, single_part: bool) -> int:
    """The number of chunks of a part. Its offset table starts at `table`."""
    left, top, right, bottom = part.window
    width, height = right - left + 1, bottom - top + 1
    if width < 1 or height < 1:
        raise Corrupt
    if part.tiled:
        if part.tiles is None:
            raise Corrupt
        count = _tiles(width, height, *part.tiles)
    elif part.compression in _LINES:
        count = -(-height // _LINES[part.compression])
    elif part.chunks > 0:
        count = part.chunks
    elif single_part:  # an unknown compression: the table ends at the first chunk
        count = (next(source.numbers(table, 1, "<Q")) - table) // 8
    else:
        raise Corrupt
    if part.chunks not in (-1, count) or count < 1:
        raise Corrupt
    return count


def _tiles(width: int, height: int, across: int, down: int, mode: int) -> int:
    """The number of tiles in all levels of an image."""
    if not across or not down or mode & 0xF > 2:
        raise Corrupt
    round_up = bool(mode & 0x10)
    columns, rows = (_sides(side, round_up) for side in (width, height))
    if mode & 0xF == 0:
        columns, rows = columns[:1], rows[:1]
    if mode & 0xF == 2:
        return sum(-(-w // across) for w in columns) * sum(-(-h // down) for h in rows)
    levels = max(len(columns), len(rows))
    columns += [1] * (levels - len(columns))
    rows += [1] * (levels - len(rows))
    return sum(-(-w // across) * -(-h // down) for w, h in zip(columns, rows, strict=True))


def _sides(side: int, round_up: bool) -> list[int]:
    """The lengths of a side in all levels, halved down to 1."""
    sides = [side]
    while side > 1:
        side = (side + 1) // 2 if round_up else side // 2
        sides.append(side)
    return sides


def _chunk(source: Source, part: _Part, index: int) -> None:
    """Check that the chunk here is number `index` of the part and is complete."""
    if part.tiled:
        if min(source.unpack("<4i")) < 0:
            raise Corrupt
    else:
        line = source.integer("<i")
        if part.compression in _LINES:
            if line != part.window[1] + index * _LINES[part.compression]:
                raise Corrupt
        elif not part.window[1] <= line <= part.window[3]:
            raise Corrupt
    if part.deep:
        table, samples, _ = source.unpack("<QQQ")
        source.skip(table + samples)
        return
    size = source.integer("<i")
    if size < 1:
        raise Corrupt
    source.skip(size)
