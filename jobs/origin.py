"""Where a job record was made, so that a copy of a state folder does not run its jobs again.

A state folder holds an empty file `origin-<random id>`, its mark. The origin of a record names the
mark, what a copy of the mark does not share, and the folder's path. What is it that a copy does not
share? No single number of a file system will do:

- Its number, the inode, stays when modes, owners or the count of its links change (chmod -R,
  chown -R, cp -al), and another file at the same time has another. But ext4 gives the number of a
  removed file to the next one: a backup that is put in the folder's place may get the same.
- The time of its birth stays as well, and nobody can set it on Linux; not every file system has it.
  With the number it tells a backup in the same place from what was there. Both together are enough.
- The time of its last change cannot be set either, but chmod and cp -al move it. It is what counts
  where there is no time of birth, or where each mount gives new numbers (FAT, FUSE). There chmod -R
  makes records foreign, and `claim` brings them home: to ask is better than to pay twice.
- On Windows, NTFS never gives a number twice.

A path alone is never enough, and no mark is enough without its path: hard links of a backup on the
same disk share all numbers. The name of the computer is no part of it, because networks and
containers change it: two machines that see one network home at the same path are one place, and
the lock of each job (store.py) is between them. Nor is the number of the device, which changes from
one start of the computer to the next.

What nothing here can tell: a whole disk that is cloned or rolled back, and files that rsync has put
back beside a mark that it left alone. There the farm, which is asked before anything begins, knows
the jobs that it has.
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

NAME = re.compile(r"origin-[0-9a-f]{16}")
_ORIGIN = re.compile(rf"({NAME.pattern})-(\d+)(?:-(\d+-\d+))?:(.*)", re.DOTALL)


def of_folder(state: Path) -> list[str]:
    """The origins of records that are made in this state folder, mostly one. Raises OSError.

    Two processes that start at the same time in a new folder make a file each.
    """
    folder = state.resolve()
    marks = [mark for mark in sorted(state.glob("origin-*")) if NAME.fullmatch(mark.name)]
    return [f"{mark.name}-{_fingerprint(mark)}:{folder}" for mark in marks]


def provide(state: Path) -> str:
    """The origin of a new record; the folder gets its mark if it has none. Raises OSError."""
    known = of_folder(state)
    if not known:
        ensure_private(state)
        mark = state / f"origin-{secrets.token_hex(8)}"
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        known = of_folder(state)
    return known[0]


def is_here(origin: str, state: Path) -> bool:
    """Whether a record of this origin was made in this state folder, and by this very folder."""
    with contextlib.suppress(OSError):
        same = any(_is_same(origin, known) for known in of_folder(state))
        return same or origin == _legacy_origin(state)
    return False


def _is_same(one: str, other: str) -> bool:
    parts = _ORIGIN.fullmatch(one), _ORIGIN.fullmatch(other)
    if not parts[0] or not parts[1]:
        return False
    (name, changed, born, folder), (its_name, its_changed, its_born, its_folder) = (
        part.groups() for part in parts if part
    )
    if (name, folder) != (its_name, its_folder):
        return False
    return bool(changed == its_changed or (born and born == its_born))


def _fingerprint(mark: Path) -> str:
    """Numbers that a copy of the mark does not share: when it was changed, and, where the file
    system tells when it was born, its number and that time."""
    status = mark.stat()
    if sys.platform == "win32":
        return str(status.st_ino)
    born = birth_time(mark)
    return f"{status.st_ctime_ns}" + (f"-{status.st_ino}-{born}" if born else "")


def _legacy_origin(state: Path) -> str:
    """How 0.1.0 named the place: by the computer's name and the folder of the records."""
    return f"{platform.node()}:{(state / 'jobs').resolve()}"
