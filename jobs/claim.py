"""Claims an output folder for one job by a file in it.

Start: `take` creates the file exclusively, whole. Steady state: every job reads it before it
writes, across processes, state folders, users and machines, also on a network share. End: it stays
after the job has ended, beside the job's frames; `release` deletes it if there are none.
"""

import errno
import json
import platform
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..system import sharing
from ..system.files import create_exclusive, write_atomic
from .record import Record

NAME = ".renderjuice-job"
MAX_ATTEMPTS = 20
MAX_BYTES = 16 * 1024  # of a claim that is read


@dataclass(frozen=True)
class Claim:
    """The owner of an output folder. Only `job`, the job's id, is compared."""

    job: str
    title: str = ""
    machine: str = ""
    origin: str = ""
    """The origin of the job's record (jobs/origin.py)."""

    @property
    def label(self) -> str:
        """The job as named in a sentence."""
        from ..api.shapes import shown  # enabling the extension stays fast

        title, machine = shown(self.title), shown(self.machine)  # anybody may have written them
        named = f"“{title}”" if title else "another job"
        return f"{named} of {machine}" if machine else named


UNREADABLE = Claim("")
"""Stands for a damaged or unreadable claim, which counts as another job's."""


class Claimed(Exception):
    """The `folder` belongs to another job, named by `claim`."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        super().__init__(folder, claim)
        self.folder = folder
        self.claim = claim


def of(record: Record) -> Claim:
    """The claim that a job makes."""
    return Claim(record.id, record.title, platform.node(), record.origin)


def read(folder: Path) -> Claim | None:
    """Read a folder's claim; None if there is none, UNREADABLE if it is damaged."""
    try:
        if not stat.S_ISREG((folder / NAME).stat().st_mode):  # reading a pipe would wait for ever
            return UNREADABLE
        data: Any = json.loads(sharing.read_bytes(folder / NAME, MAX_BYTES))
        values = {name: data.get(name, "") for name in ("job", "title", "machine", "origin")}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return None if error.errno == errno.ENAMETOOLONG else UNREADABLE
    except (ValueError, RecursionError, AttributeError):
        return UNREADABLE
    return Claim(**values) if all(isinstance(v, str) for v in values.values()) else UNREADABLE


def take(folder: Path, claim: Claim, *, replace: bool = False) -> None:
    """Claim a folder, and create it if it does not exist.

    `replace` overrides another job's claim; it is the artist's decision. Raises Claimed and
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema": 1, **asdict(claim)}, indent=1) + "\n"
    owner = read(folder)
    for _ in range(MAX_ATTEMPTS):
        if owner is not None or create_exclusive(folder / NAME, text, mode=0o666):
            break
        owner = read(folder)  # None if it was released between the two
    else:
        raise Claimed(folder, UNREADABLE)
    if owner is not None and owner.job != claim.job:
        if not replace:
            raise Claimed(folder, owner)
        write_atomic(folder / NAME, text, mode=0o666)


def release(folder: Path, job_id: str) -> None:
    """Delete the job's claim on a folder that it has not written to. Raises OSError."""
    owner = read(folder)
    if owner is not None and owner.job == job_id:
        sharing.remove(folder / NAME)
