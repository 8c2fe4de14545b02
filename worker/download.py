"""Downloads the farm's outputs. A file on disk is either absent or complete.

Start: `Download.run` claims the folder and reserves the paths in the record. Steady state: each
file is downloaded to a `.part` file, checked and renamed. End: the folders are fsynced and the
record is saved; `judge` gives up files that fail repeatedly.
"""

import contextlib
import errno
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
from ..system.files import fsync_folder, naming_errors
from ..system.names import ADDED_BYTES, check_length, max_path_below
from ..system.sharing import InUse
from . import output_folder
from .faults import Broken, Faults, FileInUse, Pending, answered
from .job import RunningJob
from .output_folder import NameTaken

SECONDS_BETWEEN_SAVES = 1.0
MAX_IMAGE_BYTES = 64 * 1024**3
"""The size of Blender's largest image: 65,536 by 65,536 pixels of four floats."""
MAX_PASSES = 6
"""Failed passes, in more than a minute, after which a file is reported as missing."""
MAX_UNCLEAR_PASSES = 10
"""The same, in a quarter of an hour, while the storage delivers no file at all."""


class Download:
    """One pass over the outputs of one job, with parallel transfers.

    `final`: the farm has completed the job. Existing files are then compared with the farm's, and
    files that fail repeatedly are given up.
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
        """Whether to start no more transfers in this pass."""
        self._ending = threading.Event()
        self._grown: set[str] = set()
        """Files that are incomplete but have grown."""
        self.faults = Faults()
        self.lost: dict[str, str] = {}
        """The reasons for files that were given up, by path."""
        self._disk_errors: dict[Path, OSError] = {}
        """Why folders cannot be written, for example because they are read-only."""

    def run(self, outputs: Sequence[OutputFile]) -> None:
        """Download the missing files. Failures are collected in `faults`.

        Raises Cancelled, Claimed if the folder belongs to another job, and OSError: where only some
        folders cannot be written, after the files of the others.
        """
        output_folder.check_project(self._job.record)
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
        if self._disk_errors:
            raise next(iter(self._disk_errors.values()))

    def _reserve(self, names: Sequence[str]) -> None:
        """Save the outputs' identities with their paths before any file is written.

        These are the `names`, and present ones that version 0.1.0 downloaded.
        """
        known = self._job.record.sources
        unknown = (name for name in self._named if name not in known)
        sources = {name: self._named[name].identity for name in (*names, *unknown)}
        if not sources.items() <= self._job.record.sources.items():
            self._job.update(sources={**self._job.record.sources, **sources})

    def judge(self) -> None:
        """Give up files that have failed too often; raise ApiError (Pending) for the others."""
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
        """Whether the pass has ended before every file was tried."""
        known = self.faults.errors.keys() | self.lost.keys()
        pending = self._named.keys() - known if self._stop_starting else ()
        tried = self._job.failed_attempts
        return any(
            tried[name] < MAX_UNCLEAR_PASSES and not is_downloaded(self._job.record, name)
            for name in pending
        )

    def _storage_works(self) -> bool:
        """Whether the storage still delivers a file that was downloaded before."""
        for name, output in self._named.items():
            if name not in self.faults.errors and is_downloaded(self._job.record, name):
                with contextlib.suppress(ApiError):
                    self._version(output)
                    return True
                return False
        return False

    def _download_one(self, name: str) -> None:
        """Download or verify one file. A failure does not affect the others."""
        if self._stop_starting or self._ending.is_set() or self._job.interrupted():
            return
        part = self._part(name)
        if part.parent in self._disk_errors:
            return
        number = self.faults.begin()
        before = _size(part)
        try:
            if not self._is_current(name):
                self._fetch(name, part)
            self.faults.record_success(number)
        except Cancelled:
            pass
        except NameTaken as error:
            self.lost[name] = str(error)
        except OSError as error:
            self._record_disk_error(name, part.parent, error)
        except ApiError as error:
            if _size(part) > before:
                self._grown.add(name)
            if self.faults.record_failure(name, number, error):
                self._stop_starting = True

    def _record_disk_error(self, name: str, folder: Path, error: OSError) -> None:
        """Give up a file whose path cannot be written, or skip the rest of a folder. If the job's
        own folder or the disk cannot be written, the pass ends."""
        if output_folder.is_of_one_path(error) and self._folder.is_dir():
            self.lost[name] = output_folder.why_not(error, name, names.below(self._folder, name))
            return
        self._disk_errors.setdefault(folder, error)
        if folder == self._folder or error.errno in (errno.ENOSPC, errno.EDQUOT):
            self._stop_starting = True
            self._ending.set()

    def _is_current(self, name: str) -> bool:
        """Whether the file on disk is the farm's current version, which may be a new render."""
        record, output = self._job.record, self._named[name]
        if not is_downloaded(record, name):
            return False
        if _is_changed(record, name):
            self._job.note(f"{name} was changed here and is kept.")
            self._job.confirmed.add(name)
            return True
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
        check_length(str(path), ADDED_BYTES)
        output_folder.make_folder(part.parent, self._folder)
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
        exact = self._is_in_format(output, path.suffix)
        try:
            reason = sharing.retry(
                lambda: integrity.broken(part, path.suffix, sums, exact=exact), part
            )
            if reason:
                sharing.remove(part)
                raise Broken(name, reason)
            record = self._job.record
            replace = name in record.files or (record.overwrite and integrity.is_known(path.suffix))
            output_folder.rename(part, path, name, replace=replace)
        except InUse as error:
            raise FileInUse(path) from error
        self._record_file(path, name, got)

    def _is_in_format(self, output: OutputFile, suffix: str) -> bool:
        """Whether the job's file format says that an output is what its suffix says."""
        own = self._job.record.file_format
        return output.kind == "frame" and integrity.is_suffix_of(suffix, own)

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
        """Fsync the folders, then save the record, so that a power failure loses no listed file.
        This is done once for many files, because fsync is slow on hard disks."""
        for folder in self._renamed_in:
            with contextlib.suppress(FileNotFoundError):  # deleted; its files count as missing
                fsync_folder(folder)
        self._renamed_in.clear()
        self._job.update()


