"""Random runs with a full Blender, without a window: Blender, its worker and its packer are killed
at random times.

    python -m tests.chaos.whole FIRST [LAST]

Blender submits, waits and downloads. If it ends before the job does, `resume` continues the job, as
often as needed. $RENDERJUICE_CHAOS_BLENDER is its launcher, else scripts/blenders.py provides one.
"""

import contextlib
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).resolve().parents[2] / "bootstrap.py"))["provide"]()

from renderjuice.jobs.record import DamagedRecord, Record, Stage
from renderjuice.jobs.store import Store

from tests.chaos.outcome import Outcome, begin, keep, kept, report
from tests.chaos.scenarios import Event, random_scenario
from tests.chaos.site import Site, site
from tests.headless import INSTALL, ROOT
from tests.processes import processes

BLENDER = "blender-5.2.2"
SLOTS = int(os.environ.get("RENDERJUICE_CHAOS_SLOTS", "4"))
SECONDS_OF_A_RUN = 400.0
SECONDS_OF_A_START = 180.0
FRAMES = 3
WORKER, PACKER = "worker/main.py", "packing/trace.py"
EVENTS = {
    "Blender killed": ("blender",),
    "worker killed": (WORKER,),
    "packer killed": (PACKER,),
    "Blender and worker killed": ("blender", WORKER),
    "all killed": ("blender", WORKER, PACKER),
    "all asleep": (),
    "second Blender": (),
}
PROJECT = f"""
import bpy, sys
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.frame_start, scene.frame_end = 1, {FRAMES}
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
"""


def launcher() -> Path:
    """The Blender for these runs; raises an exception with the reason if there is none."""
    if chosen := os.environ.get("RENDERJUICE_CHAOS_BLENDER"):
        return Path(chosen)
    path: Path = runpy.run_path(str(ROOT / "scripts" / "blenders.py"))["path"](BLENDER)
    return path


@dataclass
class Studio:
    """A farm, and a folder to copy: a Blender with the extension installed, and a project."""

    where: Site
    desk: Path


def desk(folder: Path) -> Path:
    """Prepare the folder to copy for each run, below `folder`."""
    made, env = folder / "desk", os.environ | {"BLENDER": str(launcher())}
    build = [sys.executable, str(ROOT / "scripts" / "build.py"), "--output", str(folder / "zip")]
    subprocess.run(build, env=env, check=True, timeout=300, capture_output=True)
    (extension,) = (folder / "zip").glob("*.zip")
    made.mkdir()
    env = os.environ | {"BLENDER_USER_RESOURCES": str(made / "resources")}
    for code, path in ((INSTALL, extension), (PROJECT, made / "shot.blend")):
        command = [str(launcher()), "-b", "--python-exit-code", "1", "--python-expr", code]
        subprocess.run([*command, "--", str(path)], env=env, check=True, capture_output=True)
    return made


