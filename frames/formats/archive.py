"""Checks zip archives: the end record, the central directory, and the extent of each member."""

from .source import Corrupt, Source, Truncated, WrongFormat

BEGINS = (b"PK\3\4", b"PK\5\6")
_MEMBER, _END, _END64, _LOCATOR = b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_END_BYTES, _LOCATOR_BYTES, _LOCAL_BYTES = 22, 20, 30
_MAX_COMMENT = 0xFFFF
_LARGE = 0xFFFFFFFF


def check(source: Source) -> None:
    """Raise Corrupt unless the central directory is complete and each member is inside the file."""
    if source.read(4) not in BEGINS:
        raise WrongFormat
    end, members, size, start = _end_record(source)
    if start + size > end:
        raise Corrupt
    source.at = start
    for _ in range(members):
        _member(source, start)
    if source.at != start + size:
        raise Corrupt


def _end_record(source: Source) -> tuple[int, int, int, int]:
    """Find the end record; return the central directory's end, member count, size and start."""
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
        raise Truncated
    end = first + at
    source.at = end + 4
    disk, disk2, here, members, size, start = source.unpack("<HHHHII")
    if disk or disk2 or here != members:
        raise Corrupt
    source.at = max(end - _LOCATOR_BYTES, 0)
    if _LARGE not in (size, start) and members != 0xFFFF:
        return end, members, size, start
    mark, _, end, _ = source.unpack("<4sIQI")
    if mark != _LOCATOR:
        raise Corrupt
    source.at = end
    mark, _, _, _, _, members, size, start = source.unpack("<4sQHHQQQQ")
    if mark != _END64:
        raise Corrupt
    return end, members, size, start


def _member(source: Source, start: int) -> None:
    """Check an entry of the central directory, which starts at `start`, and its member."""
    mark, _, _, packed, size, name, extra, comment, _, _, _, offset = source.unpack(
        "<4s12sIIIHHHHHII"
    )
    if mark != _MEMBER or not name:
        raise Corrupt
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
        raise Corrupt
    source.at = after


def _large(extra: bytes, size: int, packed: int, offset: int) -> list[int]:
    """Compressed size and offset from a zip64 extra field."""
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
                    raise Corrupt
                found.append(int.from_bytes(values[:8], "little"))
                values = values[8:]
            else:
                found.append(value)
        return found
    raise Corrupt
