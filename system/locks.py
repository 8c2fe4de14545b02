"""A lock that the system lets go of when its holder ends, however it ends."""

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


_BUSY_ERRORS = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
"""What systems say of a lock that another process holds."""
_PLACE = 1 << 30
"""The byte that is locked on Windows, where nobody can read what is locked: behind the end."""


class Lock:
    """An OS lock on a file: the system lets go of it when its process ends, however it ends."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """The lock, or None if another process holds it.

        Raises OSError, which names the file, also where the file system knows no locks: whoever
        takes that for a lock that another holds waits for ever.
        """
        file = open_private(path, os.O_APPEND)
        try:
            _lock(file)
        except OSError as error:
            file.close()
            if error.errno in _BUSY_ERRORS:
                return None
            error.filename = str(path)
            raise
        if not _is_same_file(file, path):  # removed by its last holder before we locked it
            file.close()
            return cls.take(path)
        return cls(path, file)

    @property
    def held(self) -> bool:
        """Whether it is still ours: where its file was taken away, others may take another."""
        return not self._file.closed and _is_same_file(self._file, self._path)

    def release(self) -> None:
        """Let go, and take the file away so that none is left when all is done."""
        if sys.platform == "win32":
            self._file.close()  # an open file cannot be removed there
        # A folder that may not be written keeps an empty file. On Windows, where another process
        # has opened it in the meantime, that one removes it.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()


@contextlib.contextmanager
def holding(file: IO[bytes], seconds: float) -> Iterator[bool]:
    """Hold the lock of an open file while the block runs; waits `seconds` at most for another's.

    Gives whether it is held. It is not where others keep it or the file system knows no locks.
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
