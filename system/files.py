"""Files written whole or not at all, and files and folders of their owner alone."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def ensure_private(folder: Path) -> None:
    """Make a folder that is its owner's alone; one that is there must not be others' to write to.

    Raises OSError, also where it is somebody else's folder and open to all. A folder such as /tmp,
    where nobody can replace another's files, stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o022 and not mode & stat.S_ISVTX:
            folder.chmod(mode & ~0o022)


def open_private(path: Path, flags: int) -> IO[bytes]:
    """Open a file of the owner's alone for writing; made if it is not there. Follows no link."""
    flags |= os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags, 0o600), "ab" if flags & os.O_APPEND else "wb")
    if sys.platform != "win32":
        os.fchmod(file.fileno(), 0o600)  # it may have been there, open to others
    return file


def write_atomic(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file at `path`, or leave it as it was. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)  # whoever made it may have it open, or made it a link
    try:
        with (
            naming_errors(part),
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file,
        ):
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


@contextlib.contextmanager
def naming_errors(path: Path) -> Iterator[None]:
    """Let an error name the file: the system does not where it is open already."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can say so."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename_exclusive(part: Path, path: Path) -> bool:
    """Give the file `part` the name `path`, unless something has it: then nothing changes.

    Returns whether it has the name now. Raises OSError.
    """
    try:
        if sys.platform == "win32":
            part.rename(path)  # refuses a name that is taken
        else:
            path.hardlink_to(part)
            part.unlink()
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        if os.path.lexists(path):
            return False
        part.rename(path)
    return True
