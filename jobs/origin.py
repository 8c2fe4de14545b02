"""Identifies the state folder in which a record was made, so that a copy does not run its jobs.

A state folder holds an empty file `origin-<random id>`, its mark. A record's origin names the mark,
metadata of the mark that a copy does not share, and the folder's path. No single value is enough:

- The inode survives chmod -R, chown -R and cp -al, but ext4 reuses the inode of a deleted file: a
  backup restored in the folder's place may get the same one.
- The birth time cannot be set on Linux, but not every file system records it. Inode and birth time
  together identify the mark.
- The ctime cannot be set either, but chmod and cp -al change it. It decides where there is no birth
  time, or where inodes change at each mount (FAT, FUSE). There, chmod -R makes records foreign and
  `claim` takes them back: asking is better than paying twice.
- On Windows, NTFS does not reuse a file id.

The path alone is not enough, nor is the mark without it: hard-linked backups on one disk share all
metadata. The host name is not part of it, because networks and containers change it: two machines
that mount one network home at the same path are one origin, and each job's lock (store.py) works
between them. Nor is the device number, which may change at a reboot.

Not detected: a disk that is cloned or rolled back as a whole, and files that rsync restores beside
an untouched mark. There the job's status on the farm, read before each paid call, is the guard.
"""

import contextlib
import os
import platform
import re
import secrets
import sys
from pathlib import Path

from ..system.birth_time import birth_time
from ..system.files import ensure_private
from ..system.names import collision_key

NAME = re.compile(r"origin-[0-9a-f]{16}")
_ORIGIN = re.compile(rf"({NAME.pattern})-(\d+)(?:-(\d+-\d+))?:(.*)", re.DOTALL)


def of_folder(state: Path) -> list[str]:
    """The origins of this state folder, usually one. Raises OSError.

    Two processes that start at the same time in a new folder create a mark each.
    """
    folder = state.resolve()
    marks = [mark for mark in sorted(state.glob("origin-*")) if NAME.fullmatch(mark.name)]
    return [f"{mark.name}-{_fingerprint(mark)}:{folder}" for mark in marks]


def provide(state: Path) -> str:
    """The origin for a new record; creates the folder's mark if needed. Raises OSError."""
    known = of_folder(state)
    if not known:
        ensure_private(state)
        mark = state / f"origin-{secrets.token_hex(8)}"
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        known = of_folder(state)
    return known[0]


def is_here(origin: str, state: Path) -> bool:
    """Whether a record of this origin was made in this state folder, not in its original."""
    with contextlib.suppress(OSError):
        same = any(is_same(origin, known) for known in of_folder(state))
        return same or origin == _legacy_origin(state)
    return False


def is_same(one: str, other: str, platform: str = sys.platform) -> bool:
    """Whether two origins are one. Only Linux has folders that differ only in case or form."""
    parts = _ORIGIN.fullmatch(one), _ORIGIN.fullmatch(other)
    if not parts[0] or not parts[1]:
        return False
    (name, changed, born, folder), (its_name, its_changed, its_born, its_folder) = (
        part.groups() for part in parts if part
    )
    spelling = str if platform == "linux" else collision_key
    if name != its_name or spelling(folder) != spelling(its_folder):
        return False
    return bool(changed == its_changed or (born and born == its_born))


def _fingerprint(mark: Path) -> str:
    """Metadata that a copy of the mark does not share: ctime, and inode and birth time if known."""
    status = mark.stat()
    if sys.platform == "win32":
        return str(status.st_ino)
    born = birth_time(mark)
    return f"{status.st_ctime_ns}" + (f"-{status.st_ino}-{born}" if born else "")


def _legacy_origin(state: Path) -> str:
    """The origin as version 0.1.0 wrote it: host name and folder of the records."""
    return f"{platform.node()}:{(state / 'jobs').resolve()}"
