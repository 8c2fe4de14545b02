"""A job while this worker runs it: its record, what moves, and its interruption."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..jobs import record as rec
from ..jobs.record import Problem, Record
from ..jobs.snapshot import Live
from ..jobs.store import Store
from ..system.cancellation import Cancelled
from .eta import Pace


class Job:
    """One job and its thread's mailbox. `tell` is called after every change."""

    def __init__(self, record: Record, store: Store, tell: Callable[["Job"], None]) -> None:
        self.record = record
        self.live = Live()
        self.stopping = False
        self.elsewhere = False
        self.refusals = 0
        """How many answers in a row said no to what the farm should know."""
        self.spoiled: Counter[str] = Counter()
        """How many passes of a download did not get a file, by its name."""
        self._store = store
        self._tell = tell
        self._lock = threading.RLock()
        self._mail = threading.Event()
        self._unsaved = False
        self._measured = Measured()

    # -- the record -----------------------------------------------------------------------------

    def update(self, **changes: Any) -> None:
        """Change the record, on disk first, then for all to see. Raises OSError."""
        with self._lock:
            for name, value in changes.items():
                setattr(self.record, name, value)
            self._unsaved = True
            self._store.save(self.record)
            self._unsaved = False
        self._tell(self)

    def settle(self) -> None:
        """Write down what a full disk did not take, before anything else is done for the job.

        A worker that went on would render what no record knows, and the next one would do so again.
        Raises OSError.
        """
        if self._unsaved:
            self.update()

    @property
    def over(self) -> bool:
        """Whether the job has ended, on disk too."""
        return self.record.ended and not self._unsaved

    def enter(self, stage: str, *, error: Problem | None = None, **changes: Any) -> None:
        """Go on to `stage`; whatever the job was waiting for is over."""
        self.live = Live()
        self._measured = Measured()
        self.refusals = 0
        self.spoiled.clear()
        history = [*self.record.history, [stage, rec.timestamp()]]
        self.update(stage=stage, history=history, waiting=False, error=error, **changes)

    def fail(self, problem: Problem) -> None:
        """End the job and say why."""
        self.enter(rec.FAILED, error=problem)

    def hold(self, problem: Problem) -> None:
        """Stay in this stage, say why, and go on when the reason is gone."""
        if not self.record.waiting or self.record.error != problem:
            self.update(waiting=True, error=problem)

    def go_on(self) -> None:
        """The reason to wait is gone."""
        if self.record.waiting:
            self.update(waiting=False, error=None)

    def note(self, text: str) -> None:
        """Say something that the artist should know and need not act on."""
        if text not in self.record.notes:
            self.update(notes=[*self.record.notes, text])

    def brought(self, name: str, size: int) -> None:
        """A file of `size` bytes is complete. The next `update` writes it down: a crash before
        it costs one more download of a few files, a write for each of 10,000 costs more."""
        with self._lock:
            self.record.files[name] = size
            self._measured.bytes += size

    def request_cancel(self) -> None:
        """Write the wish to cancel into the record, then interrupt what is going on."""
        self.update(cancel_requested=True)
        self.wake()

    # -- what moves -----------------------------------------------------------------------------

    def announce(self) -> None:
        """Show the job as it is, without a change on disk."""
        self._tell(self)

    def show(self, done: int, total: int, unit: str, fraction: float | None = None) -> None:
        """Show how far the present stage is."""
        rendering = self.record.stage == rec.RENDERING and unit == "frames"
        if not rendering or self.record.farm.status == "rendering":  # before, machines start
            self._measured.saw(done, unit, fraction)
        self.live = Live(done, total, unit, fraction=fraction)
        self.live.rate, self.live.left = self._measured.speed(unit), self._measured.left(self.live)
        self._tell(self)

    def show_step(self, step: str) -> None:
        """Show what is being done where nothing can be counted."""
        self.live = Live(step=step)
        self._tell(self)

    # -- interruption ---------------------------------------------------------------------------

    def stop(self) -> None:
        """The worker ends: leave the job for the next one."""
        self.stopping = True
        self.wake()

    def wake(self) -> None:
        """Something has come that the job's thread should look at."""
        self._mail.set()

    def interrupted(self) -> bool:
        """Whether the present step should end."""
        stage = self.record.stage
        canceled = self.record.cancel_requested and not (
            stage == rec.CANCELING or self.record.ended
        )
        return self.stopping or canceled

    def check(self) -> None:
        """Raise Cancelled where the present step should end."""
        if self.interrupted():
            raise Cancelled

    def pause(self, seconds: float | None) -> None:
        """Wait until something comes, at most `seconds`. Raises Cancelled."""
        self.check()
        self._mail.wait(seconds)
        self._mail.clear()
        self.check()


class Measured:
    """What the present stage has done so far, and how fast. `bytes` are those of whole files."""

    def __init__(self) -> None:
        self.bytes = 0
        self._rate = Rate()
        self._rate_now = 0.0
        self._paces: dict[str, Pace] = {}

    def saw(self, done: int, unit: str, fraction: float | None) -> None:
        """So many units are done, or such a part where the farm counts no units."""
        if unit == "frames":
            self._pace(unit).saw(done, time.monotonic())
            self._pace("percent").saw(100 * (fraction or 0.0), time.monotonic())
        else:
            self._pace(unit).saw(done, time.monotonic())
            self._rate_now = self._rate.of(done if unit == "bytes" else self.bytes)

    def speed(self, unit: str) -> float:
        """Bytes a second; 0 where nothing is transferred."""
        return 0.0 if unit == "frames" else self._rate_now

    def left(self, live: Live) -> float | None:
        """Seconds until all of it is done; None while nothing is measured."""
        now = time.monotonic()
        if live.total:
            left = self._pace(live.unit).left(live.total, now)
        else:
            left = self._pace("percent").left(100, now) if live.fraction else None
        return None if left is None else round(left, 1)

    def _pace(self, unit: str) -> Pace:
        return self._paces.setdefault(unit, Pace())


class Rate:
    """Units a second over the last seconds."""

    WINDOW = 5.0

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def of(self, done: int) -> float:
        """The rate, now that `done` units are done."""
        now = time.monotonic()
        if not self._seen or now - self._seen[-1][0] >= 0.25:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.WINDOW:
            self._seen.pop(0)
        first, before = self._seen[0]
        return max(0.0, (done - before) / (now - first)) if now > first else 0.0
