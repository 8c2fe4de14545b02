"""Bringing the farm's outputs home: each file is absent or complete, never half."""

import contextlib
import errno
import filecmp
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from ..api.download import Version, get_file, get_version
from ..api.errors import ApiError
from ..api.output_file import OutputFile
from ..api.transport import Timeout
from ..frames import integrity, names
from ..frames.formats.png import PngChecksums
from ..jobs import claim
from ..jobs.record import Record
from ..system import sharing
from ..system.cancellation import Cancelled
from ..system.files import fsync_folder, naming_errors, rename_exclusive
from ..system.names import max_path_below
from ..system.sharing import InUse
from .faults import Broken, Faults, FileInUse, Pending, answered
from .job import RunningJob

SECONDS_BETWEEN_SAVES = 1.0
MAX_IMAGE_BYTES = 64 * 1024**3
"""Of the most pixels that Blender renders, 65,536 by 65,536, four floats each."""
MAX_PASSES = 6
"""A file that so many passes, more than a minute, did not get is named as missing."""
MAX_UNCLEAR_PASSES = 10
"""And so many, a quarter of an hour, where the storage answers and gives no file at all."""


class Download:
    """One pass over the outputs of one job, several at a time.

    `final` where the farm has completed the job: what is here already is compared with what the
    farm has now, and what does not come is given up one day.
    """

    def __init__(
        self,
        job: RunningJob,
        transfers: ThreadPoolExecutor,
        *,
        allow_local: bool,
        timeout: Timeout,
        final: bool = True,
    ) -> None:
        self._job = job
        self._transfers = transfers
        self._allow_local = allow_local
        self._timeout = timeout
        self._final = final
        self._folder = Path(job.record.output)
        self._named: dict[str, OutputFile] = {}
        self._present: set[str] = set()
        self._lock = threading.Lock()
        self._saved = time.monotonic()
        self._renamed_in: set[Path] = set()
        self._done = 0
        self._stop_starting = False
        """Whether no further transfer is to begin."""
        self._ending = threading.Event()
        self._grown: set[str] = set()
        """Files of which more is here than before, and not all."""
        self.faults = Faults()
        self.lost: dict[str, str] = {}
        """Why an output cannot be had, by its name. The others came home."""

    def run(self, outputs: Sequence[OutputFile]) -> None:
        """Fetch what is not there yet; what came is kept, and `faults` has what did not.

        Raises OSError, Cancelled, and Claimed where the folder is another job's.
        """
        claim.take(self._folder, claim.of(self._job.record))
        self._named = by_place(self._job.record, outputs)
        self._present = {name for name in self._named if is_downloaded(self._job.record, name)}
        todo = [name for name in self._named if name not in self._present]
        todo.sort(key=lambda name: self._job.failed_attempts[name])
        self._reserve(todo)
        self._done = len(self._present)
        self._job.show(self._done, len(self._named), "files")
        to_verify = self._present - self._job.confirmed if self._final else ()
        futures = [self._transfers.submit(self._download_one, name) for name in (*todo, *to_verify)]
        try:
            for future in futures:
                future.result()
        finally:
            self._ending.set()
            for future in futures:
                future.cancel()
            wait(futures)
            self._save()
        self._job.check()

    def _reserve(self, names: Sequence[str]) -> None:
        """Let the record say whose the places are before there is anything in them."""
        sources = {name: self._named[name].identity for name in names}
        if not sources.items() <= self._job.record.sources.items():
            self._job.update(sources={**self._job.record.sources, **sources})

    def judge(self) -> None:
        """Give up what came often enough to nothing; raise ApiError for what may come yet."""
        if self.faults.unclear:
            self.faults.proven = self._storage_works()
        yet = []
        for name, error in self.faults.errors.items():
            if name in self._grown:
                self._job.failed_attempts[name] = 0
            elif self.faults.counts(name):
                self._job.failed_attempts[name] += 1
            limit = MAX_PASSES if self.faults.is_own(name) else MAX_UNCLEAR_PASSES
            if self._job.failed_attempts[name] < limit:
                yet.append(error)
            elif not is_downloaded(self._job.record, name):
                self.lost[name] = f"{name}: {error.message}"
        if yet or self._has_pending():
            errors = yet or self.faults.errors.values()
            raise Pending(max(errors, key=lambda e: (e.retry_after or 0, not answered(e))))

    def _has_pending(self) -> bool:
        """Whether the pass has ended before all had their turn."""
        known = self.faults.errors.keys() | self.lost.keys()
        pending = self._named.keys() - known if self._stop_starting else ()
        tried = self._job.failed_attempts
        return any(
            tried[name] < MAX_UNCLEAR_PASSES and not is_downloaded(self._job.record, name)
            for name in pending
        )

    def _storage_works(self) -> bool:
        """Whether the storage gives one of the files that are here."""
        for name, output in self._named.items():
            if name not in self.faults.errors and is_downloaded(self._job.record, name):
                with contextlib.suppress(ApiError):
                    self._version(output)
                    return True
                return False
        return False

    def _download_one(self, name: str) -> None:
        """Fetch one file, or look whether it is the farm's; it must not keep the others back."""
        if self._stop_starting or self._ending.is_set() or self._job.interrupted():
            return
        number = self.faults.begin()
        part = self._part(name)
        before = _size(part)
        try:
            if not self._is_current(name):
                self._fetch(name, part)
            self.faults.record_success(number)
        except Cancelled:
            pass
        except NameTaken as error:
            self.lost[name] = str(error)
        except ApiError as error:
            if _size(part) > before:
                self._grown.add(name)
            if self.faults.record_failure(name, number, error):
                self._stop_starting = True

    def _is_current(self, name: str) -> bool:
        """Whether what is here is what the farm has: it may have rendered it once more."""
        record, output = self._job.record, self._named[name]
        if not is_downloaded(record, name):
            return False
        told = record.sources.get(name, output.identity)
        if not self._version(output).is_same(
            record.files[name],
            record.validators.get(name, ""),
            trust_length=told == output.identity,
        ):
            return False
        self._job.confirmed.add(name)
        return True

    def _version(self, output: OutputFile) -> Version:
        return get_version(output.url, allow_local=self._allow_local, timeout=self._timeout)

    def _part(self, name: str) -> Path:
        path = names.below(self._folder, name)
        return path.with_name(f"{path.name}{_part_suffix(self._job.record)}")

    def _fetch(self, name: str, part: Path) -> None:
        path, output = names.below(self._folder, name), self._named[name]
        self._make_folder(part.parent)
        sums = PngChecksums()
        with naming_errors(part):
            got = get_file(
                output.url,
                part,
                on_block=sums.update,
                should_stop=lambda: self._ending.is_set() or self._job.interrupted(),
                allow_local=self._allow_local,
                timeout=self._timeout,
                limit=MAX_IMAGE_BYTES if output.kind in ("frame", "compositeNode") else None,
                self_delimiting=integrity.is_self_delimiting(path.suffix),
            )
        try:
            reason = sharing.retry(lambda: integrity.broken(part, path.suffix, sums), part)
            if reason:
                sharing.remove(part)
                raise Broken(name, reason)
            self._rename(part, path, name)
        except InUse as error:
            raise FileInUse(path) from error
        self._record_file(path, name, got)

    def _rename(self, part: Path, path: Path, name: str) -> None:
        """Give a whole file its name. What this job has not written is replaced only where the
        artist said so; a file that was written as the worker was killed is the job's own."""
        record = self._job.record
        if name in record.files or record.overwrite:
            sharing.replace(part, path)
        elif not rename_exclusive(part, path):
            same = path.is_file() and not path.is_symlink() and filecmp.cmp(part, path, False)
            part.unlink()
            if not same:
                raise NameTaken(name)

    def _make_folder(self, folder: Path) -> None:
        """The folder for a file. Links that somebody has put there would lead it elsewhere."""
        if folder != self._folder:
            existing = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
            if not existing.resolve().is_relative_to(self._folder.resolve()):
                raise OSError(errno.ELOOP, "It leads out of the job's folder", str(folder))
        folder.mkdir(parents=True, exist_ok=True)

    def _record_file(self, path: Path, name: str, got: Version) -> None:
        with self._lock:
            self._done += name not in self._present
            self._renamed_in.add(path.parent)
            self._job.file_done(name, got.length or 0, self._named[name], got.validator)
            now = time.monotonic()
            if now - self._saved > SECONDS_BETWEEN_SAVES:
                self._saved = now
                self._save()
            self._job.show(self._done, len(self._named), "files")

    def _save(self) -> None:
        """Let the record name what has come. A power cut afterwards must not take that away, and a
        disk that turns takes longer for a folder than for a small frame: once for many of them."""
        for folder in self._renamed_in:
            with contextlib.suppress(FileNotFoundError):  # taken away: its files will be missed
                fsync_folder(folder)
        self._renamed_in.clear()
        self._job.update()


