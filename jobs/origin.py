"""Where a job record was made, so that a copy of a state folder does not run its jobs again.

A state folder holds an empty file `origin-<random id>`. The origin of a record names that file, the
moment at which the system last changed it, and the folder. A copy of the folder is at another path,
or its file was made at another moment: nobody can set that moment. The name of the computer is no
part of it, because networks and containers change it.
"""

import contextlib
import os
import platform
import re
import secrets
import sys
from pathlib import Path

from ..system.files import provide_private

NAME = re.compile(r"origin-[0-9a-f]{16}")


def of_folder(state: Path) -> list[str]:
    """The origins of records that are made in this state folder, mostly one. Raises OSError.

    Two processes that start at the same time in a new folder make a file each.
    """
    folder = state.resolve()
    return [
        f"{mark.name}-{_fingerprint(mark.stat())}:{folder}"
        for mark in sorted(state.glob("origin-*"))
        if NAME.fullmatch(mark.name)
    ]


def provide(state: Path) -> str:
    """The origin of a new record; the folder gets its file if it has none. Raises OSError."""
    known = of_folder(state)
    if not known:
        provide_private(state)
        mark = state / f"origin-{secrets.token_hex(8)}"
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        known = of_folder(state)
    return known[0]


def is_here(origin: str, state: Path) -> bool:
    """Whether a record of this origin was made in this state folder, and by this very folder."""
    with contextlib.suppress(OSError):
        return origin in of_folder(state) or origin == _of_0_1_0(state)
    return False


def _fingerprint(status: os.stat_result) -> int:
    """A number that a copy of the file does not share.

    NTFS numbers its files and never gives a number twice. Elsewhere numbers are given again, and
    some file systems give new ones at each mount, but the time of the last change cannot be set.
    """
    return status.st_ino if sys.platform == "win32" else status.st_ctime_ns


def _of_0_1_0(state: Path) -> str:
    """How 0.1.0 named the place: by the computer's name and the folder of the records."""
    return f"{platform.node()}:{(state / 'jobs').resolve()}"
