"""A file while its structure is looked at: whole pieces, and altogether a bounded amount."""

import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

BLOCK = 16 * 1024
MAX_WORD = 256
_MIN_READ = 16  # what a read costs at least
_ALLOWANCE = 1024**2


class Wrong(Exception):
    """The file's parts do not fit together."""


class Foreign(Wrong):
    """The file does not begin as its format does."""


class Cut(Wrong):
    """The file ends before something that it declares."""


class Source:
    """Reads from a file; `at` is where the next read begins.

    No count or offset in the file is trusted: what lies outside raises Cut before it is read, and
    Wrong is raised where structures that point to each other make it read more than four times.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self.at = 0
        self._file = file
        self._left = 4 * size + _ALLOWANCE

    def need(self, at: int, count: int) -> None:
        """Raise Cut unless `count` bytes from `at` on are inside the file."""
        if at < 0 or count < 0:
            raise Wrong
        if at + count > self.size:
            raise Cut

    def read(self, count: int) -> bytes:
        """So many bytes."""
        self.need(self.at, count)
        self._left -= max(count, _MIN_READ)
        if self._left < 0:
            raise Wrong
        self._file.seek(self.at)
        found = self._file.read(count)
        if len(found) != count:  # cut by somebody else meanwhile
            raise Cut
        self.at += count
        return found

    def unpack(self, form: str) -> tuple[Any, ...]:
        """Values in the form of `struct`."""
        return struct.unpack(form, self.read(struct.calcsize(form)))

    def one(self, form: str) -> int:
        """A whole number in the form of `struct`."""
        return int(self.unpack(form)[0])

    def skip(self, count: int) -> None:
        """Go on behind so many bytes, which have to be there."""
        self.need(self.at, count)
        self.at += count

    def word(self) -> bytes:
        """The bytes before the next zero byte, which is taken too."""
        start = self.at
        text, zero, _ = self.read(min(MAX_WORD, self.size - start)).partition(b"\0")
        if not zero:
            raise Wrong
        self.at = start + len(text) + 1
        return text

    def line(self) -> bytes:
        """The bytes before the next line feed, which is taken too."""
        start = self.at
        text, end, _ = self.read(min(MAX_WORD, self.size - start)).partition(b"\n")
        if not end:
            raise Cut if start + MAX_WORD > self.size else Wrong
        self.at = start + len(text) + 1
        return text

    def numbers(self, at: int, count: int, form: str) -> Iterator[int]:
        """A table of `count` numbers in the form of `struct`, read in blocks."""
        width = struct.calcsize(form)
        self.need(at, count * width)
        per_block = BLOCK // width
        for first in range(0, count, per_block):
            self.at = at + first * width
            block = self.read(min(per_block, count - first) * width)
            for (number,) in struct.iter_unpack(form, block):
                yield number

    def find(self, pattern: re.Pattern[bytes]) -> None:
        """Go to the next match, of two bytes, of `pattern`. Raises Cut where there is none."""
        while self.at + 1 < self.size:
            start = self.at
            found = pattern.search(self.read(min(BLOCK, self.size - start)))
            if found:
                self.at = start + found.start()
                return
            self.at -= 1  # the match may begin with the block's last byte
        raise Cut
