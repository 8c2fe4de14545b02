"""Replaces, reads and deletes files with retries, because other programs may have them open.

On Windows, a file that a second Blender, a virus scanner or a sync client has open cannot be
replaced, deleted or sometimes even read, usually for less than a second.
"""

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

VIOLATIONS = frozenset({5, 32, 33})
"""Windows error codes: access denied (os.replace to an open file), sharing violation, lock
violation."""
MIN_PAUSE_SECONDS = 0.01
MAX_PAUSE_SECONDS = 0.05
"""Short, because a file that is opened repeatedly is closed only for moments."""

T = TypeVar("T")


class InUse(PermissionError):
    """A file stayed inaccessible until the timeout. `filename` is its path."""

    def __init__(self, path: Path) -> None:
        reason = "another program has it open, or it may not be changed"
        super().__init__(errno.EACCES, reason, str(path))


class _Patience:
    """The default timeout in seconds: short, because Blender's window is blocked meanwhile."""

    seconds = 0.5


def be_patient(seconds: float = 5.0) -> None:
    """Set the default timeout, in a process without a window."""
    _Patience.seconds = seconds


def retry(access: Callable[[], T], path: Path, seconds: float | None = None) -> T:
    """Call `access` until it succeeds, while another program has `path` open; return its result.

    Raises InUse after `seconds` (None: the default timeout), and any other OSError at once.
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
        return True  # open() sets no winerror
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
