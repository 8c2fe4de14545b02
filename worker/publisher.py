"""Writes events to Blender from a thread, so that no transfer waits for a busy Blender.

Start: the constructor starts the thread. Steady state: it writes queued events, and the changes of
jobs since their last snapshot, at most every SECONDS_BETWEEN_WRITES. End: `close` flushes, or the
pipe is broken.
"""

import threading
from typing import IO

from ..jobs.protocol import Event, encode
from ..jobs.snapshot import JobChange, JobSnapshot, change, snapshot
from ..jobs.worker_events import JobChanges
from .job import RunningJob

SECONDS_BETWEEN_WRITES = 0.1
SECONDS_TO_QUIT = 0.3


class Publisher:
    """Queues events and changed jobs, and writes them."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._changed: dict[str, RunningJob] = {}
        self._published: dict[str, JobSnapshot] = {}
        self._events: list[Event] = []
        self._condition = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="publisher", daemon=True)
        self._thread.start()

    def mark_changed(self, job: RunningJob) -> None:
        """Queue the job: its newest state is written soon."""
        with self._condition:
            self._changed[job.record.id] = job
            self._condition.notify()

    def send(self, event: Event) -> None:
        """Queue an event, after the current changes of jobs. It is never dropped."""
        with self._condition:
            if self._changed:
                self._events.append(self._changes())
            self._events.append(event)
            self._condition.notify()

    def close(self) -> None:
        """Write what is queued, within SECONDS_TO_QUIT."""
        self._closing.set()
        with self._condition:
            self._condition.notify()
        self._thread.join(SECONDS_TO_QUIT)

    def _changes(self) -> JobChanges:
        jobs = list(self._changed.values())
        self._changed.clear()
        return JobChanges(tuple(self._change(job) for job in jobs))

    def _change(self, job: RunningJob) -> JobChange:
        now = snapshot(job.record, job.live, elsewhere=job.elsewhere, foreign=not job.made_here)
        before = self._published.get(now.id)
        self._published[now.id] = now
        return change(before, now)

    def _write(self) -> None:
        while True:
            with self._condition:
                while not self._changed and not self._events:
                    if self._closing.is_set():
                        return
                    self._condition.wait()
                events, self._events = self._events, []
                if self._changed:
                    events.append(self._changes())
            try:
                for event in events:
                    self._pipe.write(encode(event))
                self._pipe.flush()
            except OSError:
                return  # Blender is gone; stdin ends too
            self._closing.wait(SECONDS_BETWEEN_WRITES)
