"""Claims an output folder for one job by a file in it.

Start: `take` creates the file exclusively, whole. Steady state: every job reads it before it
writes, across processes, state folders, users and machines, also on a network share. End: it stays
after the job has ended, beside the job's frames; `release` deletes it if there are none.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..system.files import fsync_folder, write_atomic
from .record import Record

NAME = ".renderjuice-job"
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
        title = f"“{self.title}”" if self.title else "another job"
        return f"{title} of {self.machine}" if self.machine else title


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
        with (folder / NAME).open("rb") as file:
            data: Any = json.loads(file.read(MAX_BYTES))
        values = {name: data.get(name, "") for name in ("job", "title", "machine", "origin")}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError, AttributeError):
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
    if owner is None and not _create(folder / NAME, claim.job, text.encode("utf-8")):
        owner = read(folder)
        if owner is None:  # released between the two reads
            take(folder, claim, replace=replace)
            return
    if owner is not None and owner.job != claim.job:
        if not replace:
            raise Claimed(folder, owner)
        write_atomic(folder / NAME, text, mode=0o666)


def _create(path: Path, job_id: str, text: bytes) -> bool:
    """Create the claim atomically; False if there is one already. Raises OSError.

    A crash or a full disk must not leave a partial claim: it would block the folder for good.
    """
    part = path.with_name(f"{NAME}.{job_id}.part")
    try:
        with part.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        except (OSError, AttributeError):  # no hard links on this file system
            if not _copy_new(path, text):
                return False
        fsync_folder(path.parent)
        return True
    finally:
        part.unlink(missing_ok=True)


def _copy_new(path: Path, text: bytes) -> bool:
    """Create the file exclusively; False if it exists."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(text)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def release(folder: Path, job_id: str) -> None:
    """Delete the job's claim on a folder that it has not written to. Raises OSError."""
    owner = read(folder)
    if owner is not None and owner.job == job_id:
        (folder / NAME).unlink(missing_ok=True)
