"""A download that is not finished yet: its bytes, and how many of which version are safely on disk.

`<name>.etag` beside the file holds that number and the version's ETag. It exists only while the
file is unfinished and can be resumed.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast


class PartialFile:
    """An unfinished file. `size` bytes of the version `etag` need no second download."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_name(path.name + ".etag")
        self._is_noted = True  # or may be
        self.size, self.etag = self._noted()

    def headers(self) -> dict[str, str]:
        """Request headers that ask for the missing bytes; empty for a new file."""
        if not self.size:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.etag}

    def open(self, start: int) -> BinaryIO:
        """The file, cut to its first `start` bytes, for writing behind them. Raises OSError."""
        return _reopen(self.path, start) if start else _create(self.path)

    def restart(self, etag: str = "") -> None:
        """Begin again, with another version of the file."""
        self._remove_note()
        self.size, self.etag = 0, etag

    def remove(self) -> None:
        """Remove the file and its note."""
        self.restart()
        self.path.unlink(missing_ok=True)

    def save(self, file: BinaryIO) -> None:
        """Flush what is written to the disk, and note it so that a later try can resume here."""
        file.flush()
        os.fsync(file.fileno())
        if self.etag and file.tell():
            self._is_noted = True
            with _create(self._note) as note:
                note.write(f"{file.tell()}\n{self.etag}".encode("latin-1"))

    def finish(self, file: BinaryIO) -> None:
        """Flush the whole file to the disk."""
        file.flush()
        os.fsync(file.fileno())
        self._remove_note()

    def _remove_note(self) -> None:
        if self._is_noted:
            self._note.unlink(missing_ok=True)
            self._is_noted = False

    def _noted(self) -> tuple[int, str]:
        try:
            text = self._note.read_text(encoding="latin-1")
        except FileNotFoundError:
            self._is_noted = False
            return 0, ""
        size, _, etag = text.partition("\n")
        with contextlib.suppress(FileNotFoundError, ValueError):
            there = self.path.lstat()
            if etag and stat.S_ISREG(there.st_mode) and 0 < int(size) <= there.st_size:
                return int(size), etag
        return 0, ""


# A link that somebody planted beside the frames must not lead to other files.


def _create(path: Path) -> BinaryIO:
    """A new file in place of whatever has this name."""
    try:
        return path.open("xb")
    except FileExistsError:
        path.unlink()
        return path.open("xb")


def _reopen(path: Path, start: int) -> BinaryIO:
    """An existing file, cut to `start` bytes, for writing behind them."""

    def follow_no_link(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))

    file = cast(BinaryIO, open(path, "r+b", opener=follow_no_link))  # noqa: SIM115
    file.truncate(start)
    file.seek(start)
    return file
