"""How costs grow with jobs, frames and files: one exponent each; 0 is constant, 1 is linear.

    .venv/bin/python -m benchmarks.growth [--quick]

An exponent is the slope of a line through a curve's points on a log-log plot; each point is the
minimum of several runs, which alternate with those of the other sizes. Pure computations are
measured by processor time, packing and downloading also by wall-clock time. All files are in
memory: no disk is measured, and other programs have little effect. The panel's curves come from a
Blender without a window (benchmarks/panel.py), the curves of drawing from one with a window
(benchmarks/main_thread.py).
"""

from __future__ import annotations

import io
import os
import runpy
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from benchmarks import panel
from benchmarks.costs import MIB, Cost, of_ours
from benchmarks.figures import ROOT, Curve, options, report
from benchmarks.servers import nginx, work_folder

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.api.output_file import OutputFile
from renderjuice.frames.completeness import judge
from renderjuice.frames.names import places
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.jobs.worker_events import Idle
from renderjuice.worker.job import RunningJob
from renderjuice.worker.poller import Poller
from renderjuice.worker.publisher import Publisher

from benchmarks.download import make_frames
from benchmarks.packing import listed, write
from benchmarks.polling import HOUR, OTHERS, Clock, Counting, requests_an_hour
from benchmarks.worker import held, held_while_run
from tests.farm.running import running_farm

LINEAR, MEASURED = 1.0, 1.1
"""Nothing may grow faster than linearly; measured values, unlike counts, have noise."""
FLAT_SIZE = 0.1
JOBS = (5, 15, 50, 150, 500)
FRAMES = (1_000, 3_000, 10_000, 30_000, 100_000)
FILES = (100, 300, 1_000, 3_000, 10_000)
MEBIBYTES = (8, 25, 80, 250, 800)
FRAMES_A_JOB = 250
FRAME, TEXTURE = 50 * 1024, 10 * 1024
MIN_MEMORY = 0.25
"""MiB: smaller differences are noise."""
Sizes = Sequence[int]


