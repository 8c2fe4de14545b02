"""Atomic file writes, and files and folders that only their owner can access."""

import contextlib
import errno
import os
import stat
import sys
from _thread import get_ident  # importing threading would slow down Blender's start
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from . import sharing


def absolute(path: str) -> Path:
    """The absolute path, by its letters: a link, a mapped drive and a share keep their names."""
    return Path(os.path.abspath(path))  # noqa: PTH100  Path.absolute keeps `..`


def nearest(folder: Path) -> Path:
    """`folder`, or what exists of the way to it.

    Raises FileNotFoundError, which names it, where its drive or share does not exist.
    """
    for path in (folder, *folder.parents):
        if path.exists():
            return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def ensure_private(folder: Path) -> None:
    """Create a folder of mode 0700, or remove write access for others from an existing one.

    A folder with the sticky bit, such as /tmp, is left unchanged. Raises OSError, also when the
    folder belongs to another user and is writable for all.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o022 and not mode & stat.S_ISVTX:
            folder.chmod(mode & ~0o022)


def open_private(path: Path, flags: int) -> IO[bytes]:
    """Open a file of mode 0600 for writing, and create it if needed. Does not follow a link."""
    flags |= os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags, 0o600), "ab" if flags & os.O_APPEND else "wb")
    if sys.platform != "win32":
        os.fchmod(file.fileno(), 0o600)  # an existing file may be accessible to others
    return file


def write_atomic(path: Path, text: str, mode: int = 0o600, *, secret: bool = False) -> None:
    """Replace the file at `path` atomically, with fsync. Raises OSError.

    A `secret` is not written where nothing can keep others from reading it.
    """
    part = _write_part(path, text, mode, secret=secret)
    try:
        sharing.replace(part, path)
    except BaseException:
        _remove(part)
        raise
    fsync_folder(path.parent)


def create_exclusive(path: Path, text: str, mode: int = 0o600) -> bool:
    """Create the file at `path` atomically, with fsync; False if it exists. Raises OSError.

    A crash or a full disk leaves no partial file.
    """
    part = _write_part(path, text, mode)
    try:
        created = rename_exclusive(part, path)
    finally:
        _remove(part)
    if created:
        fsync_folder(path.parent)
    return created


def _write_part(path: Path, text: str, mode: int, *, secret: bool = False) -> Path:
    """Write and fsync a file beside `path`, whose name no other thread uses."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.part")
    sharing.remove(part)  # an existing one may be a link, or open in another process
    try:
        with (
            naming_errors(part),
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file,
        ):
            if secret and sys.platform == "win32":
                from .owner_only import restrict

                restrict(part)  # while it is empty
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _remove(part)
        raise
    return part


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        sharing.remove(part)


@contextlib.contextmanager
def naming_errors(path: Path) -> Iterator[None]:
    """Add the file name to an OSError, which lacks it when the file is already open."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def fsync_folder(folder: Path) -> None:
    """Fsync a folder, so that a rename in it survives a power failure. No-op on Windows."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename_exclusive(part: Path, path: Path) -> bool:
    """Rename `part` to `path` without replacing a file; False if it exists. Raises OSError."""
    try:
        if sys.platform == "win32":
            sharing.retry(lambda: part.rename(path), path)  # fails if the name exists
            return True
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:
        if sys.platform == "win32":
            raise
        return _rename_with_placeholder(part, path)
    _remove(part)
    return True


def _rename_with_placeholder(part: Path, path: Path) -> bool:
    """The same on a file system without hard links: an empty file reserves the name."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    try:
        sharing.replace(part, path)
    except BaseException:
        _remove(path)
        raise
    return True