class Whole:
    """One run: a Blender submits once, in a separate folder."""

    frames = FRAMES
    project = "shot.blend"
    log = "blender.log"

    def __init__(self, at: Studio, folder: Path, seed: int) -> None:
        self.at = at
        self.folder = folder
        self.random = Random(seed)
        self.outcome = Outcome(seed)
        self.store = Store(
            folder / "resources" / "extensions" / ".user" / "user_default" / "renderjuice"
        )
        self.blenders: list[subprocess.Popen[bytes]] = []
        self.job: Record | None = None

    def play(self) -> Outcome:
        """Execute the run and return its outcome."""
        begun = time.monotonic()
        shutil.copytree(self.at.desk, self.folder, dirs_exist_ok=True)
        site = self.at.where
        before = (site.api.fired + site.storage.fired).copy()
        renders = site.farm.renders()
        site.mend()
        site.farm.settings(delay=0.3, seconds_per_frame=self.random.choice((0.1, 1.0)))
        scenario = random_scenario(self.outcome.seed)
        site.api.faults[:], site.storage.faults[:] = scenario.api[:2], scenario.storage[:2]
        try:
            self._submit_and_go_on()
        finally:
            self._end()
        self.outcome.fired += site.api.fired + site.storage.fired - before
        self.outcome.renders = site.farm.renders() - renders
        self._check()
        self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    def _submit_and_go_on(self) -> None:
        todo = self._random_events()
        self._start(str(self.folder / self.project), "submit", "--wait", "--download")
        starts, begun = 1, time.monotonic()
        early = self.random.random() < 0.2
        while not (early or self.store.ids()) and time.monotonic() < begun + SECONDS_OF_A_START:
            time.sleep(0.02)  # most events should hit a job, not Blender's start
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < SECONDS_OF_A_RUN:
            for event in [one for one in todo if one.at <= now]:
                todo.remove(event)
                self._happen(event)
            if all(blender.poll() is not None for blender in self.blenders):
                if self._ended() and self._here() == []:
                    return
                if starts > 1 and self.job is None:
                    return  # it ended before there was a job
                self.at.where.mend()
                self._start("resume")
                starts += 1
            time.sleep(0.05)
        self.outcome.broken.append(f"not ended in {SECONDS_OF_A_RUN:.0f} s, {starts} starts")

    def _random_events(self) -> list[Event]:
        """One to three events at random times."""
        return [
            Event(self.random.uniform(0.0, 10.0), self.random.choice(list(EVENTS)), 1.5, 0.0)
            for _ in range(self.random.randint(1, 3))
        ]

    def _start(self, *arguments: str) -> None:
        blend = [one for one in arguments if one.endswith(".blend")]
        command = [str(launcher()), "--online-mode", "-b", *blend, "--command", "renderjuice"]
        env = os.environ | {
            "BLENDER_USER_RESOURCES": str(self.folder / "resources"),
            "RENDERJUICE_API_URL": self.at.where.api_url,
            "RENDERJUICE_API_KEY": self.at.where.farm.key,
        }
        with (self.folder / self.log).open("ab") as log:
            self.blenders.append(
                subprocess.Popen(
                    [*command, *arguments[len(blend) :]],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _ended(self) -> bool:
        records = [one for one in self.store.read_all() if isinstance(one, Record)]
        self.job = records[0] if records else None
        return self.job is not None and self.job.ended

    # -- events -----------------------------------------------------------------------------------

    def _happen(self, event: Event) -> None:
        if event.kind == "second Blender":
            self._start("resume")
            self.outcome.fired[event.kind] += 1
            return
        kinds = EVENTS[event.kind]
        pids = [pid for pid, kind in self._here() if not kinds or kind in kinds]
        if not pids:
            return
        for pid in pids:
            _signal(pid, signal.SIGKILL if kinds else signal.SIGSTOP)
        if not kinds:
            time.sleep(event.seconds)
            for pid in pids:
                _signal(pid, signal.SIGCONT)
        self.outcome.fired[event.kind] += 1

    def _here(self) -> list[tuple[int, str]]:
        """The processes of this user folder, each with its kind."""
        found = []
        ours = f"BLENDER_USER_RESOURCES={self.folder / 'resources'}"
        for process in processes():
            if ours in process.environment:
                kind = next((one for one in (WORKER, PACKER) if one in process.command), "blender")
                found.append((process.pid, kind))
        return found

    # -- after the run ----------------------------------------------------------------------------

    def _end(self) -> None:
        """Report every process that is still running after half a minute, and kill it."""
        end = time.monotonic() + 30
        while self._here() and time.monotonic() < end:
            time.sleep(0.05)
        for pid, kind in self._here():
            self.outcome.broken.append(f"{kind} is left")
            _signal(pid, signal.SIGKILL)
        for blender in self.blenders:
            blender.wait(10)

    def _check(self) -> None:
        broken = self.outcome.broken
        if self.outcome.renders > 1:
            broken.append(f"{self.outcome.renders} renders for one press")
        broken += [f"{path.name} is left" for path in self.store.folder.glob("*.lock")]
        key = self.at.where.farm.key.encode()
        for path in self.folder.rglob("*"):
            if path.is_file() and key in path.read_bytes():
                broken.append(f"the key stands in {path.name}")
        log = (self.folder / self.log).read_text(errors="replace", encoding="utf-8")
        if "Traceback" in log:
            broken.append(f"a traceback: {log[log.index('Traceback') :][:600]}")
        records = list(self.store.read_all())
        broken += [str(one) for one in records if isinstance(one, DamagedRecord)]
        if not records:
            self.outcome.stage = "no job"
            if self.outcome.renders:
                broken.append("a render that no record knows")
            return
        assert isinstance(records[0], Record)
        self._check_job(records[0])

    def _check_job(self, job: Record) -> None:
        broken, outcome = self.outcome.broken, self.outcome
        outcome.stage = job.stage
        outcome.error = f"{job.error.id}: {job.error.message}" if job.error else ""
        if not job.ended:
            broken.append(f"the job has not ended: {job.stage}, {job.error}")
        done = job.stage in (Stage.FINISHED, Stage.INCOMPLETE)
        if done and outcome.renders != 1:
            broken.append(f"{job.stage} with {outcome.renders} renders")
        here = {p.name: p for p in Path(job.output).rglob("[!.]*") if p.is_file()}
        originals = self.at.where.folder / "jobs" / job.farm.id / "outputs"
        for name, path in here.items():
            original = originals / name
            if not original.is_file() or original.read_bytes() != path.read_bytes():
                broken.append(f"{name} is no output of the farm")
        outcome.frames, outcome.missing = len(here), len(job.missing or [])
        if done and len(here) + outcome.missing != self.frames:
            broken.append(f"{len(here)} frames here and {outcome.missing} named as missing")
        if job.scratch and Path(job.scratch).exists():
            broken.append("the scratch folder is left")


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def play_all(seeds: range, folder: Path, made: Path, written: Path) -> None:
    """Run the seeds one after the other, and print each run that violates a rule immediately."""
    with site(folder / "farm") as where:
        at = Studio(where, made)
        for seed in seeds:
            here = folder / str(seed)
            outcome = Whole(at, here, seed).play()
            keep(written, outcome)
            if outcome.broken:
                print("\n    BROKEN ".join([f"seed {seed}: {outcome.stage}", *outcome.broken]))
                sys.stdout.flush()
            shutil.rmtree(here, ignore_errors=True)


def main(first: int, last: int) -> int:
    """Run the seeds, several in parallel; return 1 if one of the runs violates a rule."""
    begun = time.monotonic()
    seeds, written = range(first, last + 1), begin("whole")
    slots = min(SLOTS, len(seeds))
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(slots) as pool:
        made = desk(Path(temporary))
        parts = [
            pool.submit(play_all, seeds[n::slots], Path(temporary, f"slot{n}"), made, written)
            for n in range(slots)
        ]
        for part in parts:
            part.result()
    outcomes = kept(written)
    report("whole", outcomes, time.monotonic() - begun)
    return int(any(one.broken for one in outcomes))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[-1])))
