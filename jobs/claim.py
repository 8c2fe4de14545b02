"""Which job an output folder belongs to: a file in it, made exclusively, that every job reads.

It holds between jobs, processes, state folders, users and machines, also on a network share. It
stays when the job has ended: the frames beside it are that job's.
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
    """Who an output folder belongs to; all but `job` is for people."""

    job: str
    title: str = ""
    machine: str = ""
    origin: str = ""
    """Where the job's record was made (jobs/record.py)."""

    @property
    def label(self) -> str:
        """The job in a sentence."""
        title = f"“{self.title}”" if self.title else "another job"
        return f"{title} of {self.machine}" if self.machine else title


UNREADABLE = Claim("")
"""A claim that says nothing: half written, damaged, or not to be read. It is another's."""


class Claimed(Exception):
    """The `folder` belongs to another job, whose `claim` says which."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        super().__init__(folder, claim)
        self.folder = folder
        self.claim = claim


def of(record: Record) -> Claim:
    """What a job says of itself in its folder."""
    return Claim(record.id, record.title, platform.node(), record.origin)


def read(folder: Path) -> Claim | None:
    """The claim on a folder; None where nobody has claimed it."""
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
    """Make the folder the job's own, and the folder itself where it is not there.

    `replace` is the artist's answer that the job may take the place of another. Raises Claimed,
    and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema": 1, **asdict(claim)}, indent=1) + "\n"
    owner = read(folder)
    if owner is None and not _create(folder / NAME, claim.job, text.encode("utf-8")):
        owner = read(folder)
        if owner is None:  # given up in this moment
            take(folder, claim, replace=replace)
            return
    if owner is not None and owner.job != claim.job:
        if not replace:
            raise Claimed(folder, owner)
        write_atomic(folder / NAME, text, mode=0o666)


def _create(path: Path, job_id: str, text: bytes) -> bool:
    """Make the claim where there is none, whole at once; whether it was made. Raises OSError.

    A crash or a full disk must leave no half claim, which would be another's for ever.
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
        except (OSError, AttributeError):  # a disk without hard links
            if not _copy_new(path, text):
                return False
        fsync_folder(path.parent)
        return True
    finally:
        part.unlink(missing_ok=True)


def _copy_new(path: Path, text: bytes) -> bool:
    """Create the file exclusively; whether it was not there."""
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
    """Let go of a folder into which the job has brought nothing. Raises OSError."""
    owner = read(folder)
    if owner is not None and owner.job == job_id:
        (folder / NAME).unlink(missing_ok=True)