def by_place(record: Record, outputs: Sequence[OutputFile]) -> dict[str, OutputFile]:
    """The outputs by path relative to the output folder. Raises OSError if it is too long."""
    return names.places(outputs, max_path_below(record.output), record.sources)


def is_downloaded(record: Record, name: str) -> bool:
    """Whether the file has been downloaded and is still on disk, whole or changed by the artist."""
    size = record.files.get(name)
    path = names.below(Path(record.output), name)
    with contextlib.suppress(OSError):  # what cannot be looked at is fetched, which says why
        if size is not None and path.is_file():
            return path.stat().st_size == size or integrity.broken(path, path.suffix) is None
    return False


def _is_changed(record: Record, name: str) -> bool:
    """Whether the artist has changed a downloaded file, such as a frame that was retouched."""
    path = names.below(Path(record.output), name)
    return is_downloaded(record, name) and _size(path) != record.files[name]


def remove_partial_files(record: Record) -> None:
    """Delete the partial files of an ended job. Files of other jobs stay."""
    output = Path(record.output)
    folders = {output}
    for name in {*record.files, *record.sources}:
        with contextlib.suppress(AssertionError):  # a path that this version does not write
            folders.add(names.below(output, name).parent)
    for folder in folders:
        for part in folder.glob(f"*{_part_suffix(record)}*"):
            with contextlib.suppress(OSError):
                part.unlink()


def _size(part: Path) -> int:
    """The size of a partial file in bytes; 0 if there is none."""
    try:
        return part.lstat().st_size
    except OSError:
        return 0


def _part_suffix(record: Record) -> str:
    """The suffix of the job's partial files; it has the job's id, as jobs may share a folder."""
    return f".{record.id}.part"
