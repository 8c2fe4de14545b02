"""One random run: a whole job with faults, then a start without faults, then a check of the rules.

    python -m tests.chaos.run FIRST [LAST]

runs the seeds from FIRST to LAST and prints the violated rules, and the totals.
"""

import contextlib
import os
import resource
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.jobs import protocol, worker_events
from renderjuice.jobs.record import DamagedRecord
from renderjuice.jobs.store import Store

from tests.chaos.outcome import Outcome, begin, keep, kept, report
from tests.chaos.rules import check
from tests.chaos.scenarios import TIME_SCALE, Event, Scenario, random_scenario
from tests.chaos.site import Site, site
from tests.worker import Worker, ready_job

SLOTS = int(os.environ.get("RENDERJUICE_CHAOS_SLOTS", "6"))
SECONDS_OF_A_RUN = 12.0
SECONDS_OF_THE_NEXT_START = 60.0


class Run:
    """One job for one seed, in a separate folder."""

    def __init__(self, where: Site, folder: Path, scenario: Scenario) -> None:
        self.site = where
        self.state = folder / "state"
        self.output = self.state / "frames"
        self.disk = folder / "disk"
        self.clock = folder / "clock"
        self.scenario = scenario
        self.store = Store(self.state)
        self.workers: list[Worker] = []
        self.pids: list[int] = []
        self.outcome = Outcome(scenario.seed)
        self._undo: list[tuple[float, Callable[[], Any]]] = []
        self.cut = False
        self.deleted_after = False  # the job ended while files were being deleted

    def play(self) -> Outcome:
        """Execute the run and return its outcome."""
        begun = time.monotonic()
        before = (self.site.api.fired + self.site.storage.fired).copy()
        renders = self.site.farm.renders()
        self.site.mend()
        self.site.farm.settings(
            delay=self.scenario.delay,
            seconds_per_frame=self.scenario.seconds_per_frame,
            list_outputs_early=self.scenario.early,
        )
        self._small_disk()
        self.job = ready_job(
            self.state,
            self.scenario.frames,
            size=self.scenario.package_bytes,
            output=str(self.output),
        )
        self.site.api.faults[:] = self.scenario.api
        self.site.storage.faults[:] = self.scenario.storage
        try:
            self._start(protocol.Start(self.job.id))
            self._events()
            self._end_workers()
            self._next_start()
        except Exception as error:
            self.outcome.broken.append(f"{type(error).__name__}: {error}")
        finally:
            self._end_workers()
        try:
            self._sum_up(before, renders)
        finally:
            if self.disk.is_mount():
                subprocess.run(["umount", "--lazy", str(self.disk)], check=False)
        self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    def _small_disk(self) -> None:
        """Mount a 4 MiB disk for the frames if the scenario needs one and mounting is allowed."""
        wanted = any(
            e.kind in ("disk really full", "folder read-only") for e in self.scenario.events
        )
        if not wanted or os.geteuid() != 0:
            return
        self.disk.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "renderjuice-chaos", str(self.disk)]
        if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
            self.output = self.disk / "frames"

    def _sum_up(self, before: Counter[str], renders: int) -> None:
        self.outcome.fired += self.site.api.fired + self.site.storage.fired - before
        self.outcome.renders = self.site.farm.renders() - renders
        check(self)

    # -- faults ---------------------------------------------------------------------------------

    def _start(self, command: protocol.Command) -> int:
        os.environ["RENDERJUICE_CHAOS_CLOCK"] = str(self.clock)
        python = (sys.executable, "-I", str(Path(__file__).with_name("clock.py")))
        worker = Worker(self.state, self.site.api_url, self.site.farm.key, TIME_SCALE, python)
        self.workers.append(worker)
        self.pids.append(worker.link.pid)
        return worker.send(command)

    def _events(self) -> None:
        """Trigger the events at their times, until the job has ended."""
        begun = time.monotonic()
        todo = list(self.scenario.events)
        while (now := time.monotonic() - begun) < SECONDS_OF_A_RUN:
            while todo and todo[0].at <= now:
                event = todo.pop(0)
                happens = getattr(self, "_" + event.kind.translate(_AS_NAME))
                if happens(event) is not NotImplemented:
                    self.outcome.fired[event.kind] += 1
            for at, undo in [one for one in self._undo if one[0] <= time.monotonic()]:
                self._undo.remove((at, undo))
                undo()
            for worker in self.workers:
                worker.events += worker.link.receive()
            if self.cut or self._ended():
                break
            time.sleep(0.02)
        else:
            self.outcome.late = True
        for _, undo in self._undo:
            undo()

    def _ended(self) -> bool:
        try:
            return self.store.load(self.job.id).ended
        except (DamagedRecord, OSError):
            return False

    def _later(self, event: Event, undo: Callable[[], Any]) -> None:
        self._undo.append((time.monotonic() + event.seconds, undo))

    def _kill_worker(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def _worker_killed(self, event: Event) -> None:
        self._kill_worker()
        self._start(protocol.Resume())

    def _worker_asleep(self, event: Event) -> None:
        """The computer sleeps."""
        pids = [worker.link.pid for worker in self.workers]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(event.seconds)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def _second_worker(self, event: Event) -> None:
        self._start(protocol.Resume())

    def _key_refused(self, event: Event) -> None:
        self.site.farm.settings(key_refused=401 if event.share < 0.5 else 403)
        self._later(event, lambda: self.site.farm.settings(key_refused=0))

    def _storage_at(self, event: Event, url: str) -> None:
        self.site.farm.settings(storage_url=url)
        self._later(event, lambda: self.site.farm.settings(storage_url=self.site.storage_url))

    def _storage_not_found(self, event: Event) -> None:
        self._storage_at(event, "http://storage.invalid")

    def _storage_speaks_no_TLS(self, event: Event) -> None:
        self._storage_at(event, f"https://localhost:{self.site.storage.port}")

    def _storage_has_another_certificate(self, event: Event) -> None:
        self._storage_at(event, f"https://localhost:{self.site.untrusted.port}")

    def _job_not_known(self, event: Event) -> None:
        """The farm reports all jobs as unknown, for a while or until the fault is removed."""
        for path in (".*/jobs/[0-9a-f-]{36}", ".*/jobs/progress"):
            self.site.farm.fault(None, path, server="api", status=404, times=100_000)
        if event.share < 0.8:
            self._later(event, self.site.farm.no_faults)

    def _outputs_deleted(self, event: Event) -> None:
        """The farm has deleted the files: its lists are empty."""
        empty = {"frames": [], "compositeNodes": [], "transforms": {}, "frameOutputs": []}
        path = ".*/downloads$"
        self.site.farm.fault("GET", path, status=200, body=empty, times=100_000)
        if event.share < 0.5:
            self._later(event, self.site.farm.no_faults)

    def _job_deleted_for_client(self, event: Event) -> None:
        """The farm has deleted the files and reports so in the job's status."""
        self.site.farm.settings(deleted_for_client=True)
        if event.share < 0.5:
            self._later(event, lambda: self.site.farm.settings(deleted_for_client=False))

    def _clock_moved(self, event: Event) -> None:
        """The computer's clock is changed by an hour or by years, forward or back."""
        hour, year = 3600.0, 365.0 * 86400
        moves = (-10 * year, -year, -hour, hour, year, 10 * year)
        self.clock.write_text(str(moves[int(event.share * len(moves))]), encoding="utf-8")
        if event.share * 100 % 2 < 1:
            self._later(event, lambda: self.clock.unlink(missing_ok=True))

    def _disk_really_full(self, event: Event) -> Any:
        """Another program fills the disk of the frames."""
        if not self.disk.is_mount():
            return NotImplemented
        other = self.disk / "another program's"
        with contextlib.suppress(OSError), other.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        self._later(event, lambda: self._free(other))
        return None

    def _free(self, other: Path) -> None:
        """Remove the other program's file, even if the disk is read-only by now."""
        if self.disk.is_mount():
            self._remount("rw")
        other.unlink(missing_ok=True)

    def _folder_read_only(self, event: Event) -> Any:
        if not self.disk.is_mount():
            return NotImplemented
        self._remount("ro")  # fails while a file is open for writing; the event then does not count
        if os.access(self.disk, os.W_OK):
            return NotImplemented
        self._later(event, lambda: self._remount("rw"))
        return None

    def _remount(self, how: str) -> None:
        command = ["mount", "-o", f"remount,{how}", str(self.disk)]
        subprocess.run(command, check=False, capture_output=True)

    def _addresses_expire(self, event: Event) -> None:
        self.site.farm.settings(url_lifetime=0.02)
        self._later(event, lambda: self.site.farm.settings(url_lifetime=3600))

    def _addresses_revoked(self, event: Event) -> None:
        """The storage rejects all addresses that were issued before, but no later ones."""
        self.site.farm.revoke_addresses()

    def _disk_full(self, event: Event) -> None:
        """No file of the worker can grow beyond a few bytes."""
        pid = self.workers[-1].link.pid
        most = int(event.share * 8000) if event.share < 0.7 else 0
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
            self._later(event, lambda: _unlimited(pid, hard))

    def _folder_gone(self, event: Event) -> Any:
        if self._ended():
            return NotImplemented  # a deletion after the end is no fault
        shutil.rmtree(self.output, ignore_errors=True)
        self.deleted_after = self._ended()
        return None

    def _folder_is_a_file(self, event: Event) -> Any:
        """For a while, a file is in the place of the folder for frames."""
        away = self.output.with_name("away")

        def back() -> None:
            if self.disk.is_mount():
                self._remount("rw")
            self.output.unlink(missing_ok=True)
            if away.exists():
                away.rename(self.output)

        if self.output.is_file() or away.exists():
            return NotImplemented
        try:
            if self.output.exists():
                self.output.rename(away)
            self.output.touch()
        except OSError:  # the disk is full or read-only
            return NotImplemented
        self._later(event, back)
        return None

    def _files_deleted(self, event: Event) -> Any:
        """Another process deletes one of our files."""
        if self._ended():
            return NotImplemented
        with contextlib.suppress(OSError):
            files = sorted(p for p in self.output.rglob("[!.]*") if p.is_file())
            if files:
                files[int(event.share * len(files))].unlink()
        self.deleted_after = self._ended()
        return None

    def _record_cut(self, event: Event) -> None:
        """The record is truncated, as on a broken disk."""
        self._kill_worker()
        path = self.state / "jobs" / f"{self.job.id}.json"
        text = path.read_bytes()
        path.write_bytes(text[: int(event.share * (len(text) - 2))])
        self.cut = True

    def _cancel(self, event: Event) -> None:
        self.workers[-1].send(protocol.Cancel(self.job.id))

    # -- after the faults -----------------------------------------------------------------------

    def _end_workers(self) -> None:
        for worker in self.workers:
            worker.events += worker.link.receive()
            worker.link.close()
        self.workers.clear()

    def _next_start(self) -> None:
        """Without faults, the next start finishes the job."""
        self.site.mend()
        number = self._start(protocol.Resume())
        worker = self.workers[-1]
        worker.idle(number, SECONDS_OF_THE_NEXT_START)
        damaged = "".join(text for one in worker.all(worker_events.Damaged) for text in one.texts)
        if self.cut and self.job.id not in damaged:
            self.outcome.broken.append("the damaged record was not said")


_AS_NAME = str.maketrans(" -", "__")


def _unlimited(pid: int, hard: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))


