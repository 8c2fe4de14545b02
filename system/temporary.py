"""Temporary folders of commands. What a killed process has left goes when the next one is made.

A folder is marked (scratch.py), and its process holds the lock of a file in it: only marked folders
that nobody holds are removed. Where the file system has no locks, a folder has no mark either.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import scratch
from .interruption import deferred
from .locks import Lock

PREFIX = "renderjuice-"
LOCK = ".lock"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new temporary folder for the block. Raises OSError."""
    remove_abandoned(Path(tempfile.gettempdir()))
    with deferred():
        made = tempfile.TemporaryDirectory(prefix=PREFIX)
    path, lock = Path(made.name), None
    try:
        lock = hold(path)
        yield path
    finally:
        with deferred():
            if lock:
                with contextlib.suppress(OSError):
                    (path / scratch.MARK).unlink()  # from here on it is nobody else's to remove
                lock.release()  # Windows cannot delete an open file
            made.cleanup()


def hold(path: Path) -> Lock | None:
    """Lock a folder that was just made, then mark it; None where there are no locks."""
    with contextlib.suppress(OSError):
        if lock := Lock.take(path / LOCK):
            scratch.mark(path)
            return lock
    return None


def remove_abandoned(parent: Path) -> None:
    """Remove this user's marked folders in `parent` whose process is gone."""
    with contextlib.suppress(OSError):
        for path in parent.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                if scratch.is_ours(path) and _is_users(path) and (lock := Lock.take(path / LOCK)):
                    lock.release()
                    scratch.remove(path)


def _is_users(path: Path) -> bool:
    return sys.platform == "win32" or path.lstat().st_uid == os.getuid()
