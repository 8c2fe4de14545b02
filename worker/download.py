"""Bringing the farm's outputs home: each file is absent or complete, never half."""

import contextlib
import errno
import filecmp
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from ..api import fields
from ..api.download import get_file
from ..api.errors import ApiError
from ..api.output_file import OutputFile
from ..api.transport import Timeout
from ..frames import integrity, names
from ..frames.formats.png import PngSums
from ..jobs import claim
from ..jobs.record import Record
from ..system.cancellation import Cancelled
from ..system.files import naming, put_new, sync_folder
from ..system.names import room_below
from .job import RunningJob

SECONDS_BETWEEN_SAVES = 1.0
MAX_IMAGE_BYTES = 64 * 1024**3
"""Of the most pixels that Blender renders, 65,536 by 65,536, four floats each."""
PASSES = 6
"""A file that so many passes, more than a minute, did not get is named as missing."""


class Download:
    """One pass over the outputs of one job, several at a time."""

    def __init__(
        self, job: RunningJob, transfers: ThreadPoolExecutor, *, allow_local: bool, timeout: Timeout
    ) -> None:
        self._job = job
        self._transfers = transfers
        self._allow_local = allow_local
        self._timeout = timeout
        self._folder = Path(job.record.output)
        self._lock = threading.Lock()
        self._saved = time.monotonic()
        self._renamed_in: set[Path] = set()
        self._done = 0
        self._failed = threading.Event()
        self.lost: dict[str, str] = {}
        """Why an output cannot be had, by its name. The others came home."""
        self._errors: dict[str, ApiError] = {}

    def run(self, outputs: Sequence[OutputFile]) -> None:
        """Fetch what is not there yet; what came is kept.

        Raises ApiError, OSError, Cancelled, and Claimed where the folder is another job's.
        """
        claim.take(self._folder, claim.of(self._job.record))
        named = list(placed(self._job.record, outputs).items())
        todo = [(name, output) for name, output in named if not have(self._job.record, name)]
        self._done = len(named) - len(todo)
        self._job.show(self._done, len(named), "files")
        futures = [self._transfers.submit(self._one, name, o, len(named)) for name, o in todo]
        try:
            self._collect(futures)
        finally:
            self._failed.set()
            for future in futures:
                future.cancel()
            wait(futures)
            self._write_down()
        self._judge()

    def _judge(self) -> None:
        """Give up what came often enough to nothing; raise ApiError for what may come yet."""
        with self._lock:
            self._job.failed_attempts.update(self._errors.keys())
        for name, error in self._errors.items():
            if self._job.failed_attempts[name] < PASSES:
                raise error
        self.lost |= {name: f"{name}: {error.message}" for name, error in self._errors.items()}

    def _collect(self, futures: list[Future[None]]) -> None:
        """Wait for all; the first error ends the pass."""
        for future in futures:
            try:
                future.result()
            except Cancelled:
                self._job.check()
                raise

    def _one(self, name: str, output: OutputFile, total: int) -> None:
        """Fetch one file; one that the storage does not have, or has not whole, must not keep the
        others back."""
        try:
            self._fetch(name, output, total)
        except Occupied as error:
            self.lost[name] = str(error)
        except ApiError as error:
            if not isinstance(error, Broken) and (
                error.retryable or error.id == fields.EXPIRED_URL
            ):
                raise
            self._errors[name] = error

    def _fetch(self, name: str, output: OutputFile, total: int) -> None:
        if self._failed.is_set() or self._job.interrupted():
            raise Cancelled
        path = names.below(self._folder, name)
        part = path.with_name(f"{path.name}{_part_mark(self._job.record)}")
        self._make_room(part.parent)
        sums = PngSums()
        with naming(part):
            size = get_file(
                output.url,
                part,
                on_block=sums.take,
                should_stop=lambda: self._failed.is_set() or self._job.interrupted(),
                allow_local=self._allow_local,
                timeout=self._timeout,
                limit=MAX_IMAGE_BYTES if output.kind in ("frame", "compositeNode") else None,
                self_delimiting=integrity.is_self_delimiting(path.suffix),
            )
        reason = integrity.broken(part, path.suffix, sums)
        if reason:
            part.unlink()
            raise Broken(name, reason)
        self._put(part, path, name)
        self._count(path, name, size, total)

    def _put(self, part: Path, path: Path, name: str) -> None:
        """Give a whole file its name. What this job has not written is replaced only where the
        artist said so; a file that was written as the worker was killed is the job's own."""
        record = self._job.record
        if name in record.files or record.overwrite:
            part.replace(path)
        elif not put_new(part, path):
            same = path.is_file() and not path.is_symlink() and filecmp.cmp(part, path, False)
            part.unlink()
            if not same:
                raise Occupied(name)

    def _make_room(self, folder: Path) -> None:
        """The folder for a file. Links that somebody has put there would lead it elsewhere."""
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        if folder != self._folder and not folder.resolve().is_relative_to(self._folder.resolve()):
            raise OSError(errno.ELOOP, "It leads out of the job's folder", str(folder))

    def _count(self, path: Path, name: str, size: int, total: int) -> None:
        with self._lock:
            self._done += 1
            self._renamed_in.add(path.parent)
            self._job.file_done(name, size)
            now = time.monotonic()
            if now - self._saved > SECONDS_BETWEEN_SAVES:
                self._saved = now
                self._write_down()
            self._job.show(self._done, total, "files")

    def _write_down(self) -> None:
        """Let the record name what has come. A power cut afterwards must not take that away, and a
        disk that turns takes longer for a folder than for a small frame: once for many of them."""
        for folder in self._renamed_in:
            with contextlib.suppress(FileNotFoundError):  # taken away: its files will be missed
                sync_folder(folder)
        self._renamed_in.clear()
        self._job.update()


def placed(record: Record, outputs: Sequence[OutputFile]) -> dict[str, OutputFile]:
    """The outputs by their names below the job's folder. Raises OSError where none would fit."""
    return dict(zip(names.places(outputs, room_below(record.output)), outputs, strict=True))


def have(record: Record, name: str) -> bool:
    """Whether the job has brought the file already and it is still there, whole."""
    size = record.files.get(name)
    path = Path(record.output) / name
    return size is not None and path.is_file() and path.stat().st_size == size


def remove_parts(record: Record) -> None:
    """Take away the beginnings of files that an ended job has left. Others' files stay."""
    output = Path(record.output)
    for folder in {output, *((output / name).parent for name in record.files)}:
        for part in folder.glob(f"*{_part_mark(record)}*"):
            with contextlib.suppress(OSError):
                part.unlink()


def _part_mark(record: Record) -> str:
    """What ends the name of an unfinished file: two jobs may share a folder."""
    return f".{record.id}.part"


class Occupied(Exception):
    """Another's file has the name of one of the job's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was there before and is not this job's: it was not replaced.")


class Broken(ApiError):
    """A file that came, and not as the farm wrote it, or that the farm wrote so."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            fields.NETWORK,
            f"{name} arrived broken: {reason}.",
            "It is fetched again by itself; if that does not help, tell Renderjuice.",
        )
