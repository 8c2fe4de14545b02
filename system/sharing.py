"""Replaces, reads and deletes files that other programs may have open.

On Windows a second Blender, a virus scanner or a sync client that has a file open keeps everybody
else from replacing, deleting or even reading it, mostly for less than a second. Records, claims,
frames, packages and logs are accessed with these functions, which try again for some seconds.
"""

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

VIOLATIONS = frozenset({5, 32, 33})
"""Windows' error codes for it: access denied (os.replace to an open file), sharing violation, lock
violation."""
MIN_PAUSE_SECONDS = 0.01
MAX_PAUSE_SECONDS = 0.05
"""Short: a file that others open again and again is closed for moments."""

T = TypeVar("T")


class InUse(PermissionError):
    """A file stayed inaccessible for as long as this process waits; `filename` is its path."""

    def __init__(self, path: Path) -> None:
        reason = "another program has it open, or it may not be changed"
        super().__init__(errno.EACCES, reason, str(path))


class _Patience:
    """How long this process tries, in seconds: Blender's window does not respond meanwhile."""

    seconds = 0.5


def be_patient(seconds: float = 5.0) -> None:
    """Try for so long from now on, in a process without a window."""
    _Patience.seconds = seconds


def retry(access: Callable[[], T], path: Path, seconds: float | None = None) -> T:
    """Call `access` until no other program has the file at `path` open; its result.

    Raises InUse after `seconds`, or what `be_patient` has set, and any other OSError at once.
    """
    end = time.monotonic() + (_Patience.seconds if seconds is None else seconds)
    pause = MIN_PAUSE_SECONDS
    while True:
        try:
            return access()
        except OSError as error:
            if not _is_violation(error):
                raise
            if time.monotonic() > end:
                raise InUse(path) from error
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def _is_violation(error: OSError) -> bool:
    if sys.platform == "win32" and isinstance(error, PermissionError):
        return True  # open() has C's error numbers only
    return getattr(error, "winerror", None) in VIOLATIONS


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target`, which may exist. Raises OSError."""
    retry(lambda: os.replace(source, target), target)  # noqa: PTH105 (tests replace os.replace)


def read_bytes(path: Path, most: int = -1) -> bytes:
    """Read a file, at most `most` bytes. Raises OSError."""

    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(most)

    return retry(read, path)


def read_text(path: Path) -> str:
    """Read a UTF-8 file. Raises OSError, and ValueError for other content."""
    return read_bytes(path).decode("utf-8")


def remove(path: Path) -> None:
    """Delete a file if it exists. Raises OSError."""
    retry(lambda: path.unlink(missing_ok=True), path)
