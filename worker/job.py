"""Defines RunningJob, a job in this worker: its record, its progress, and its interruption."""

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..api.output_file import OutputFile
from ..jobs import record as rec
from ..jobs.record import Problem, Record, Stage
from ..jobs.snapshot import LiveProgress
from ..jobs.store import Store
from ..system.cancellation import Cancelled
from ..system.locks import Lock
from .eta import Measured

logger = logging.getLogger(__name__)


class Purpose(StrEnum):
    """Why a job runs: the command that started it."""

    SUBMIT = "submit"
    RESUME = "resume"
    RETRY = "retry"
    CLAIM = "claim"
    WAIT = "wait"
    DOWNLOAD = "download"
    CANCEL = "cancel"


MAY_BEGIN = frozenset({Purpose.SUBMIT, Purpose.RESUME, Purpose.RETRY, Purpose.CLAIM})
"""Purposes that permit to start the render."""
SECONDS_BETWEEN_CHECKS = 1.0
"""Seconds between checks for a cancel request of another process on disk."""


class RunningJob:
    """One job, and the event that wakes its thread. `on_change` is called after every change."""

    def __init__(
        self,
        record: Record,
        store: Store,
        on_change: Callable[["RunningJob"], None],
        purpose: Purpose = Purpose.WAIT,
        output: str = "",
    ) -> None:
        self.record = record
        self.purpose = purpose
        self.output = output
        """A new output folder; "" for the one in the record."""
        self.has_new_purpose = False
        """Whether it was given a purpose that permits more, so that it must run again."""
        self.to_cancel = purpose is Purpose.CANCEL
        """Whether this worker has received a cancel command, kept even if the disk is full."""
        self.lock: Lock | None = None
        """The job's lock, while this worker runs it."""
        self.live = LiveProgress()
        self.stopping = False
        self.elsewhere = False
        """Whether another worker runs the job."""
        self.refusals = 0
        """Consecutive refusals of requests that should succeed."""
        self.failed_attempts: Counter[str] = Counter()
        """Failed passes of a download, by file."""
        self.confirmed: set[str] = set()
        """Files that this stage has verified against the farm's version."""
        self.lacking_since: float | None = None
        """When the farm's list was first incomplete (time.monotonic)."""
        self._store = store
        self._on_change = on_change
        self._lock = threading.RLock()
        self._wakeup = threading.Event()
        self._unsaved = False
        self._measured = Measured()
        self._last_check = float("-inf")

    # -- the record -----------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether this worker still holds the job's lock."""
        return self.lock is not None and self.lock.held

    @property
    def made_here(self) -> bool:
        """Whether the record was made in this state folder."""
        return self._store.made_here(self.record)

    @property
    def state_folder(self) -> Path:
        """The state folder, with the records and the key."""
        return self._store.folder.parent

    def update(self, **changes: Any) -> None:
        """Change the record and save it. Raises OSError; the change is then still in memory."""
        with self._lock:
            for name, value in changes.items():
                setattr(self.record, name, value)
            self._unsaved = True
            self._store.save(self.record)
            self._unsaved = False
        self._on_change(self)

    def flush(self) -> None:
        """Save changes that could not be saved, before anything else is done for the job.

        Otherwise a render could start that no record knows, and the next worker would start it
        again. Raises OSError.
        """
        if self._unsaved:
            self.update()

    @property
    def over(self) -> bool:
        """Whether the job has ended and this is saved."""
        return self.record.ended and not self._unsaved

    def enter(self, stage: Stage, *, error: Problem | None = None, **changes: Any) -> None:
        """Enter `stage`; the job no longer waits. Raises OSError."""
        self.live = LiveProgress()
        self._measured = Measured()
        self.refusals = 0
        self.failed_attempts.clear()
        self.confirmed.clear()
        self.lacking_since = None
        logger.info("%s%s", stage, f": {error.id}: {error.message}" if error else "")
        history = [*self.record.history, [stage, rec.timestamp()]]
        self.update(stage=stage, history=history, waiting=False, error=error, **changes)

    def fail(self, problem: Problem) -> None:
        """End the job with an error."""
        self.enter(Stage.FAILED, error=problem)

    def wait(self, problem: Problem) -> None:
        """Mark the job as waiting, with the reason, until `resume`."""
        if not self.record.waiting or self.record.error != problem:
            logger.info("%s waits: %s: %s", self.record.stage, problem.id, problem.message)
            self.update(waiting=True, error=problem)

    def resume(self) -> None:
        """Clear the waiting mark."""
        if self.record.waiting:
            self.update(waiting=False, error=None)

    def note(self, text: str) -> None:
        """Add a note for the artist that needs no action."""
        if text not in self.record.notes:
            self.update(notes=[*self.record.notes, text])

    def file_done(self, name: str, size: int, output: OutputFile, validator: str) -> None:
        """Add a complete file of `size` bytes to the record, without saving: the next `update`
        saves it. After a crash, a few files are downloaded again."""
        with self._lock:
            self.record.files[name] = size
            self.record.validators[name] = validator
            self.record.sources[name] = output.identity
            if output.kind != "frame" and name not in self.record.others:
                self.record.others.append(name)
            self.confirmed.add(name)
            self._measured.bytes += size

    @property
    def cancel_requested(self) -> bool:
        """Whether there is a cancel request, in this process or on disk."""
        wanted = self.to_cancel or self.record.cancel_requested
        return wanted or self._store.cancel_requested(self.record.id)

    def request_cancel(self) -> None:
        """Interrupt the current step to cancel the job, even if the disk is full.

        Only the holder of the lock saves the record. The request on disk is an empty file, which
        can be created on a full disk, so that the next worker sees it too.
        """
        self.to_cancel = self.record.cancel_requested = True
        self.announce()
        self.wake()
        with contextlib.suppress(OSError):
            self._store.request_cancel(self.record.id)
        with contextlib.suppress(OSError):  # see `flush`
            if self.locked:
                self.update()

    # -- what moves -----------------------------------------------------------------------------

    def announce(self) -> None:
        """Publish the job's state without saving the record."""
        self._on_change(self)

    def show(self, done: int, total: int, unit: str, fraction: float | None = None) -> None:
        """Publish the progress of the current stage."""
        rendering = self.record.stage == Stage.RENDERING and unit == "frames"
        if not rendering or self.record.farm.status == "rendering":  # not while machines boot
            self._measured.measure(done, unit, fraction)
        live = LiveProgress(done, total, unit, fraction=fraction)
        rate, left = self._measured.speed(unit), self._measured.left(live)
        self.live = replace(live, rate=rate, left=left)
        self._on_change(self)

    def show_step(self, step: str) -> None:
        """Publish the current step of a stage without a count."""
        self.live = LiveProgress(step=step)
        self._on_change(self)

    # -- interruption ---------------------------------------------------------------------------

    def ask(self, purpose: Purpose) -> None:
        """Give the running job another purpose, if that permits more."""
        if purpose in MAY_BEGIN and (self.purpose not in MAY_BEGIN or purpose is Purpose.CLAIM):
            self.purpose, self.has_new_purpose = purpose, True
        self.wake()

    def stop(self) -> None:
        """Interrupt the job because the worker exits; the next worker resumes it."""
        self.stopping = True
        self.wake()

    def wake(self) -> None:
        """Wake the job's thread from `pause`."""
        self._wakeup.set()

    def interrupted(self) -> bool:
        """Whether the current step should end: the worker stops, or a cancel was requested."""
        if self.record.stage is Stage.CANCELING or self.record.ended:
            return self.stopping
        now = time.monotonic()
        if not self.record.cancel_requested and now - self._last_check > SECONDS_BETWEEN_CHECKS:
            self._last_check = now
            self.record.cancel_requested = self.cancel_requested
        return self.stopping or self.record.cancel_requested

    def check(self) -> None:
        """Raise Cancelled if the current step should end."""
        if self.interrupted():
            raise Cancelled

    def pause(self, seconds: float | None) -> None:
        """Wait for `wake`, at most `seconds` if not None. Raises Cancelled."""
        end = float("inf") if seconds is None else time.monotonic() + seconds
        self.check()
        while not self._wakeup.wait(min(end - time.monotonic(), SECONDS_BETWEEN_CHECKS)):
            self.check()
            if time.monotonic() >= end:
                return
        self._wakeup.clear()
        self.check()
