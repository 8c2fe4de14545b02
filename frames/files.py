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

from ..api.output_file import OutputFile

MOST_BYTES_A_NAME = 200  # of 255 that file systems take: `.<job>.part.etag` is added meanwhile
MOST_BYTES_A_PLACE = 1000  # of 4,096 that a path may have
MOST_FOLDERS = 16
LAST = 64  # bytes of a file, in which the mark of its end must stand
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


def broken(path: Path, suffix: str, sums: "PngSums | None" = None) -> str | None:
    """Why the file at `path` cannot be a whole file of its kind; None where nothing speaks against.

    Looks at the first and last bytes of formats that have a mark there, and at PNG's checksums,
    for which the file is not read again where `sums` has seen it come in.
    """
    suffix = suffix.lower()
    if suffix == ".png" and sums and sums.agree:
        return None
    begin, end = _ENDS.get(suffix, (b"", b""))
    with path.open("rb") as file:
        if file.read(len(begin)) != begin:
            return f"it does not begin like a {suffix} file"
        if end:
            file.seek(-min(LAST, path.stat().st_size), 2)
            if end not in file.read():
                return f"it does not end like a {suffix} file"
        if suffix == ".png" and not _sums_agree(file):
            return "its checksums do not agree"
    return None


def _sums_agree(file: BinaryIO) -> bool:
    """Whether each chunk of a PNG file has the checksum that stands behind it."""
    file.seek(0)
    sums, at = PngSums(), 0
    while block := file.read(BLOCK):
        sums.take(at, block)
        at += len(block)
    return sums.agree


class PngSums:
    """The checksums of a PNG file's chunks, compared while the file comes in."""

    def __init__(self) -> None:
        signature = _ENDS[".png"][0]
        self._size = self._behind = 0
        self._left, self._sum, self._kind = len(signature), 0, b""
        self._between = zlib.crc32(signature).to_bytes(4, "big")  # as behind any chunk
        self._over = self._agree = False

    @property
    def agree(self) -> bool:
        """Whether all of the file was seen and each chunk has the checksum that stands behind it.

        What some programs write behind the last one is nobody's picture, as long as it is little.
        """
        return self._agree and self._behind <= LAST - len(_ENDS[".png"][1])

    def take(self, at: int, block: bytes) -> None:
        """See the block of the file that begins `at` so many bytes, unless there is a gap."""
        if at != self._size:
            return
        self._size += len(block)
        rest = memoryview(block)
        while rest and not self._over:
            wanted = self._left or 12 - len(self._between)
            piece, rest = rest[:wanted], rest[wanted:]
            if self._left:
                self._sum, self._left = zlib.crc32(piece, self._sum), self._left - len(piece)
            else:
                self._between += piece
                self._compare()
        self._behind += len(rest)

    def _compare(self) -> None:
        """Between two chunks stand the checksum of the one, and length and kind of the other."""
        told, length, kind = self._between[:4], self._between[4:8], self._between[8:]
        last = self._kind == b"IEND" and len(told) == 4
        if not last and len(kind) < 4:
            return
        agree = told == self._sum.to_bytes(4, "big")
        if last or not agree:
            self._over, self._agree = True, agree and last
            self._behind = len(length) + len(kind)
        self._left, self._kind, self._between = int.from_bytes(length, "big"), kind, b""
        self._sum = zlib.crc32(kind)
