"""Random runs of a complete Blender with the second farm, killed as in tests/chaos/whole.py.

    python -m tests.other_farm.whole FIRST [LAST]

The seed chooses the project's output path, frames and views. The farm behaves unusually until
Blender has ended once or a time limit is reached; then it behaves normally, and `resume` brings
the job to its end.
"""

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).resolve().parents[2] / "bootstrap.py"))["provide"]()

from tests.chaos.outcome import Outcome, begin, keep, kept, report
from tests.chaos.whole import SLOTS, Studio, Whole, desk, launcher

from .drive import Run, describe
from .farm import Farm
from .judge import judge
from .names import EYES, Scene, View
from .plan import Plan, Press
from .seen import Seen, hashes
from .user import Life

KEEP = bool(os.environ.get("RENDERJUICE_OTHER_FARM_KEEP"))  # keep the folders of the runs
SECONDS_OF_ODDITY = 45.0
PROJECT = """
import bpy, json, sys
path, frames, pattern, kind, stereo = json.loads(sys.argv[-1])
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.frame_start, scene.frame_end = frames[0], frames[-1]
scene.frame_step = frames[1] - frames[0] if len(frames) > 1 else 1
scene.render.filepath = "//" + pattern
scene.render.image_settings.file_format = kind
if stereo:
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "INDIVIDUAL"
bpy.ops.wm.save_as_mainfile(filepath=path)
"""


class Artist:
    """The user that the judge checks, read from the state folder of a complete Blender."""

    def __init__(self, run: "WholeAtOther") -> None:
        self.name, self.run, self.state = "ada", run, run.store.folder.parent
        self.told: list[Any] = []
        self.said: list[Any] = []
        self.damaged: list[str] = []
        self.broken: list[str] = []
        self.lives = [Life(0.0, given=[(0.0, "resume", "")])]

    def record(self, job: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.run.store.folder / f"{job}.json").read_bytes()))
        except (OSError, ValueError):
            return {}

    def ended(self, job: str) -> bool:
        return self.run.is_over()


