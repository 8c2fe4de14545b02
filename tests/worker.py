"""Runs a worker process without Blender; jobs begin with a package that is ready to upload."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from renderjuice.jobs import codec
from renderjuice.jobs import record as rec
from renderjuice.jobs.protocol import Command, Jobs, ReceivedEvent, WorkerConfig
from renderjuice.jobs.record import Record, Stage
from renderjuice.jobs.snapshot import JobSnapshot
from renderjuice.jobs.store import Store
from renderjuice.jobs.worker_events import Idle, Reply
from renderjuice.packing.manifest import Package
from renderjuice.session.worker_process import Link
from renderjuice.system import scratch

T = TypeVar("T")


class Worker:
    """One worker process and the events that it has sent."""

    def __init__(
        self,
        state: Path,
        api_url: str,
        key: str,
        time_scale: float = 1.0,
        python: tuple[str, ...] = (sys.executable, "-I"),
        site_packages: str = "",
        on_end: str = "",
    ) -> None:
        config = WorkerConfig(site_packages, str(state), key, api_url, 4, time_scale, on_end)
        self.state = state
        self.link = Link([*python], config, state / "worker.log")
        self.events: list[ReceivedEvent] = []

    def send(self, command: Command) -> int:
        return self.link.send(command)

    def wait(self, true: Callable[[], Any], seconds: float = 60) -> Any:
        """Receive events until `true()` returns a true value, and return that value."""
        end = time.monotonic() + seconds
        while not (value := true()):
            if time.monotonic() > end:
                log = (self.state / "worker.log").read_text(encoding="utf-8")
                raise AssertionError(f"not within {seconds} s; last: {self.events[-3:]}\n{log}")
            self.link.wait(0.05)
            self.events += self.link.receive()
        return value

    def idle(self, number: int, seconds: float = 60) -> None:
        """Wait until the worker has nothing left to do after command `number`."""
        self.wait(lambda: Idle(number) in self.events, seconds)

    def reply(self, number: int) -> Reply:
        def found() -> Reply | None:
            return next((one for one in self.all(Reply) if one.number == number), None)

        reply: Reply = self.wait(found)
        return reply

    def all(self, kind: type[T]) -> list[T]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def all_said(self) -> str:
        """All received events, as JSON text."""
        return json.dumps([codec.plain(event) for event in self.events])

    def snapshot(self, job_id: str) -> JobSnapshot:
        """The latest state of a job; an empty one until the first arrives."""
        return next(reversed(self._snapshots(job_id)), JobSnapshot(job_id))

    def stages(self, job_id: str) -> list[str]:
        """The stages of a job in order, without consecutive repeats."""
        stages = [job.stage for job in self._snapshots(job_id)]
        return [s for number, s in enumerate(stages) if number == 0 or s != stages[number - 1]]

    def _snapshots(self, job_id: str) -> list[JobSnapshot]:
        return [job for event in self.all(Jobs) for job in event.jobs if job.id == job_id]

    def kill(self) -> None:
        """Kill the process, as a crash would end it."""
        self.link.kill()
        self.link.close()


@contextlib.contextmanager
def working(
    state: Path, farm: Any, key: str | None = None, time_scale: float = 1.0
) -> Iterator[Worker]:
    """Run a worker until the block ends."""
    worker = Worker(state, farm.api_url, farm.key if key is None else key, time_scale)
    try:
        yield worker
    finally:
        worker.link.close()


def ready_job(state: Path, frames: int = 3, *, size: int = 10_000, **changes: Any) -> Record:
    """Make a job whose package is already written, and save its record in `state`."""
    store = Store(state)
    record = rec.new("test", store.origin, str(state / "frames"))
    package = state / "scratch" / record.id / "test.blend"
    scratch.make(package.parent)
    package.write_bytes(b"BLENDER-v402" + os.urandom(size))
    record.stage = Stage.UPLOADING
    record.scratch = str(package.parent)
    record.package = Package(str(package), "blend", package.stat().st_size, 1)
    record.config = {"colorManagementPreset": "default", "frameRanges": [f"1-{frames}"]}
    record.frames = [[1, frames]]
    for name, value in changes.items():
        setattr(record, name, value)
    store.save(record)
    return record
