"""Whether a file is whole: what its format lets be seen without decoding it."""

import zlib
from pathlib import Path
from typing import BinaryIO

LAST = 64  # bytes of a file, in which the mark of its end must stand
BLOCK = 1024**2

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
