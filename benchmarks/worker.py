"""The worker process: how soon it speaks, what it takes, and how often it asks the farm.

    .venv/bin/python -m benchmarks.worker

Against the local farm, over HTTP. Requests are counted with every wait a tenth as long (`pace`):
for six minutes that take 36 seconds, after jobs have rendered for two and a half.
"""

from __future__ import annotations

import runpy
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import ROOT, Measure, report

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "standalone.py"))["provide"]()

from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store

from tests.farm.running import Farm, running_farm
from tests.worker import Worker, ready_job, working

RUNNING = (1, 10, 50, 200)
PACE = 0.1
SETTLED, WATCHED = 15.0, 36.0
"""Seconds until the farm is asked at its slow pace, and seconds of counting."""
SLOW = 30.0  # the longest pause between two questions


def main() -> None:
    """Measure all and say it."""
    measures = [*start(), *many_jobs(), *many_frames(), *polling(), *frames_come()]
    report("worker", [], measures)


def start() -> list[Measure]:
    """From the process to its first message, and what it then holds."""
    with tempfile.TemporaryDirectory() as folder, running_farm(renderer="pattern") as farm:
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            with working(Path(folder), farm) as worker:
                worker.idle(worker.tell(do="resume"))
                took.append((time.perf_counter() - begun) * 1000)
                memory = megabytes(worker)
        return [
            Measure("start to first message", sorted(took)[2], "ms", None),
            Measure("memory without jobs", memory, "MiB", None),
        ]


def many_jobs() -> list[Measure]:
    """500 jobs that are over."""
    with tempfile.TemporaryDirectory() as folder, running_farm(renderer="pattern") as farm:
        state = Path(folder)
        for number in range(500):
            over(ready_job(state), state, frames=250, title=f"shot_{number}")
        with working(state, farm) as worker:
            worker.idle(worker.tell(do="resume"), 60)
            return [Measure("memory with 500 ended jobs", megabytes(worker), "MiB", None)]


def many_frames() -> list[Measure]:
    """One job that brings 100,000 frames home, all of which are here already but the last."""
    with tempfile.TemporaryDirectory() as folder, running_farm(renderer="pattern") as farm:
        state = Path(folder)
        record = ready_job(state, frames=2)
        record.files = {f"before/{number:06}.png": 1 for number in range(100_000)}
        record.frames = [[1, 2]]
        Store(state).save(record)
        with working(state, farm) as worker:
            number = worker.tell(do="start", job=record.id)
            peak = 0.0
            while not any(message.get("idle") == number for message in worker.said):
                worker.link.wait(0.05)
                worker.said += worker.link.receive()
                peak = max(peak, megabytes(worker))
            return [Measure("memory with 100,000 frames in one job", peak, "MiB", None)]


def over(record: rec.Record, state: Path, *, frames: int, title: str) -> None:
    """Let a job have ended with its frames here."""
    record.stage, record.title, record.package = rec.FINISHED, title, None
    record.frames = [[1, frames]]
    record.files = {f"{number:04}.png": 1 for number in range(1, frames + 1)}
    Store(state).save(record)


def polling() -> list[Measure]:
    """Requests an hour while many jobs render and nothing changes."""
    return [polled(count) for count in RUNNING]


def polled(count: int) -> Measure:
    """The same for so many jobs."""
    with tempfile.TemporaryDirectory() as folder, running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=3600.0)
        state = Path(folder)
        records = [ready_job(state, frames=2, size=1000) for _ in range(count)]
        with working(state, farm, pace=PACE) as worker:
            for record in records:
                worker.tell(do="start", job=record.id)
            hear(worker, lambda: farm.renders() == count, 300)
            hear(worker, lambda: False, SETTLED)
            before = requests(farm)
            hear(worker, lambda: False, WATCHED)
            per_hour = (requests(farm) - before) * 3600 * PACE / WATCHED
    pages = max(1, -(-count // 50))
    most = (pages + 1) * 3600 / (SLOW * 0.6)  # a listing and the counters, at that pace or so
    return Measure(f"requests an hour, {count} running", per_hour, "", most)


def frames_come() -> list[Measure]:
    """From the farm's word that the job is complete to the last of 100 frames on the disk."""
    with tempfile.TemporaryDirectory() as folder, running_farm(renderer="pattern") as farm:
        state = Path(folder)
        record = ready_job(state, frames=100)
        with working(state, farm) as worker:
            number = worker.tell(do="start", job=record.id)
            hear(worker, lambda: farm.jobs() and farm.jobs()[0]["status"] == "completed", 120)
            begun = time.perf_counter()
            worker.idle(number, 120)
            took = time.perf_counter() - begun
        assert len(Store(state).load(record.id).files) == 100
        return [Measure("completed to the last of 100 frames", took, "s", SLOW)]


def hear(worker: Worker, true: Callable[[], object], seconds: float) -> None:
    """Hear the worker until something is true, or for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not true():
        worker.link.wait(0.2)
        worker.said += worker.link.receive()


def requests(farm: Farm) -> int:
    """What the farm's API was asked so far."""
    return len(farm.log(kind="request"))


def megabytes(worker: Worker) -> float:
    """What a worker holds in memory."""
    status = Path(f"/proc/{worker.link.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
