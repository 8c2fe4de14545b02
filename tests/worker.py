"""A worker without Blender, for tests: jobs begin with a package that is ready to upload."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Record, Stage
from renderjuice.jobs.store import Store
from renderjuice.packing.manifest import Package
from renderjuice.session.worker_process import Link
from renderjuice.system import scratch


class Worker:
    """One worker process and what it has said."""

    def __init__(
        self,
        state: Path,
        api_url: str,
        key: str,
        pace: float = 1.0,
        python: tuple[str, ...] = (sys.executable, "-I"),
        site_packages: str = "",
    ) -> None:
        greeting = {
            "site_packages": site_packages,
            "state": str(state),
            "key": key,
            "api_url": api_url,
            "transfers": 4,
            "pace": pace,
        }
        self.state = state
        self.link = Link([*python], greeting, state / "worker.log")
        self.said: list[dict[str, Any]] = []

    def tell(self, **command: Any) -> int:
        return self.link.send(command)

    def wait(self, true: Callable[[], Any], seconds: float = 30) -> Any:
        """Hear the worker until `true()`; the value it gave."""
        end = time.monotonic() + seconds
        while not (value := true()):
            if time.monotonic() > end:
                log = (self.state / "worker.log").read_text()
                raise AssertionError(f"not within {seconds} s; said last: {self.said[-3:]}\n{log}")
            self.link.wait(0.05)
            self.said += self.link.receive()
        return value

    def idle(self, number: int, seconds: float = 30) -> None:
        """Wait until nothing is left to do of what was told."""
        self.wait(lambda: any(message.get("idle") == number for message in self.said), seconds)

    def reply(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.wait(
            lambda: next((m for m in self.said if m.get("reply") == number), None)
        )
        return found

    def snapshot(self, job_id: str) -> dict[str, Any]:
        """What was last said of a job."""
        said = [job for m in self.said for job in m.get("jobs", ()) if job["id"] == job_id]
        return said[-1] if said else {}

    def stages(self, job_id: str) -> list[str]:
        """The stages that were shown of a job, each once in a row."""
        said = [j["stage"] for m in self.said for j in m.get("jobs", ()) if j["id"] == job_id]
        return [s for number, s in enumerate(said) if number == 0 or s != said[number - 1]]

    def kill(self) -> None:
        """End it as a crash would."""
        os.kill(self.link.pid, signal.SIGKILL)
        self.link.close()


@contextlib.contextmanager
def working(state: Path, farm: Any, key: str | None = None, pace: float = 1.0) -> Iterator[Worker]:
    """A worker that ends with the block."""
    worker = Worker(state, farm.api_url, farm.key if key is None else key, pace)
    try:
        yield worker
    finally:
        worker.link.close()


def ready_job(state: Path, frames: int = 3, *, size: int = 10_000, **changes: Any) -> Record:
    """A job whose package is written: its record stands in `state`."""
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
