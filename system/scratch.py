"""Creates and removes the entries of the scratch folder, which are marked folders.

The user chooses the location, so it may contain other files: only marked folders are deleted,
whatever their names, and links are not followed.
"""

import contextlib
import os
import shutil
import stat
import time
from pathlib import Path

FOLDER = "renderjuice-scratch"
"""The name of our folder below the chosen one."""
MARK = ".renderjuice-scratch"
"""The mark: a file in each entry whose content is the entry's name."""
MAX_BYTES = 1024  # of a mark


def make(entry: Path) -> None:
    """Create an entry of mode 0700. Raises OSError, also if the name exists."""
    entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry.mkdir(mode=0o700)
    mark(entry)


def mark(entry: Path) -> None:
    """Mark a folder that was just made. Raises OSError."""
    (entry / MARK).write_bytes(os.fsencode(entry.name))


def is_ours(entry: Path) -> bool:
    """Whether `make` created the folder: it is not a link, and its mark has its name."""
    mark = entry / MARK
    try:
        if not stat.S_ISDIR(entry.lstat().st_mode) or _is_junction(entry):
            return False
        if not stat.S_ISREG(mark.lstat().st_mode) or mark.lstat().st_size > MAX_BYTES:
            return False
        return mark.read_bytes() == os.fsencode(entry.name)
    except OSError:
        return False


def _is_junction(path: Path) -> bool:
    """Whether it is a junction of Windows, which `lstat` reports as a folder."""
    tag = getattr(path.lstat(), "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0)


def remove(entry: Path) -> None:
    """Delete an entry; anything that is not an entry stays. The mark is deleted last.

    If a file cannot be deleted, the mark stays, so that a later call can try again.
    """
    if not is_ours(entry):
        return
    with contextlib.suppress(OSError):
        for path in entry.iterdir():
            if path.name == MARK:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        if [path.name for path in entry.iterdir()] == [MARK]:
            (entry / MARK).unlink()
            entry.rmdir()


def remove_old(folder: Path, prefix: str, seconds: float) -> None:
    """Delete the entries in `folder` whose name starts with `prefix` and that are older."""
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            if not entry.name.startswith(prefix) or not is_ours(entry):
                continue
            with contextlib.suppress(OSError):  # another worker may have deleted it
                if time.time() - entry.stat().st_mtime > seconds:
                    remove(entry)
