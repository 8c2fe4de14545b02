"""PNG: each chunk with its checksum, on the disk or while it comes in."""

import zlib

from .source import Cut, Foreign, Source, Wrong

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TRAILING = 64 - 8
"""Bytes behind the last chunk that are let pass: some programs write them."""
_BLOCK = 1024**2


class WrongSum(Wrong):
    """A checksum does not agree with what it stands behind."""


def check(source: Source) -> None:
    """Raise Wrong unless each chunk has the checksum that stands behind it, up to the last one."""
    sums = PngSums()
    while source.at < source.size:
        at = source.at
        block = source.read(min(_BLOCK, source.size - at))
        if not at and not block.startswith(SIGNATURE):
            raise Foreign
        sums.take(at, block)
    if not sums.agree:
        raise WrongSum if sums.differ else Cut


class PngSums:
    """The checksums of a PNG file's chunks, compared while the file comes in."""

    def __init__(self) -> None:
        signature = SIGNATURE
        self._size = self._behind = 0
        self._left, self._sum, self._kind = len(signature), 0, b""
        self._between = zlib.crc32(signature).to_bytes(4, "big")  # as behind any chunk
        self._over = self._agree = False

    @property
    def agree(self) -> bool:
        """Whether all of the file was seen and each chunk has the checksum that stands behind it.

        What some programs write behind the last one is nobody's picture, as long as it is little.
        """
        return self._agree and self._behind <= MAX_TRAILING

    @property
    def differ(self) -> bool:
        """Whether a checksum was seen that does not agree."""
        return self._over and not self._agree

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
