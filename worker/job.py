"""A job while this worker runs it: its record, what moves, and how it is interrupted."""

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
    """Why a job is run: what the artist, or the start of Blender, has asked for."""

    SUBMIT = "submit"
    RESUME = "resume"
    RETRY = "retry"
    CLAIM = "claim"
    WAIT = "wait"
    DOWNLOAD = "download"
    CANCEL = "cancel"


MAY_BEGIN = frozenset({Purpose.SUBMIT, Purpose.RESUME, Purpose.RETRY, Purpose.CLAIM})
"""Purposes for which a render may be started that has not been."""
SECONDS_BETWEEN_CHECKS = 1.0
"""How often the disk is asked whether another process wants the job canceled."""


class RunningJob:
    """One job and its thread's mailbox. `on_change` is called after every change."""

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
        """A folder for its frames that is new; "" for the one in the record."""
        self.has_new_purpose = False
        """Whether it was given a purpose that allows more, perhaps after it was refused."""
        self.to_cancel = purpose is Purpose.CANCEL
        """Whether this worker was told to cancel it, which a full disk does not take away."""
        self.lock: Lock | None = None
        """What makes this worker the one that runs the job."""
        self.live = LiveProgress()
        self.stopping = False
        self.elsewhere = False
        """Whether another worker runs the job."""
        self.refusals = 0
        """How many answers in a row said no to what the farm should know."""
        self.failed_attempts: Counter[str] = Counter()
        """How many passes of a download did not get a file, by its name."""
        self.confirmed: set[str] = set()
        """The files of which this stage knows that the farm has no other version."""
        self.lacking_since: float | None = None
        """When the farm's list first lacked frames of this job; a time of time.monotonic."""
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
        """Whether this worker still is the one that runs the job."""
        return self.lock is not None and self.lock.held

    @property
    def made_here(self) -> bool:
        """Whether the record was made in this state folder."""
        return self._store.made_here(self.record)

    @property
    def state_folder(self) -> Path:
        """Where the job's record is kept, and the key."""
        return self._store.folder.parent

    def update(self, **changes: Any) -> None:
        """Change the record, on disk first, then for all to see. Raises OSError."""
        with self._lock:
            for name, value in changes.items():
                setattr(self.record, name, value)
            self._unsaved = True
            self._store.save(self.record)
            self._unsaved = False
        self._on_change(self)

    def flush(self) -> None:
        """Write what a full disk did not take, before anything else is done for the job.

        A worker that went on would render what no record knows, and the next one would do so again.
        Raises OSError.
        """
        if self._unsaved:
            self.update()

    @property
    def over(self) -> bool:
        """Whether the job has ended, on disk too."""
        return self.record.ended and not self._unsaved

    def enter(self, stage: Stage, *, error: Problem | None = None, **changes: Any) -> None:
        """Go on to `stage`; whatever the job was waiting for is over."""
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
        """End the job and say why."""
        self.enter(Stage.FAILED, error=problem)

    def wait(self, problem: Problem) -> None:
        """Stay in this stage and say why; `resume` ends it."""
        if not self.record.waiting or self.record.error != problem:
            logger.info("%s waits: %s: %s", self.record.stage, problem.id, problem.message)
            self.update(waiting=True, error=problem)

    def resume(self) -> None:
        """The reason to wait is gone."""
        if self.record.waiting:
            self.update(waiting=False, error=None)

    def note(self, text: str) -> None:
        """Say something that the artist should know and need not act on."""
        if text not in self.record.notes:
            self.update(notes=[*self.record.notes, text])

    def file_done(self, name: str, size: int, output: OutputFile, validator: str) -> None:
        """A file of `size` bytes is complete. The next `update` writes it down: a crash before
        it costs one more download of a few files, a write for each of 10,000 costs more."""
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
        """Whether anybody wants it canceled, in this process or by a word on the disk."""
        wanted = self.to_cancel or self.record.cancel_requested
        return wanted or self._store.cancel_requested(self.record.id)

    def request_cancel(self) -> None:
        """Interrupt what is going on: the job is to be canceled, also where the disk is full.

        Only the holder of the lock writes the record. The file beside it is empty, which a full
        disk still takes: the next worker cancels the job, too.
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
        """Show the job as it is, without a change on disk."""
        self._on_change(self)

    def show(self, done: int, total: int, unit: str, fraction: float | None = None) -> None:
        """Show how far the present stage is."""
        rendering = self.record.stage == Stage.RENDERING and unit == "frames"
        if not rendering or self.record.farm.status == "rendering":  # before, machines start
            self._measured.measure(done, unit, fraction)
        live = LiveProgress(done, total, unit, fraction=fraction)
        rate, left = self._measured.speed(unit), self._measured.left(live)
        self.live = replace(live, rate=rate, left=left)
        self._on_change(self)

    def show_step(self, step: str) -> None:
        """Show what is being done where nothing can be counted."""
        self.live = LiveProgress(step=step)
        self._on_change(self)

    # -- interruption ---------------------------------------------------------------------------

    def ask(self, purpose: Purpose) -> None:
        """Somebody else asks for the job that runs already."""
        if purpose in MAY_BEGIN and (self.purpose not in MAY_BEGIN or purpose is Purpose.CLAIM):
            self.purpose, self.has_new_purpose = purpose, True
        self.wake()

    def stop(self) -> None:
        """The worker ends: leave the job for the next one."""
        self.stopping = True
        self.wake()

    def wake(self) -> None:
        """Something has come that the job's thread should look at."""
        self._wakeup.set()

    def interrupted(self) -> bool:
        """Whether the present step should end."""
        if self.record.stage is Stage.CANCELING or self.record.ended:
            return self.stopping
        now = time.monotonic()
        if not self.record.cancel_requested and now - self._last_check > SECONDS_BETWEEN_CHECKS:
            self._last_check = now
            self.record.cancel_requested = self.cancel_requested
        return self.stopping or self.record.cancel_requested

    def check(self) -> None:
        """Raise Cancelled where the present step should end."""
        if self.interrupted():
            raise Cancelled

    def pause(self, seconds: float | None) -> None:
        """Wait until something comes, at most `seconds`. Raises Cancelled."""
        end = float("inf") if seconds is None else time.monotonic() + seconds
        self.check()
        while not self._wakeup.wait(min(end - time.monotonic(), SECONDS_BETWEEN_CHECKS)):
            self.check()
            if time.monotonic() >= end:
                return
        self._wakeup.clear()
        self.check()
