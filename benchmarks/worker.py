"""The worker process: its start time, its memory, and whether it is idle without work.

    .venv/bin/python -m benchmarks.worker [--quick]

Uses the local farm over HTTP. The start is compared with a Python that only imports what a worker
always needs, requests and pydantic. Idle means that no job runs: Blender ends such a worker
immediately; here it is kept for the measurement. Voluntary context switches are those of all its
threads: each time one of them went to sleep, which is as often as it woke.
"""

from __future__ import annotations

import runpy
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import ROOT, Figure, Measure, exponent, options, pairs, report, timed

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.jobs import protocol
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import Farm, running_farm
from tests.worker import Worker, ready_job, working

MAX_MEMORY, MAX_MORE = 64.0, 64.0
"""MiB of a worker without jobs, and in addition with 500 jobs or 100,000 frames."""


def main(count: int, *, quick: bool) -> None:
    """Run all measurements and report them."""
    with running_farm(renderer="pattern") as farm:
        figures = start(farm, count)
        measures = idle(farm, 3.0 if quick else 10.0)
        bare = held(farm, jobs=0, frames=0)
        measures.append(Measure("memory without jobs", bare, "MiB", MAX_MEMORY))
        few, many = (10, 50) if quick else (50, 500)
        by_jobs = {n: held(farm, jobs=n, frames=250) - bare for n in (few, many)}
        by_frames = {n: held_while_run(farm, n * 200) - bare for n in (few, many)}
    for more, what in ((by_jobs, "jobs of 250 frames"), (by_frames, "frames in one job")):
        each = 1 if more is by_jobs else 200
        for n, memory in more.items():
            words = f"memory beside that with {n * each:,} {what}"
            measures.append(Measure(words, max(memory, 0.0), "MiB", MAX_MORE))
    if min(by_frames.values()) > 0:
        grows = exponent({n * 200: memory for n, memory in by_frames.items()})
        measures.append(Measure("exponent of memory against frames", grows, "", 1.1))
    report("worker", figures, measures, quick=quick)


def start(farm: Farm, count: int) -> list[Figure]:
    """Measure the time from process start to the first message, compared with a plain Python."""
    with tempfile.TemporaryDirectory() as folder:

        def ours() -> float:
            begun = time.perf_counter()
            with working(Path(folder), farm) as worker:
                worker.idle(worker.send(protocol.Resume()))
                return time.perf_counter() - begun

        def python(code: str) -> float:
            return timed([sys.executable, "-I", "-c", code])

        peers = {
            "python -I, no import": (lambda: python("pass"), None),
            "python -I, import requests, pydantic": (
                lambda: python("import requests, pydantic; pydantic.BaseModel"),
                None,
            ),
        }
        ours()  # first run: writes the byte code
        return pairs("worker: start to first message", ours, peers, count)


def idle(farm: Farm, seconds: float) -> list[Measure]:
    """Measure how often an idle worker wakes, and its processor time."""
    with tempfile.TemporaryDirectory() as folder, working(Path(folder), farm) as worker:
        worker.idle(worker.send(protocol.Resume()))
        time.sleep(0.5)
        before = switches(worker), cpu(worker)
        time.sleep(seconds)
        woken, computed = switches(worker) - before[0], cpu(worker) - before[1]
    words = f"in {seconds:g} s without a job"
    return [
        Measure(f"voluntary context switches {words}", woken, "", 0),
        Measure(f"CPU time {words}", computed, "s", 0),
    ]


def held(farm: Farm, *, jobs: int, frames: int) -> float:
    """Return the peak memory of a worker with this many ended jobs, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        for number in range(jobs):
            over(ready_job(state, size=1), state, frames=frames, title=f"shot_{number}")
        with working(state, farm) as worker:
            worker.idle(worker.send(protocol.Resume()), 60)
            return megabytes(worker, "VmHWM")


def held_while_run(farm: Farm, frames: int) -> float:
    """Return the peak memory while a job with this many frames, nearly all downloaded, ends."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        record = ready_job(state, frames=2)
        record.files = {f"before/{number:06}.png": 1 for number in range(frames)}
        record.frames = [[1, 2]]
        Store(state).save(record)
        with working(state, farm) as worker:
            worker.idle(worker.send(protocol.Start(record.id)), 120)
            return megabytes(worker, "VmHWM")


def over(record: rec.Record, state: Path, *, frames: int, title: str) -> None:
    """Mark a job as ended, with all frames downloaded."""
    record.stage, record.title, record.package = Stage.FINISHED, title, None
    record.frames = [[1, frames]]
    record.files = {f"{number:04}.png": 1 for number in range(1, frames + 1)}
    Store(state).save(record)


def switches(worker: Worker) -> int:
    """Return how often the worker's threads have gone to sleep."""
    tasks = Path(f"/proc/{worker.link.pid}/task").iterdir()
    return sum(int(status(task / "status", "voluntary_ctxt_switches")) for task in tasks)


def cpu(worker: Worker) -> float:
    """Return the processor seconds of all threads of the worker."""
    tasks = Path(f"/proc/{worker.link.pid}/task").iterdir()
    return (
        sum(int((task / "schedstat").read_text(encoding="utf-8").split()[0]) for task in tasks)
        / 1e9
    )


def megabytes(worker: Worker, what: str) -> float:
    """Return a worker's memory in MiB: current (VmRSS) or peak (VmHWM)."""
    return int(status(Path(f"/proc/{worker.link.pid}/status"), what)) / 1024


def status(path: Path, name: str) -> str:
    """Return one number from the status file of a process or thread."""
    lines = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    return next(value for key, _, value in lines if key == name).split()[0]


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
