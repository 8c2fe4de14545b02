"""A successful run without a farm or a worker, as the base for the runs of `lies.py`."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from renderjuice.jobs.snapshot import FrameCounts, JobSnapshot

from .drive import Run
from .farm import Entry
from .habits import Habits
from .names import OutputPath, Scene, View
from .outputs import Output
from .plan import Plan, Press
from .seen import Seen, hashes
from .timeline import Job
from .user import Life, Told

BODIES = {1: b"first frame", 2: b"second frame"}
KEY = "RJ-" + "ab" * 16


class Person:
    """A user whose record and messages are set by a test."""

    def __init__(self, name: str, state: Path) -> None:
        self.name, self.state = name, state
        self.told: list[Told] = []
        self.said: list[Any] = []
        self.damaged: list[str] = []
        self.broken: list[str] = []
        self.lives = [Life(0.0, given=[(0.0, "start", "job-1")])]
        self.records: dict[str, dict[str, Any]] = {}
        state.mkdir(parents=True)

    def record(self, job: str) -> dict[str, Any]:
        return self.records.get(job, {})

    def ended(self, job: str) -> bool:
        return self.record(job).get("stage") in ("finished", "incomplete", "failed", "canceled")

    def tell(self, at: float, stage: Any, **members: Any) -> None:
        self.told.append(Told(at, self.name, JobSnapshot("job-1", stage=stage, **members)))


def farm_of(path: OutputPath) -> Any:
    habits = Habits.__new__(Habits)
    habits.seed, habits.wild, habits.theme = 1, -1.0, ()  # no unusual behavior
    for part in ("_access", "_jobs", "_lists", "_outputs", "_storage"):
        getattr(habits, part)()
    scene = Scene((1, 2), (View(),), path, "PNG")
    return SimpleNamespace(
        habits=habits,
        scene=scene,
        jobs={},
        log=[],
        crashes=[],
        leaks=set(),
        flooded=False,
        calm=True,
    )


def asked(at: float, method: str, path: str, job: Job, status: str = "") -> Entry:
    entry = Entry(at, "api", method, path, "ada", None, job.id, job.press, 200)
    entry.said = {job.id: status} if status else {}
    return entry


def good_run(folder: Path) -> Run:
    """Return a run with one submitted job that is rendered once, with both frames downloaded."""
    run = Run.__new__(Run)
    run.seed, run.folder, run.calm_at = 1, folder, 50.0
    run.project, run.outside = folder / "project", folder / "outside"
    for name in ("copies", "damaged", "finished", "commands", "shells", "broken", "notes"):
        setattr(run, name, [])
    press = Press("ada-0", "ada", 0, "shot", job="job-1")
    run.plan = Plan(("ada",), {"ada": ""}, [press], [])
    run.farm, run.other_farm = farm_of(OutputPath("shot_####")), farm_of(OutputPath())
    ada = Person("ada", folder / "state")
    run.users = {"ada": ada}  # type: ignore[dict-item]
    job = Job("upload-1", "ada-0", begun=0.0, renders=1, config={"frameRanges": ["1-2"]})
    job.steps = [("rendering", 1.0), ("completed", 0)]
    run.farm.jobs[job.id] = job
    output = run.project / "shot"
    output.mkdir(parents=True)
    for frame, body in BODIES.items():
        made = Output("frame", f"shot_{frame:04}.png", "", frame, frame - 1, View())
        made.versions, made.listed = [(0.0, body)], 1
        job.outputs.append(made)
        (output / made.name).write_bytes(body)
    (output / ".renderjuice-job").write_text(json.dumps({"job": "job-1"}), encoding="utf-8")
    picture = run.outside / "precious.png"
    picture.parent.mkdir()
    picture.write_bytes(b"precious")
    run.decoys = {picture: b"precious"}
    here = f"/jobs/{job.id}"
    run.farm.log = [
        asked(1, "POST", "/jobs", job, "created"),
        asked(2, "GET", here, job, "created"),
        asked(3, "POST", f"{here}/validate", job),
        asked(4, "GET", here, job, "validated"),
        asked(5, "POST", f"{here}/render", job),
        asked(6, "GET", here, job, "completed"),
        asked(7, "GET", here, job, "completed"),
    ]
    ada.tell(8, "finished", progress=1.0, frames=FrameCounts(2, 2, 0))
    ada.records["job-1"] = {"stage": "finished", "output": str(output), "missing": []}
    run.finished = [Seen(press, 8.0, hashes(output))]
    return run
