"""Locks on files, which the operating system releases when the holder's process ends.

Start: `Lock.take` opens the file and locks it without waiting. End: `release` deletes the file and
closes it; after a crash an empty file stays, which the next holder locks.
"""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .files import open_private

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


_BUSY_ERRORS = {errno.EAGAIN, errno.EACCES, errno.EDEADLK, 0}
"""Error numbers for a lock that another process holds. Wine gives none."""
MAX_ATTEMPTS = 20
_PLACE = 1 << 30
"""Offset of the locked byte on Windows: beyond the content, because locked bytes are unreadable."""


class Lock:
    """An OS lock on a file."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """Take the lock; None if another process holds it.

        Raises OSError with the file name, also on a file system without locks: a caller that took
        that for a held lock would wait forever.
        """
        for _ in range(MAX_ATTEMPTS):
            file = open_private(path, os.O_APPEND)
            try:
                _lock(file)
            except OSError as error:
                file.close()
                if error.errno in _BUSY_ERRORS:
                    return None
                error.filename = str(path)
                raise
            if _is_same_file(file, path):
                return cls(path, file)
            file.close()  # the last holder deleted it before it was locked
        return None  # other processes take and release it all the time

    @property
    def held(self) -> bool:
        """Whether the lock is still valid: if its file was deleted, others can lock a new one."""
        return not self._file.closed and _is_same_file(self._file, self._path)

    def release(self) -> None:
        """Release the lock and delete its file."""
        if sys.platform == "win32":
            self._file.close()  # Windows cannot delete an open file
        # This fails in a read-only folder, which keeps the empty file, and on Windows if another
        # process has opened the file: that process deletes it.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()


@contextlib.contextmanager
def holding(file: IO[bytes], seconds: float) -> Iterator[bool]:
    """Hold the lock of an open file during the block, after waiting at most `seconds` for it.

    Yields whether it is held: not if another process keeps it or the file system has no locks.
    """
    end = time.monotonic() + seconds
    held = False
    while not held:
        try:
            _lock(file)
            held = True
        except OSError as error:
            if error.errno not in _BUSY_ERRORS or time.monotonic() > end:
                break
            time.sleep(0.002)
    try:
        yield held
    finally:
        file.flush()
        if held:
            _unlock(file)


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        os.lseek(file.fileno(), _PLACE, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _unlock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        os.lseek(file.fileno(), _PLACE, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


def _is_same_file(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