class WholeAtOther(Whole):
    """One press of Submit with the second farm; `made` is the folder to copy."""

    def __init__(self, made: Path, folder: Path, seed: int) -> None:
        self.farm = Farm(seed)
        self.farm.scene = _possible(self.farm.scene)
        if self.farm.habits.end == "gone":  # a vanished job comes back in calm()
            self.farm.habits.end = "rendering"
        if self.farm.habits.naming in ("opaque", "index"):  # these need long waits
            self.farm.habits.naming = "path"
        where: Any = SimpleNamespace(
            api_url=self.farm.api_url,
            farm=SimpleNamespace(key=self.farm.key("ada")),
            mend=self.calm,
        )
        super().__init__(Studio(where, made), folder, seed)
        self.begun = time.monotonic()

    def play(self) -> Outcome:
        """Do the whole run and return its outcome."""
        shutil.copytree(self.at.desk, self.folder, dirs_exist_ok=True)
        self._make_project()
        self.begun = time.monotonic()
        timer = threading.Timer(SECONDS_OF_ODDITY, self.calm)
        timer.start()
        try:
            self._submit_and_go_on()
        finally:
            timer.cancel()
            self._end()
            self.farm.close()
        self.outcome.renders = sum(job.renders for job in self.farm.jobs.values())
        self._check()
        self.outcome.seconds = time.monotonic() - self.begun
        return self.outcome

    def calm(self) -> None:
        """Make the farm behave normally: every job there ends, and every frame is listed."""
        self.farm.calm = True
        for job in self.farm.jobs.values():
            job.gone = False
            for output in job.outputs:
                output.lost = False
            if job.renders and job.over_at() == float("inf"):
                job.go([("rendering", 0.5), ("completed", 0)])
            elif job.press and not job.renders and job.steps[-1][0] not in ("created", "failed"):
                job.go([("validating", 0.1), ("validated", 0)])

    def is_over(self) -> bool:
        return self._ended()

    def _make_project(self) -> None:
        scene = self.farm.scene
        path = self.folder / self.project
        stereo = len(scene.views) > 1
        told = json.dumps([str(path), scene.frames, scene.path.pattern, scene.format, stereo])
        command = [str(launcher()), "-b", "--factory-startup", "--python-exit-code", "1"]
        subprocess.run(
            [*command, "--python-expr", PROJECT, "--", told], check=True, capture_output=True
        )

    # -- after the run ----------------------------------------------------------------------------

    def _check(self) -> None:
        broken = self.outcome.broken
        broken += [f"{path.name} is left" for path in self.store.folder.glob("*.lock")]
        key = self.farm.key("ada").encode()
        for path in self.folder.rglob("*"):
            if path.is_file() and key in path.read_bytes():
                broken.append(f"the key stands in {path.name}")
        log = (self.folder / self.log).read_text(errors="replace", encoding="utf-8")
        if "Traceback" in log:
            broken.append(f"a traceback: {log[log.index('Traceback') :][:600]}")
        self._ended()
        if self.job is None:
            self.outcome.stage = "no job"
            if self.outcome.renders:
                broken.append("a render that no record knows")
            return
        self.outcome.stage = self.job.stage
        self.outcome.error = str(self.job.error.message) if self.job.error else ""
        self.outcome.missing = len(self.job.missing or [])
        if self.job.scratch and self.job.ended and Path(self.job.scratch).exists():
            broken.append("the scratch folder is left")
        unhurt = len(self.blenders) == 1 and self.blenders[0].returncode == 0
        if unhurt and self.job.stage != "finished":
            broken.append(f"exit: 0 from submit, and the record says {self.job.stage}")
        broken += judge(self._as_run())

    def _as_run(self) -> Run:
        """Return this run as the `Run` that the judge checks."""
        assert self.job
        run = Run.__new__(Run)
        run.seed, run.folder, run.calm_at = self.outcome.seed, self.folder, time.monotonic()
        run.project = self.folder / "renderjuice"
        run.outside = self.folder / "outside"
        for name in ("copies", "damaged", "finished", "commands", "shells", "broken", "notes"):
            setattr(run, name, [])
        run.decoys = {}
        press = Press("unknown", "ada", 0, "", job=self.job.id)
        run.plan = Plan(("ada",), {"ada": ""}, [press], [])
        run.users = {"ada": Artist(self)}  # type: ignore[dict-item]
        other: Any = SimpleNamespace(log=[], jobs={})
        run.farm, run.other_farm = self.farm, other
        found = hashes(Path(self.job.output))
        self.outcome.frames = sum(not name.startswith(".") for name in found)
        if self.job.stage == "finished":
            run.finished = [Seen(press, time.monotonic(), found)]
        return run


def _possible(scene: Scene) -> Scene:
    """Return the scene without what these projects do not have: nodes and camera views."""
    eyes = tuple(View(*names) for names in EYES)
    return replace(scene, nodes=(), views=eyes if len(scene.views) > 1 else (View(),))


def play_all(seeds: range, folder: Path, made: Path, written: Path) -> None:
    """Run the seeds one after the other and print broken promises immediately."""
    for seed in seeds:
        here = folder / str(seed)
        outcome = WholeAtOther(made, here, seed).play()
        keep(written, outcome)
        if outcome.broken:
            lines = [f"seed {seed}: {outcome.stage}: {describe(seed)}", *outcome.broken]
            print("\n    BROKEN ".join(lines), flush=True)
        if not KEEP:
            shutil.rmtree(here, ignore_errors=True)


def main(first: int, last: int) -> int:
    """Run the seeds concurrently; return 1 if any run broke a promise, else 0."""
    begun = time.monotonic()
    seeds, written = range(first, last + 1), begin("whole-other")
    slots = min(SLOTS, len(seeds))
    temporary = Path(tempfile.mkdtemp(prefix="renderjuice-whole-"))
    with ThreadPoolExecutor(slots) as pool:
        made = desk(temporary)
        parts = [
            pool.submit(play_all, seeds[n::slots], temporary / f"slot{n}", made, written)
            for n in range(slots)
        ]
        for part in parts:
            part.result()
    if not KEEP:
        shutil.rmtree(temporary, ignore_errors=True)
    outcomes = kept(written)
    report("whole-other", outcomes, time.monotonic() - begun)
    return int(any(one.broken for one in outcomes))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[-1])))
