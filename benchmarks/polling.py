"""How often the worker polls the farm, and how soon a ready frame is on the disk.

    .venv/bin/python -m benchmarks.polling [--quick]

Requests per hour are counted with the real poller (worker/poller.py), whose waits advance a fake
clock, and with a fake farm that counts calls instead of using HTTP. The counts are exact and do not
depend on the machine. Frames come from the local farm over HTTP in real time: from one farm that
lists a frame as soon as it is rendered, and from one that lists all frames when the job is
complete, as Renderjuice documents.
"""

from __future__ import annotations

import runpy
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.figures import ROOT, Measure, options, percentile, report

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.api.progress import Progress
from renderjuice.api.responses import FarmJob, JobPage
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker.poller import LONG_PAUSE, Poller

from tests.farm.running import running_farm
from tests.worker import ready_job, working

RUNNING = (1, 10, 50, 200, 500)
OTHERS = 30  # other jobs in the workspace, newer than the running ones
HOUR = 3600.0
PAGE = 100


class Clock:
    """A fake of the poller's event: waiting advances the time, and it ends after an hour."""

    def __init__(self) -> None:
        self.now = 0.0
        self.over = threading.Event()
        self.seen = threading.Event()

    def wait(self, seconds: float) -> None:
        """Advance the time."""
        self.now += seconds
        if self.now >= HOUR:
            self.over.set()
            self.seen.wait(60)

    def set(self) -> None:
        """Do nothing: no thread sleeps."""

    def clear(self) -> None:
        """Do nothing: no thread was woken."""


class Counting:
    """A fake of the API client that counts calls. A frame is done every `seconds_per_frame`."""

    def __init__(self, clock: Clock, jobs: int, seconds_per_frame: float, others: int) -> None:
        self.calls = 0
        self._clock, self._seconds = clock, seconds_per_frame
        self._ours = [FarmJob(id=f"ours-{n}", status="rendering") for n in range(jobs)]
        self._all = [FarmJob(id=f"other-{n}", status="completed") for n in range(others)]
        self._all += self._ours

    def jobs(self, page: int = 1, page_size: int = PAGE) -> JobPage:
        """Return one page of the job list."""
        self.calls += 1
        begin = (page - 1) * page_size
        pages = -(-len(self._all) // page_size)
        return JobPage(self._all[begin : begin + page_size], pages)

    def get_job(self, job_id: str) -> FarmJob:
        """Return one job."""
        self.calls += 1
        return next(job for job in self._ours if job.id == job_id)

    def all_progress(self) -> dict[str, Progress]:
        """Return the progress counters of all jobs."""
        self.calls += 1
        done = int(self._clock.now / self._seconds)
        return {job.id: Progress(done, 10_000, None) for job in self._ours}


def requests_an_hour(jobs: int, seconds_per_frame: float, others: int = OTHERS) -> int:
    """Count the requests in an hour while `jobs` jobs render; `others` jobs are newer."""
    clock = Clock()
    farm = Counting(clock, jobs, seconds_per_frame, others)
    poller = Poller(lambda: cast(Any, farm))
    poller._wake = cast(Any, clock)  # inject the fake clock
    mailbox: Any = SimpleNamespace(wake=lambda: None)
    mailbox.record = SimpleNamespace(farm=SimpleNamespace(id="ours-0"))
    poller._listeners.update({f"ours-{n}": mailbox for n in range(1, jobs)})
    with poller.listening(mailbox):
        assert clock.over.wait(60), "the poller does not go on"
    poller._listeners.clear()
    clock.seen.set()
    return farm.calls


def calls_a_look(jobs: int) -> int:
    """Return the maximum of requests per poll: the pages of the job list, and the counters."""
    return 2 if jobs == 1 else -(-(jobs + OTHERS) // PAGE) + 1


def polling() -> list[Measure]:
    """Count the requests per hour: without progress, and with a frame every ten seconds."""
    found = []
    for jobs in RUNNING:
        slowest = HOUR / (LONG_PAUSE * 0.9) + 8  # eight polls until the pause reaches its maximum
        for seconds, most in ((HOUR * 2, calls_a_look(jobs) * slowest), (10.0, None)):
            words = "nothing changes" if seconds > HOUR else "each has a frame every 10 s"
            what = f"requests an hour, {jobs} running, {words}"
            found.append(Measure(what, requests_an_hour(jobs, seconds), "", most))
    return found


def frames_come(frames: int, seconds: float, *, early: bool) -> list[float]:
    """Return the seconds from each ready frame, or from the job's end, to the frame on disk."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_farm(renderer="pattern", folder=f"{folder}/farm") as farm,
    ):
        state = Path(folder, "state")
        farm.settings(seconds_per_frame=seconds, list_outputs_early=early)
        record = ready_job(state, frames=frames)
        with working(state, farm) as worker:
            worker.idle(worker.send(protocol.Start(record.id)), 300)
        assert Store(state).load(record.id).stage == Stage.FINISHED
        here = written(Path(record.output))
        ready = written(Path(folder, "farm"))
        if not early:
            (end,) = (e["at"] for e in farm.log(event="status") if e["status"] == "completed")
            ready = dict.fromkeys(ready, datetime.fromisoformat(end).timestamp())
    assert len(here) == frames
    return [at - ready[name] for name, at in here.items()]


def written(folder: Path) -> dict[str, float]:
    """Return the time when each image below a folder was written."""
    return {path.name: path.stat().st_mtime for path in folder.rglob("pattern_*.png")}


def main(*, quick: bool) -> None:
    """Run all measurements and report them."""
    measures = polling()
    frames = 4 if quick else 12
    early = frames_come(frames, 5.0, early=True)
    for words, part in (("in the middle", 0.5), ("at worst", 1.0)):
        what = f"a frame every 5 s, listed at once: from ready to on disk, {words}"
        measures.append(Measure(what, percentile(early, part), "s", None))
    late = frames_come(100, 0.0, early=False)
    measures.append(
        Measure("completed to the last of 100 frames", max(late), "s", LONG_PAUSE * 1.1)
    )
    report("polling", [], measures, quick=quick)


if __name__ == "__main__":
    main(quick=options(__doc__).quick)