def play(where: Site, folder: Path, seed: int) -> Outcome:
    """Execute the run for one seed."""
    return Run(where, folder, random_scenario(seed)).play()


def play_all(seeds: range, written: Path) -> None:
    """Run the seeds one after the other, and print each run that violates a rule immediately."""
    with tempfile.TemporaryDirectory() as temporary, site(Path(temporary, "farm")) as where:
        for seed in seeds:
            folder = Path(temporary, str(seed))
            outcome = play(where, folder, seed)
            keep(written, outcome)
            if outcome.broken:
                lines = [f"seed {seed}: {outcome.stage}: {random_scenario(seed)}", *outcome.broken]
                print("\n    BROKEN ".join(lines), flush=True)
            shutil.rmtree(folder, ignore_errors=True)


def main(first: int, last: int) -> int:
    """Run the seeds, several in parallel; return 1 if one of the runs violates a rule."""
    begun = time.monotonic()
    seeds, written = range(first, last + 1), begin("worker")
    slots = min(SLOTS, len(seeds))
    with ProcessPoolExecutor(slots) as pool:
        parts = [pool.submit(play_all, seeds[slot::slots], written) for slot in range(slots)]
    for part in parts:
        part.result()
    outcomes = kept(written)
    report("worker", outcomes, time.monotonic() - begun)
    return int(any(one.broken for one in outcomes))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[-1])))
