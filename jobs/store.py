"""Stores job records: one JSON file per job, replaced atomically, and a lock for its runner."""

import contextlib
import errno
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from ..system import sharing
from ..system.files import ensure_private, open_private, write_atomic
from ..system.locks import Lock
from . import origin
from .record import DamagedRecord, Problem, Record, Stage, from_json, timestamp

MAX_BYTES = 64 * 1024**2
"""Bytes of a record. A million frames with long names take less."""
MAX_DEPTH = 30
"""Levels of nesting in a record's JSON. Reading and writing it is recursive."""

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""Error numbers of file systems without locks, such as some network homes."""
MAX_PART_SECONDS = 24 * 3600
"""Age after which a partial record belongs to a killed process."""


class Store:
    """The job records below one state folder."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "jobs"
        self._known_here: set[str] = set()

    @property
    def origin(self) -> str:
        """The origin of records made in this folder (origin.py). Raises OSError."""
        return origin.provide(self.folder.parent)

    def made_here(self, record: Record) -> bool:
        """Whether the record was made in this state folder, not in its original."""
        known = record.origin in self._known_here
        if not known and origin.is_here(record.origin, self.folder.parent):
            self._known_here.add(record.origin)
            known = True
        return known

    def save(self, record: Record) -> None:
        """Replace the record atomically: a crash leaves the old or the new one. Raises OSError."""
        record.updated_at = timestamp()
        self._provide()
        write_atomic(self._path(record.id), json.dumps(record.to_json(), indent=1) + "\n")

    def load(self, job_id: str) -> Record:
        """Read one record. Raises DamagedRecord, which names the file, and OSError."""
        path = self._path(job_id)
        from . import earlier  # enabling the extension stays fast

        try:
            record = from_json(_read(path))
            earlier.correct(record)
        except (ValueError, DamagedRecord) as error:
            raise DamagedRecord(f"The job record {path} cannot be used: {error}.") from error
        if record.id != job_id:
            raise DamagedRecord(f"The job record {path} names another job, {record.id}.")
        return record

    def ids(self) -> list[str]:
        """The ids of all records, unreadable ones included.

        Raises OSError if the folder cannot be read, which must not look as if it had no jobs.
        """
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 (glob hides errors)
        except FileNotFoundError:
            return []
        ids = (Path(name) for name in names if not name.startswith("."))
        return sorted(one.stem for one in ids if one.suffix == ".json")

    def read_all(self) -> Iterator[Record | DamagedRecord]:
        """All records; DamagedRecord in place of an unreadable one."""
        return self.read(self.ids())

    def read(self, job_ids: Iterable[str]) -> Iterator[Record | DamagedRecord]:
        """The records of these ids; DamagedRecord in place of an unreadable one."""
        for job_id in job_ids:
            try:
                yield self.load(job_id)
            except DamagedRecord as error:
                yield error
            except FileNotFoundError:
                continue  # another Blender has removed it
            except OSError as error:
                yield DamagedRecord(f"The job record {self._path(job_id)} cannot be read: {error}.")

    def remove(self, job_id: str) -> None:
        """Delete the record of a job. The frames stay."""
        sharing.remove(self._path(job_id))
        self.forget_cancel(job_id)
        with contextlib.suppress(OSError):  # a command that is still running may have it open
            sharing.remove(self.document(job_id))

    def document(self, job_id: str) -> Path:
        """The file with the job's document for the artist's command (worker/on_end.py)."""
        return self.folder.parent / "ended" / self._path(job_id).name

    def request_cancel(self, job_id: str) -> None:
        """Ask the job's runner, current or next, to cancel it. Raises OSError.

        Only the runner may write the record, so the request is a file beside it.
        """
        self._provide()
        open_private(self._path(job_id).with_suffix(".cancel"), os.O_APPEND).close()

    def cancel_requested(self, job_id: str) -> bool:
        """Whether the job has a pending cancel request."""
        return self._path(job_id).with_suffix(".cancel").exists()

    def cancel_pending(self, record: Record) -> bool:
        """Whether the artist has canceled a job that is not over, wherever its record was made.

        Any worker may and must tell the farm: it begins nothing, and nobody takes it back.
        """
        asked = record.cancel_requested or record.stage is Stage.CANCELING
        over = record.ended and not record.may_be_rendering
        return not over and (asked or self.cancel_requested(record.id))

    def forget_cancel(self, job_id: str) -> None:
        """Delete the cancel request."""
        with contextlib.suppress(OSError):
            sharing.remove(self._path(job_id).with_suffix(".cancel"))

    def lock(self, job_id: str) -> Lock | None:
        """Lock the job to run it; None if another process holds the lock. Raises OSError."""
        self._provide()
        return Lock.take(self._path(job_id).with_suffix(".lock"))

    def tidy(self) -> None:
        """Delete what killed workers leave: unheld lock files, and partial records a day old."""
        for path in self.folder.glob("*.lock"):
            with contextlib.suppress(OSError):
                if lock := Lock.take(path):
                    lock.release()
        for path in self.folder.glob(".*.json.*.part"):
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime > MAX_PART_SECONDS:
                    path.unlink()

    def _provide(self) -> None:
        ensure_private(self.folder.parent)
        ensure_private(self.folder)

    def _path(self, job_id: str) -> Path:
        if not job_id.isalnum():
            raise DamagedRecord(f"{job_id!r} is not the id of a job")
        return self.folder / f"{job_id}.json"


def _read(path: Path) -> Any:
    """Read the JSON of a record. Raises OSError, DamagedRecord or ValueError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
        raise DamagedRecord("it holds no record")
    if status.st_size > MAX_BYTES:
        raise DamagedRecord("it is larger than any record")
    try:
        data = json.loads(
            sharing.read_text(path), parse_float=_number, parse_constant=lambda _: None
        )
    except RecursionError:
        raise DamagedRecord("it is nested too deep") from None
    level = [data]
    for _ in range(MAX_DEPTH):
        objects = [one for one in level if isinstance(one, dict)]
        lists = [one for one in level if isinstance(one, list)]
        level = [one for held in (*lists, *(o.values() for o in objects)) for one in held]
    if level:
        raise DamagedRecord("it is nested too deep")
    return data


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if isfinite(number) else None


def no_locks(error: OSError) -> Problem | None:
    """The Problem for an OSError of `Store.lock` on a file system without locks; else None."""
    if error.errno not in NO_LOCKS:
        return None
    return Problem(
        "no-locks",
        f"The file system of {Path(error.filename).parent} refuses to lock files, which keeps two"
        " Blenders from running one job.",
        "Set RENDERJUICE_STATE_DIR to a folder on a disk of this computer and start Blender again.",
    )
