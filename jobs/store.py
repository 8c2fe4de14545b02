"""Job records on disk: one readable JSON file a job, replaced whole, and a lock for its runner."""

import contextlib
import json
import os
import platform
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from .record import DamagedRecord, Record, from_json, timestamp

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Store:
    """The job records below one state folder."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "jobs"

    @property
    def home(self) -> str:
        """How records made here name this place: a synced home has the same folder elsewhere."""
        return f"{platform.node()}:{self.folder.resolve()}"

    def save(self, record: Record) -> None:
        """Write `record` so that a crash leaves the old one or the new one. Raises OSError."""
        record.updated_at = timestamp()
        self._provide()
        write_whole(self._path(record.id), json.dumps(record.to_json(), indent=1) + "\n")

    def load(self, job_id: str) -> Record:
        """Read one record. Raises DamagedRecord, which names the file, and OSError."""
        path = self._path(job_id)
        try:
            record = from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, DamagedRecord) as error:
            raise DamagedRecord(f"The job record {path} cannot be used: {error}.") from error
        if record.id != job_id:
            raise DamagedRecord(f"The job record {path} names another job, {record.id}.")
        return record

    def ids(self) -> list[str]:
        """The ids of all records, whether they can be read or not."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def read_all(self) -> Iterator[Record | DamagedRecord]:
        """Each record, or the reason why it cannot be shown."""
        return self.read(self.ids())

    def read(self, job_ids: Iterable[str]) -> Iterator[Record | DamagedRecord]:
        """The records of these ids, or the reasons why they cannot be shown."""
        for job_id in job_ids:
            try:
                yield self.load(job_id)
            except DamagedRecord as error:
                yield error
            except FileNotFoundError:
                continue  # removed by another Blender since it was listed
            except OSError as error:
                yield DamagedRecord(f"The job record {self._path(job_id)} cannot be read: {error}.")

    def remove(self, job_id: str) -> None:
        """Forget a job. The frames stay."""
        self._path(job_id).unlink(missing_ok=True)

    def lock(self, job_id: str) -> "Lock | None":
        """Become the one who runs the job; None while another process does."""
        self._provide()
        return Lock.take(self._path(job_id).with_suffix(".lock"))

    def _provide(self) -> None:
        provide_private(self.folder.parent)
        provide_private(self.folder)

    def _path(self, job_id: str) -> Path:
        if not job_id.isalnum():
            raise DamagedRecord(f"{job_id!r} is not the id of a job")
        return self.folder / f"{job_id}.json"


class Lock:
    """An OS lock on a file: the system lets go of it when its process ends, however it ends."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """The lock, or None if another process holds it."""
        file = open_private(path, os.O_APPEND)
        try:
            _lock(file)
        except OSError:
            file.close()
            return None
        if not _is_still(file, path):  # removed by its last holder before we locked it
            file.close()
            return cls.take(path)
        return cls(path, file)

    def release(self) -> None:
        """Let go, and take the file away so that none is left when all is done."""
        if sys.platform == "win32":
            self._file.close()  # an open file cannot be removed there
        # A folder that may not be written keeps an empty file. On Windows, where another process
        # has opened it in the meantime, that one removes it.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_still(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def provide_private(folder: Path) -> None:
    """Make a folder that is its owner's alone; one that is there must not be others' to write to.

    Raises OSError, also where it is somebody else's folder and open to all. A folder such as /tmp,
    where nobody can replace another's files, stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o022 and not mode & stat.S_ISVTX:
            folder.chmod(mode & ~0o022)


def open_private(path: Path, flags: int) -> IO[bytes]:
    """Open a file of the owner's alone for writing; made if it is not there. Follows no link."""
    flags |= os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags, 0o600), "ab" if flags & os.O_APPEND else "wb")
    if sys.platform != "win32":
        os.fchmod(file.fileno(), 0o600)  # it may have been there, open to others
    return file


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file at `path`, or leave it as it was. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)  # whoever made it may have it open, or made it a link
    try:
        with (
            naming(part),
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file,
        ):
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error name the file: the system does not where it is open already."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can say so."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_json(path: Path) -> Any:
    """The JSON document in the file at `path`. Raises OSError and ValueError."""
    return json.loads(path.read_text(encoding="utf-8"))
