"""The farm's output files as files of ours: safe names, frame numbers, whole or broken.

Every name in an OutputFile is the server's: hostile.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from ..api.models import OutputFile

MOST_BYTES_A_NAME = 200  # of 255 that file systems take: `.<job>.part.etag` is added meanwhile
MOST_BYTES_A_PLACE = 1000  # of 4,096 that a path may have
MOST_FOLDERS = 16
BLOCK = 1024**2
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_DIGITS = re.compile(r"\d+")


def place(output: OutputFile) -> str:
    """Where the file goes below the job's folder, as a relative path with forward slashes."""
    folders = [part for part in re.split(r"[\\/]+", output.relative_path or "") if part]
    name = output.file_name or "unnamed"
    if folders and folders[-1] == name:  # some relative paths end with the file's own name
        folders.pop()
    if output.composite_node_name and output.composite_node_name not in folders:
        folders.insert(0, output.composite_node_name)  # two nodes may have files of one name
    if output.view and output.view not in name:
        folders.append(output.view)
    parts = [safe_name(part) for part in [*folders[-MOST_FOLDERS:], name]]
    while len("/".join(parts).encode()) > MOST_BYTES_A_PLACE:
        parts.pop(0)
    return "/".join(parts)


def safe_name(name: str) -> str:
    """A file name that no system takes for anything but a name in its folder."""
    name = unicodedata.normalize("NFC", name)
    name = _FORBIDDEN.sub("_", name).rstrip(". ").lstrip(" ")
    if not name.strip("."):
        name = "_"
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    """The name with its middle left out where it is too long for a file system."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 16:
        stem, dot, suffix = name, "", ""
    room = MOST_BYTES_A_NAME - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + suffix


def places(outputs: Sequence[OutputFile]) -> list[str]:
    """A place for each output; two that would share one (on any system) get different ones."""
    taken: Counter[str] = Counter()
    wishes = [place(output) for output in outputs]
    folders = {parent for wish in wishes for parent in _parents(wish.casefold())}
    result = []
    for wanted in wishes:
        unique = wanted
        while taken[unique.casefold()] or unique.casefold() in folders:
            taken[wanted.casefold()] += 1
            stem, dot, suffix = wanted.rpartition(".")
            count = taken[wanted.casefold()]
            unique = f"{stem} ({count}){dot}{suffix}" if dot else f"{wanted} ({count})"
        taken[unique.casefold()] += 1
        result.append(unique)
    return result


def _parents(name: str) -> list[str]:
    """The folders that a place is in: a file of such a name would keep it from being made."""
    return [name[: slash.start()] for slash in re.finditer("/", name)]


def missing(expected: Sequence[int] | None, outputs: Iterable[OutputFile]) -> list[int] | None:
    """Expected frames that no output holds, or None where names do not tell frames apart.

    A frame's number is the last run of digits of its name. None where one number stands twice in
    one view, or a file has a number that was not expected.
    """
    if expected is None:
        return None
    by_view: dict[str, list[int]] = {}
    for output in outputs:
        if output.kind != "frame":
            continue
        number = frame_number(output.file_name or "")
        if number is None:
            return None
        by_view.setdefault(output.view or "", []).append(number)
    wanted = set(expected)
    lacking: set[int] = set() if by_view else wanted
    for found in by_view.values():
        if len(set(found)) != len(found) or not wanted.issuperset(found):
            return None
        lacking |= wanted.difference(found)
    return sorted(lacking)


def frame_number(name: str) -> int | None:
    """The last run of digits of a file's name, its suffix left out."""
    stem = name.rpartition(".")[0] or name
    digits = _DIGITS.findall(stem)
    return int(digits[-1]) if digits else None


_ENDS = {
    ".png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    ".jpg": (b"\xff\xd8", b"\xff\xd9"),
    ".jpeg": (b"\xff\xd8", b"\xff\xd9"),
    ".exr": (b"v/1\x01", b""),
}


def broken(path: Path, suffix: str) -> str | None:
    """Why the file at `path` cannot be a whole file of its kind; None where nothing speaks against.

    Looks at the first and last bytes of formats that have a mark there, and at PNG's checksums.
    """
    begin, end = _ENDS.get(suffix.lower(), (b"", b""))
    with path.open("rb") as file:
        if file.read(len(begin)) != begin:
            return f"it does not begin like a {suffix} file"
        if end:
            file.seek(-min(64, path.stat().st_size), 2)
            if end not in file.read():
                return f"it does not end like a {suffix} file"
        if suffix.lower() == ".png" and not _sums_agree(file):
            return "its checksums do not agree"
    return None


def _sums_agree(file: BinaryIO) -> bool:
    """Whether each chunk of a PNG file has the checksum that stands behind it."""
    file.seek(len(_ENDS[".png"][0]))
    while head := file.read(8):
        found, left = zlib.crc32(head[4:]), int.from_bytes(head[:4], "big")
        while left and (block := file.read(min(left, BLOCK))):
            found, left = zlib.crc32(block, found), left - len(block)
        if left or file.read(4) != found.to_bytes(4, "big"):
            return False
        if head[4:] == b"IEND":
            return True  # what some programs write behind it is nobody's picture
    return False
