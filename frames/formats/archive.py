"""Zip archives: the end record, the list of members, and room for each of them before it."""

from .source import Cut, Foreign, Source, Wrong

BEGINS = (b"PK\3\4", b"PK\5\6")
_MEMBER, _END, _END64, _LOCATOR = b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_END_BYTES, _LOCATOR_BYTES, _LOCAL_BYTES = 22, 20, 30
_MAX_COMMENT = 0xFFFF
_LARGE = 0xFFFFFFFF


def check(source: Source) -> None:
    """Raise Wrong unless the list of members is whole, each has a name, and each fits in."""
    if source.read(4) not in BEGINS:
        raise Foreign
    end, members, size, start = _end_record(source)
    if start + size > end:
        raise Wrong
    source.at = start
    for _ in range(members):
        _member(source, start)
    if source.at != start + size:
        raise Wrong


def _end_record(source: Source) -> tuple[int, int, int, int]:
    """Where the list of members has to end, and what is said of it: members, bytes, begin."""
    first = max(source.size - _END_BYTES - _MAX_COMMENT, 0)
    source.at = first
    tail = source.read(source.size - first)
    at = len(tail)
    while (at := tail.rfind(_END, 0, at)) >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if at + _END_BYTES + comment == len(tail):
            break
        at += len(_END) - 1
    if at < 0:
        raise Cut
    end = first + at
    source.at = end + 4
    disk, disk2, here, members, size, start = source.unpack("<HHHHII")
    if disk or disk2 or here != members:
        raise Wrong
    source.at = max(end - _LOCATOR_BYTES, 0)
    if _LARGE not in (size, start) and members != 0xFFFF:
        return end, members, size, start
    mark, _, end, _ = source.unpack("<4sIQI")
    if mark != _LOCATOR:
        raise Wrong
    source.at = end
    mark, _, _, _, _, members, size, start = source.unpack("<4sQHHQQQQ")
    if mark != _END64:
        raise Wrong
    return end, members, size, start


def _member(source: Source, start: int) -> None:
    """An entry of the list, which begins at `start`, and the member that it names."""
    mark, _, _, packed, size, name, extra, comment, _, _, _, offset = source.unpack(
        "<4s12sIIIHHHHHII"
    )
    if mark != _MEMBER or not name:
        raise Wrong
    source.skip(name)
    large = [packed, offset]
    if _LARGE in (packed, size, offset):
        large = _large(source.read(extra), size, packed, offset)
    else:
        source.skip(extra)
    source.skip(comment)
    after = source.at
    source.at = large[1]
    local = source.read(_LOCAL_BYTES)
    names = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
    if not local.startswith(BEGINS[0]) or source.at + names + large[0] > start:
        raise Wrong
    source.at = after


def _large(extra: bytes, size: int, packed: int, offset: int) -> list[int]:
    """Packed bytes and offset where they stand in a zip64 extra field."""
    while len(extra) >= 4:
        kind, length = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        values = extra[4 : 4 + length]
        extra = extra[4 + length :]
        if kind != 1:
            continue
        if size == _LARGE:
            values = values[8:]
        found = []
        for value in (packed, offset):
            if value == _LARGE:
                if len(values) < 8:
                    raise Wrong
                found.append(int.from_bytes(values[:8], "little"))
                values = values[8:]
            else:
                found.append(value)
        return found
    raise Wrong
