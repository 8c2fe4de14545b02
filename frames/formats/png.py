"""Checks the checksums of a PNG's chunks, from disk or during the download."""

import zlib

from .source import Corrupt, Source, Truncated, WrongFormat

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TRAILING = 64 - 8
"""Bytes after the last chunk that are accepted, because some programs write them."""
_BLOCK = 1024**2


class ChecksumMismatch(Corrupt):
    """A chunk does not match its checksum."""


def check(source: Source) -> None:
    """Raise Corrupt unless each chunk up to IEND matches its checksum."""
    sums = PngChecksums()
    while source.at < source.size:
        at = source.at
        block = source.read(min(_BLOCK, source.size - at))
        if not at and not block.startswith(SIGNATURE):
            raise WrongFormat
        sums.update(at, block)
    if not sums.valid:
        raise ChecksumMismatch if sums.invalid else Truncated


class PngChecksums:
    """Verifies a PNG's checksums incrementally, block by block."""

    def __init__(self) -> None:
        signature = SIGNATURE
        self._size = self._trailing = 0
        self._left, self._sum, self._kind = len(signature), 0, b""
        self._boundary = zlib.crc32(signature).to_bytes(4, "big")  # as behind any chunk
        self._ended = self._valid = False

    @property
    def valid(self) -> bool:
        """Whether the complete file was read, each chunk matches its checksum, and at most
        MAX_TRAILING bytes follow."""
        return self._valid and self._trailing <= MAX_TRAILING

    @property
    def invalid(self) -> bool:
        """Whether a checksum did not match."""
        return self._ended and not self._valid

    def update(self, at: int, block: bytes) -> None:
        """Add the block at offset `at`. A block after a gap is ignored."""
        if at != self._size:
            return
        self._size += len(block)
        rest = memoryview(block)
        while rest and not self._ended:
            wanted = self._left or 12 - len(self._boundary)
            piece, rest = rest[:wanted], rest[wanted:]
            if self._left:
                self._sum, self._left = zlib.crc32(piece, self._sum), self._left - len(piece)
            else:
                self._boundary += piece
                self._compare()
        self._trailing += len(rest)

    def _compare(self) -> None:
        """Compare the checksum of a chunk, and start the next one by its length and kind."""
        stored, length, kind = self._boundary[:4], self._boundary[4:8], self._boundary[8:]
        last = self._kind == b"IEND" and len(stored) == 4
        if not last and len(kind) < 4:
            return
        valid = stored == self._sum.to_bytes(4, "big")
        if last or not valid:
            self._ended, self._valid = True, valid and last
            self._trailing = len(length) + len(kind)
        self._left, self._kind, self._boundary = int.from_bytes(length, "big"), kind, b""
        self._sum = zlib.crc32(kind)
