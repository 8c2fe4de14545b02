"""Reads a file during a structure check, within bounds and with a limit on the total."""

import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

BLOCK = 16 * 1024
MAX_WORD = 256
_MIN_READ = 16  # bytes that a read counts at least
_ALLOWANCE = 1024**2


class Corrupt(Exception):
    """The file's structure is invalid."""


class WrongFormat(Corrupt):
    """The file has the wrong magic bytes for its format."""


class Truncated(Corrupt):
    """The file ends before a structure that it declares."""


class Source:
    """Reads from a file; `at` is the offset of the next read.

    No count or offset in the file is trusted: a read outside the file raises Truncated, and reading
    more than four times the file's size, as with cyclic structures, raises Corrupt.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self.at = 0
        self._file = file
        self._left = 4 * size + _ALLOWANCE

    def require(self, at: int, count: int) -> None:
        """Raise Truncated unless `count` bytes at `at` are inside the file."""
        if at < 0 or count < 0:
            raise Corrupt
        if at + count > self.size:
            raise Truncated

    def read(self, count: int) -> bytes:
        """Read `count` bytes."""
        self.require(self.at, count)
        self._left -= max(count, _MIN_READ)
        if self._left < 0:
            raise Corrupt
        self._file.seek(self.at)
        found = self._file.read(count)
        if len(found) != count:  # another process has truncated it
            raise Truncated
        self.at += count
        return found

    def unpack(self, form: str) -> tuple[Any, ...]:
        """Read values in a format of `struct`."""
        return struct.unpack(form, self.read(struct.calcsize(form)))

    def integer(self, form: str) -> int:
        """Read an integer in a format of `struct`."""
        return int(self.unpack(form)[0])

    def skip(self, count: int) -> None:
        """Skip `count` bytes. Raises Truncated at the end of the file."""
        self.require(self.at, count)
        self.at += count

    def word(self) -> bytes:
        """Read up to the next zero byte, which is consumed."""
        start = self.at
        text, zero, _ = self.read(min(MAX_WORD, self.size - start)).partition(b"\0")
        if not zero:
            raise Corrupt
        self.at = start + len(text) + 1
        return text

    def line(self) -> bytes:
        """Read up to the next line feed, which is consumed."""
        start = self.at
        text, end, _ = self.read(min(MAX_WORD, self.size - start)).partition(b"\n")
        if not end:
            raise Truncated if start + MAX_WORD > self.size else Corrupt
        self.at = start + len(text) + 1
        return text

    def numbers(self, at: int, count: int, form: str) -> Iterator[int]:
        """A table of `count` numbers in a format of `struct`, read in blocks."""
        width = struct.calcsize(form)
        self.require(at, count * width)
        per_block = BLOCK // width
        for first in range(0, count, per_block):
            self.at = at + first * width
            block = self.read(min(per_block, count - first) * width)
            for (number,) in struct.iter_unpack(form, block):
                yield number

    def find(self, pattern: re.Pattern[bytes]) -> None:
        """Seek to the next match of a two-byte `pattern`. Raises Truncated if there is none."""
        while self.at + 1 < self.size:
            start = self.at
            found = pattern.search(self.read(min(BLOCK, self.size - start)))
            if found:
                self.at = start + found.start()
                return
            self.at -= 1  # the match may start at the block's last byte
        raise Truncated
