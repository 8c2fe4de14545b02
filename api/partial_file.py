"""Stores an unfinished download so that a later attempt can resume it.

Start: the sidecar `<name>.etag`, if there is one, says how many bytes of which ETag are on disk.
Steady state: `save` fsyncs the file, then rewrites the sidecar. End: `finish` fsyncs the complete
file and deletes the sidecar.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast


class PartialFile:
    """An unfinished file. Its first `size` bytes, of the version `etag`, are on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sidecar = path.with_name(path.name + ".etag")
        self._may_have_sidecar = True
        self.size, self.etag = self._load()

    def headers(self) -> dict[str, str]:
        """Headers that request the missing bytes; empty for a new file."""
        if not self.size:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.etag}

    def open(self, start: int) -> BinaryIO:
        """Open the file, truncated to `start` bytes, to append to it. Raises OSError."""
        return _reopen(self.path, start) if start else _create(self.path)

    def restart(self, etag: str = "") -> None:
        """Start over, with another version of the file."""
        self._remove_sidecar()
        self.size, self.etag = 0, etag

    def remove(self) -> None:
        """Delete the file and its sidecar."""
        self.restart()
        self.path.unlink(missing_ok=True)

    def save(self, file: BinaryIO) -> None:
        """Flush to disk, and record the size so that a later attempt can resume here."""
        file.flush()
        os.fsync(file.fileno())
        if self.etag and file.tell():
            self._may_have_sidecar = True
            with _create(self._sidecar) as sidecar:
                sidecar.write(f"{file.tell()}\n{self.etag}".encode("latin-1"))

    def finish(self, file: BinaryIO) -> None:
        """Flush the complete file to disk."""
        file.flush()
        os.fsync(file.fileno())
        self._remove_sidecar()

    def _remove_sidecar(self) -> None:
        if self._may_have_sidecar:
            self._sidecar.unlink(missing_ok=True)
            self._may_have_sidecar = False

    def _load(self) -> tuple[int, str]:
        try:
            text = self._sidecar.read_text(encoding="latin-1")
        except FileNotFoundError:
            self._may_have_sidecar = False
            return 0, ""
        size, _, etag = text.partition("\n")
        with contextlib.suppress(FileNotFoundError, ValueError):
            there = self.path.lstat()
            if etag and stat.S_ISREG(there.st_mode) and 0 < int(size) <= there.st_size:
                return int(size), etag
        return 0, ""


# Neither function follows a symbolic link: one planted here must not lead to other files.


def _create(path: Path) -> BinaryIO:
    """Create a file, replacing whatever has this name."""
    try:
        return path.open("xb")
    except FileExistsError:
        path.unlink()
        return path.open("xb")


def _reopen(path: Path, start: int) -> BinaryIO:
    """Open an existing file, truncated to `start` bytes, to append to it."""

    def follow_no_link(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))

    file = cast(BinaryIO, open(path, "r+b", opener=follow_no_link))  # noqa: SIM115
    file.truncate(start)
    file.seek(start)
    return file