def main(times: int, *, quick: bool) -> None:
    """Run all measurements and report them."""

    def some(sizes: Sizes) -> Sizes:
        return sizes[:3] if quick else sizes

    curves = farm(some(JOBS))
    with work_folder(memory=True) as folder:
        curves += told(folder, some(JOBS))
        curves += records(folder, some(FRAMES), some(JOBS), times)
        curves += packing(folder, some(FILES), some(MEBIBYTES), times)
        curves += downloading(folder, some(FILES), max(2, times // 2))
    curves += memory(some(JOBS), some(FRAMES), max(2, times // 3))
    curves += panel.curves()
    report("growth", [], curves=curves, quick=quick)


def curve(what: str, unit: str, costs: dict[int, float], most: float, plot: str) -> Curve:
    """Return a curve; `what` ends with a comma and the name of the number on the x axis."""
    name, _, against = what.rpartition(", ")
    return Curve(name, against, unit, list(costs.items()), most, plot)


def least(sizes: Sizes, run: Callable[[int], float], times: int) -> dict[int, float]:
    """Return the minimum of several runs for each size. The sizes alternate, so that a temporary
    load on the machine does not affect only one size."""
    runs = [[run(size) for size in sizes] for _ in range(times)]
    return {size: min(one) for size, one in zip(sizes, zip(*runs, strict=True), strict=True)}


def clocked(
    what: str, sizes: Sizes, run: Callable[[int], Cost], times: int, plot: str
) -> list[Curve]:
    """Return curves of wall-clock time, which includes other programs, and of processor time."""
    kept: dict[int, list[Cost]] = {}

    def keep(size: int) -> float:
        cost = run(size)
        kept.setdefault(size, []).append(cost)
        return cost.seconds

    seconds = least(sizes, keep, times)
    cpu = {size: min(cost.cpu for cost in costs) for size, costs in kept.items()}
    name, _, against = what.rpartition(", ")
    return [
        curve(what, "s", seconds, MEASURED, plot),
        curve(f"{name}: processors, {against}", "s", cpu, MEASURED, plot),
    ]


def computed(run: Callable[[], object]) -> float:
    """Return the processor seconds of a call."""
    begun = time.process_time()
    run()
    return time.process_time() - begun


# -- counts ---------------------------------------------------------------------------------------


def farm(sizes: Sizes) -> list[Curve]:
    """Count the requests to the farm while this many jobs render."""
    look = {jobs: float(requests_a_look(jobs)) for jobs in sizes}
    quiet = {jobs: float(requests_an_hour(jobs, 2 * HOUR)) for jobs in sizes}
    busy = {jobs: float(requests_an_hour(jobs, 10.0)) for jobs in sizes}
    return [
        curve("one look at the farm, jobs", "requests", look, LINEAR, "farm"),
        curve("an hour of looks, nothing changes, jobs", "requests", quiet, LINEAR, "farm"),
        curve("an hour of looks, a frame every 10 s, jobs", "requests", busy, LINEAR, "farm"),
    ]


def requests_a_look(jobs: int) -> int:
    """Count the requests of one poll of the farm."""
    counting = Counting(Clock(), jobs, HOUR, OTHERS)
    Poller(lambda: cast(Any, counting)).ask({f"ours-{number}" for number in range(jobs)})
    return counting.calls


def told(folder: Path, sizes: Sizes) -> list[Curve]:
    """Count the bytes that the worker sends to Blender."""
    every: dict[int, float] = {}
    one: dict[int, float] = {}
    for jobs in sizes:
        *lines, change = lines_told(folder / "told", jobs, FRAMES_A_JOB)
        every[jobs], one[jobs] = float(sum(map(len, lines))), float(len(change))
    return [
        curve("tell all jobs, jobs", "bytes", every, LINEAR, "told"),
        curve("tell one more frame of one job, jobs", "bytes", one, FLAT_SIZE, "told"),
    ]


def lines_told(folder: Path, jobs: int, frames: int) -> list[bytes]:
    """Return the worker's messages about jobs with this many frames, then about one more frame."""
    pipe = io.BytesIO()
    publisher = Publisher(pipe)
    store = Store(folder)
    known = [
        RunningJob(record_of(store, frames), store, publisher.mark_changed) for _ in range(jobs)
    ]
    for job in known:
        job.announce()
    publisher.send(Idle(1))
    known[0].show(frames - 1, frames, "frames")
    publisher.close()
    return pipe.getvalue().splitlines(keepends=True)


def record_of(store: Store, frames: int) -> rec.Record:
    """Return the record of a running job with all frames but one downloaded."""
    record = rec.new("shot", store.origin, "/project/renderjuice/shot", stage=Stage.RENDERING)
    record.frames = [[1, frames]]
    record.farm = rec.Farm("1234", "rendering")
    record.files = {f"{number:06}.png": 1 for number in range(1, frames)}
    return record


def memory(jobs: Sizes, frames: Sizes, times: int) -> list[Curve]:
    """Measure the worker's memory beyond that of a worker without jobs."""
    with running_farm(renderer="pattern") as local:
        bare = min(held(local, jobs=0, frames=0) for _ in range(times))

        def more(run: Callable[[int], float], sizes: Sizes) -> dict[int, float]:
            found = least(sizes, run, times)
            return {size: max(MIN_MEMORY, value - bare) for size, value in found.items()}

        known = more(lambda number: held(local, jobs=number, frames=FRAMES_A_JOB), jobs)
        run = more(lambda number: held_while_run(local, number), frames)
    return [
        curve("worker's memory, jobs that are over, jobs", "MiB", known, MEASURED, "memory"),
        curve("worker's memory, one job that ends, frames", "MiB", run, MEASURED, "memory"),
    ]


# -- times ----------------------------------------------------------------------------------------


def records(folder: Path, frames: Sizes, jobs: Sizes, times: int) -> list[Curve]:
    """Measure the job records on disk, and the processing of the farm's list of a job's files."""

    def save(number: int) -> float:
        store = Store(folder / "saved")
        record = record_of(store, number)
        return computed(lambda: store.save(record))

    def read(number: int) -> float:
        store = Store(folder / f"records-{number}")
        if not store.folder.exists():
            for _ in range(number):
                store.save(record_of(store, FRAMES_A_JOB))
        return computed(lambda: list(store.read_all()))

    def place(number: int, name: str = "frame_{:06}.png") -> float:
        found = listing(number, name)
        return computed(lambda: places(found))

    def lack(number: int) -> float:
        found = listing(number - 1)
        return computed(lambda: judge(range(1, number + 1), found))

    curves = {
        "save the record of a job, frames": (save, frames),
        "read the records at start, jobs": (read, jobs),
        "name the files, frames": (place, frames),
        "name files that all have one name, frames": (lambda n: place(n, "frame.png"), frames),
        "find the missing frame, frames": (lack, frames),
    }
    return [
        curve(what, "s", least(sizes, run, times), MEASURED, "records")
        for what, (run, sizes) in curves.items()
    ]


def listing(count: int, name: str = "frame_{:06}.png") -> list[OutputFile]:
    """Return the farm's list of a job's frames."""
    names = [name.format(number) for number in range(1, count + 1)]
    return [OutputFile("https://farm/o", name, f"frames/{name}", "", "", "frame") for name in names]


def packing(folder: Path, files: Sizes, mebibytes: Sizes, times: int) -> list[Curve]:
    """Measure `archive.write` with many small files, and with one large file."""
    source, out, blend = folder / "textures", folder / "package", folder / "shot.blend"
    source.mkdir()
    blend.write_bytes(os.urandom(TEXTURE))

    def pack(sources: list[Path]) -> Cost:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        manifest = listed(blend, sources)
        begun = time.process_time()
        seconds = write(manifest, out)
        return Cost(seconds, time.process_time() - begun, 0)

    small = [source / f"{number:05}.png" for number in range(max(files))]
    for path in small:
        path.write_bytes(os.urandom(TEXTURE))
    curves = clocked(
        "pack files of 10 KiB, files", files, lambda n: pack(small[:n]), times, "packing"
    )
    large = {number: source / f"{number}.vdb" for number in mebibytes}
    for number, path in large.items():
        path.write_bytes(os.urandom(MIB) * number)
    curves += clocked("pack one file, MiB", mebibytes, lambda n: pack([large[n]]), times, "packing")
    shutil.rmtree(source)
    shutil.rmtree(out)
    return curves


def downloading(folder: Path, sizes: Sizes, times: int) -> list[Curve]:
    """Measure downloads of 50 KiB frames from a local nginx with the worker's 16 transfers."""
    frames, out = folder / "files" / "frames", folder / "out"
    make_frames(frames, max(sizes), FRAME)
    names = sorted(path.name for path in frames.iterdir())
    with nginx(folder) as port:

        def fetch(number: int) -> Cost:
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            urls = [f"http://127.0.0.1:{port}/frames/{name}" for name in names[:number]]
            (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
            return of_ours("download", folder / "urls.txt", out, "16")

        return clocked("bring frames home, frames", sizes, fetch, times, "download")


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