def by_place(record: Record, outputs: Sequence[OutputFile]) -> dict[str, OutputFile]:
    """The outputs by their names below the job's folder. Raises OSError where none would fit."""
    return names.places(outputs, max_path_below(record.output), record.sources)


def is_downloaded(record: Record, name: str) -> bool:
    """Whether the job has brought the file already and it is still there, whole."""
    size = record.files.get(name)
    path = names.below(Path(record.output), name)
    return size is not None and path.is_file() and path.stat().st_size == size


def remove_partial_files(record: Record) -> None:
    """Take away the beginnings of files that an ended job has left. Others' files stay."""
    output = Path(record.output)
    folders = {output}
    for name in {*record.files, *record.sources}:
        with contextlib.suppress(AssertionError):  # nothing that this version has written
            folders.add(names.below(output, name).parent)
    for folder in folders:
        for part in folder.glob(f"*{_part_suffix(record)}*"):
            with contextlib.suppress(OSError):
                part.unlink()


def _size(part: Path) -> int:
    """How much of a file is here, in bytes."""
    try:
        return part.lstat().st_size
    except OSError:
        return 0


def _part_suffix(record: Record) -> str:
    """What ends the name of an unfinished file: two jobs may share a folder."""
    return f".{record.id}.part"


class NameTaken(Exception):
    """Another's file has the name of one of the job's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was there before and is not this job's: it was not replaced.")
