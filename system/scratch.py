"""The scratch folder's entries: folders that we have made and marked, and so may remove.

The artist chooses where scratch is, so it may lie among their own files: nothing that does not hold
our mark is ever removed, whatever its name is, and no link is followed.
"""

import contextlib
import os
import shutil
import stat
import time
from pathlib import Path

FOLDER = "renderjuice-scratch"
"""Our own folder below the one that the artist has chosen."""
MARK = ".renderjuice-scratch"
"""The file in an entry that says whose it is: its text is the entry's own name."""
MAX_BYTES = 1024  # of a mark


def make(entry: Path) -> None:
    """Make a new entry, for its owner only. Raises OSError, also where something has its name."""
    entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry.mkdir(mode=0o700)
    (entry / MARK).write_bytes(os.fsencode(entry.name))


def is_ours(entry: Path) -> bool:
    """Whether the folder is one that `make` has made: no link, and marked with its own name."""
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
    """Whether it is one of Windows' links between folders, which `lstat` shows as a folder."""
    tag = getattr(path.lstat(), "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0)


def remove(entry: Path) -> None:
    """Remove an entry of ours; whatever else it is, it stays. The mark goes last.

    What cannot be removed stays, marked, for the next one who tries.
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
    """Remove our entries in `folder` that begin with `prefix` and are older than so long."""
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            if not entry.name.startswith(prefix) or not is_ours(entry):
                continue
            with contextlib.suppress(OSError):  # another worker's, gone by now
                if time.time() - entry.stat().st_mtime > seconds:
                    remove(entry)
