"""Changes to the good run that break one promise each, with the message the judge must give."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from renderjuice.jobs.snapshot import FrameCounts, JobSnapshot

from .drive import Run
from .good_run import BODIES, KEY, Person, asked
from .names import View
from .outputs import Output
from .plan import Press
from .seen import Seen, hashes
from .timeline import Job
from .user import Life, Told


def the_job(run: Run) -> Job:
    return next(iter(run.farm.jobs.values()))


def ada(run: Run) -> Any:
    return run.users["ada"]


def shot(run: Run, name: str) -> Path:
    return run.project / "shot" / name


def stage(run: Run, name: str, **members: Any) -> None:
    """Set the job's final stage in the record and in the worker's messages."""
    ada(run).records["job-1"] |= {"stage": name, **members}
    ada(run).told.clear()
    ada(run).tell(8, name)
    run.finished.clear()


def log(run: Run, at: float, what: str, **members: Any) -> None:
    entry = asked(at, "POST", f"/jobs/{the_job(run).id}/{what}", the_job(run))
    run.farm.log.append(dataclasses.replace(entry, **members))
    run.farm.log.sort(key=lambda one: one.at)


def person(run: Run, name: str) -> Any:
    return Person(name, run.folder / f"state {name}")


def canceled(run: Run) -> None:
    run.commands.append((4.5, "ada", "cancel", "job-1"))
    the_job(run).steps = [("rendering", 0)]


def rendered_at_another_address(run: Run) -> None:
    run.other_farm.log.append(asked(5, "POST", "/jobs", the_job(run)))


def copied(run: Run) -> None:
    run.copies.append(person(run, "copy0"))
    log(run, 5.5, "render", who="copy0")


def only_waited(run: Run) -> None:
    ada(run).lives[0].given = [(0.0, "wait", "job-1"), (0.1, "download", "job-1")]


def started_later(run: Run) -> None:
    ada(run).lives = [Life(0.0, 2.0), Life(2.0, given=[(2.0, "look", "job-1")])]


def lost_a_frame(run: Run) -> None:
    shot(run, "shot_0002.png").unlink()
    run.finished[:] = [Seen(run.plan.presses[0], 8.0, hashes(run.project / "shot"))]


def never_listed(run: Run) -> None:
    the_job(run).outputs[1].lost = True
    lost_a_frame(run)


def swapped(run: Run) -> None:
    first, second = shot(run, "shot_0001.png"), shot(run, "shot_0002.png")
    first.write_bytes(BODIES[2])
    second.write_bytes(BODIES[1])


def replaced_on_the_farm(run: Run) -> None:
    the_job(run).outputs[1].versions.append((1.0, b"second frame, again"))


def completed_once(run: Run) -> None:
    del run.farm.log[-1]


def twice_here(run: Run) -> None:
    shot(run, "shot_0001 (2).png").write_bytes(BODIES[1])


def falsely_missing(run: Run) -> None:
    stage(run, "incomplete", missing=[2], error={"id": "x", "message": "Some are missing."})


def not_named(run: Run) -> None:
    falsely_missing(run)
    the_job(run).outputs[0].lost = True


def too_many(run: Run) -> None:
    ada(run).tell(9, "finished", frames=FrameCounts(2, 0, 12))


def more_than_all(run: Run) -> None:
    ada(run).tell(9, "rendering", progress=1.5)


def gone(run: Run) -> None:
    (run.outside / "precious.png").unlink()


def overwritten(run: Run) -> None:
    (run.outside / "precious.png").write_bytes(b"a frame")


def through_a_link(run: Run) -> None:
    (run.outside / "shot_0001.png").write_bytes(BODIES[1])


def half(run: Run) -> None:
    shot(run, "shot_0003.png").write_bytes(b"fir")


def part_left(run: Run) -> None:
    shot(run, "shot_0003.png.part").write_bytes(b"fir")


def other_jobs_frames(run: Run) -> None:
    other = Job("upload-2", "ada-1", renders=1)
    other.outputs = [Output("frame", "x.png", "", 1, 0, View(), versions=[(0.0, b"other")])]
    run.farm.jobs[other.id] = other
    shot(run, "x.png").write_bytes(b"other")


def writes(name: str) -> Callable[[Run], None]:
    def write(run: Run) -> None:
        body = f"in {name}".encode()
        the_job(run).outputs.append(Output("extra", name, "", 0, 9, View(), versions=[(0.0, body)]))
        shot(run, name).parent.mkdir(exist_ok=True)
        shot(run, name).write_bytes(body)

    return write


def both_cases(run: Run) -> None:
    writes("Preview.png")(run)
    writes("preview.PNG")(run)


def unclaimed(run: Run) -> None:
    shot(run, ".renderjuice-job").unlink()


def anothers_claim(run: Run) -> None:
    run.plan.presses.append(Press("ada-1", "ada", 0, "shot b", job="job-2"))
    ada(run).records["job-2"] = ada(run).records["job-1"] | {"output": str(run.project / "b")}
    shot(run, ".renderjuice-job").write_text(json.dumps({"job": "job-2"}), encoding="utf-8")


def keeps(name: str, data: bytes) -> Callable[[Run], None]:
    def write(run: Run) -> None:
        (run.folder / name).write_bytes(data)

    return write


def says_the_key(run: Run) -> None:
    ada(run).said.append({"message": f"Bearer {KEY}"})


def key_to_storage(run: Run) -> None:
    log(run, 9, "output", method="GET", host="storage", path="/outputs/1")


def long_log(run: Run) -> None:
    (run.folder / "state" / "worker.log").write_bytes(b"again\n" * 1_000_000)


def raised(run: Run) -> None:
    text = 'Traceback (most recent call last):\n File "a/b.py", line 3\nKeyError: 1\n'
    (run.folder / "state" / "worker.log").write_text(text, encoding="utf-8")


def flooded(run: Run) -> None:
    run.farm.flooded = True


def record_gone(run: Run) -> None:
    ada(run).records.clear()


def stuck(run: Run) -> None:
    stage(run, "rendering")


def no_reason(run: Run) -> None:
    the_job(run).steps = [("failed", 0)]
    stage(run, "failed")


def internal(run: Run) -> None:
    stage(run, "rendering", waiting=True, error={"id": "internal", "message": "A mistake."})


def gave_up(run: Run) -> None:
    stage(run, "failed", error={"id": "timeout", "message": "It took too long."})


def told_too_late(run: Run) -> None:
    canceled(run)
    stage(run, "canceling", waiting=True, error={"id": "x", "message": "Not told."})
    log(run, 6, "cancel")


def not_told(run: Run) -> None:
    canceled(run)
    stage(run, "canceling", waiting=True, error={"id": "x", "message": "Not told."})


def damaged(run: Run) -> None:
    run.damaged.append("0a1b2c")


def lives_on(run: Run) -> None:
    ada(run).broken.append("hang: ada's worker lives on after Blender's end")


LIES: dict[str, tuple[Callable[[Run], Any], str]] = {
    "rendered twice": (lambda run: setattr(the_job(run), "renders", 2), "money: 2 renders"),
    "rendered more": (
        lambda run: the_job(run).config.update(frameRanges=["1-9"]),
        "money: frames [3, 4, 5, 6, 7] were rendered",
    ),
    "of the dashboard": (
        lambda run: log(run, 3, "validate", press=""),
        "money: POST validate of a job of the dashboard",
    ),
    "a copied folder": (copied, "money: POST render by a copied"),
    "another address": (rendered_at_another_address, "money: POST jobs at another"),
    "render not asked": (lambda run: run.farm.log.pop(3), "money: POST render without asking"),
    "validate not asked": (lambda run: run.farm.log.pop(1), "money: POST validate without"),
    "asked once for two": (lambda run: log(run, 5.5, "render"), "money: POST render without"),
    "only waited": (only_waited, "money: POST jobs though only download, wait"),
    "a new worker looks": (started_later, "money: POST render though only look"),
    "after the end": (
        lambda run: ada(run).told.insert(0, Told(4.5, "ada", JobSnapshot("job-1", stage="failed"))),  # type: ignore[arg-type]
        "money: POST render after it had ended",
    ),
    "after a cancel": (
        lambda run: ada(run).tell(4.5, "canceling"),
        "money: POST render after it was to be canceled",
    ),
    "canceled here only": (
        lambda run: (canceled(run), stage(run, "canceled")),
        "cancel: the record says canceled, the farm rendering",
    ),
    "never told": (not_told, "cancel: the farm was never told"),
    "told in vain": (told_too_late, "cancel: told 1 times, and the farm goes on"),
    "a frame is absent": (lost_a_frame, "finished: a frame, listed, is not here"),
    "never listed": (never_listed, "finished at the end: a frame, never listed"),
    "swapped": (swapped, "finished at the end: shot_0001.png is here as shot_0002.png"),
    "an old frame": (replaced_on_the_farm, "finished: a frame, replaced, is not here"),
    "nothing rendered": (
        lambda run: setattr(the_job(run), "renders", 0),
        "finished: nothing was rendered",
    ),
    "completed once": (completed_once, "frames: finished though the farm has said completed 1"),
    "two files of one": (twice_here, "frames: one output is here as two files"),
    "falsely missing": (falsely_missing, "frames: 1 are said to be missing and are not"),
    "lost without a word": (not_named, "frames: 1 did not come and are not named"),
    "12 of 2": (too_many, "frames: 12 missing of 2"),
    "150 %": (more_than_all, "frames: a progress of 1.5"),
    "an artist's file gone": (gone, "files: a file of the artist is gone"),
    "an artist's file replaced": (overwritten, "files: a file of the artist was replaced"),
    "through a link": (through_a_link, "files: 'shot_0001.png' was written through a link"),
    "half a frame": (half, "files: 'shot_0003.png' holds nothing that the farm has"),
    "a part left": (part_left, "files: 'shot_0003.png.part' is left behind"),
    "two jobs' frames": (other_jobs_frames, "files: the frames of 2 jobs are in one folder"),
    "a hidden file": (writes(".git/config"), "files: '.git' is hidden"),
    "a device": (writes("COM¹.png"), "files: 'COM¹.png' is a device"),
    "a Windows name": (writes("a:b.png"), "files: 'a:b.png' is no name on Windows"),
    "a turned name": (writes("shot\u202egnp.exe"), "files: 'shot\\u202egnp.exe' is holding"),
    "one by folding": (both_cases, "files: 'shot/preview.PNG' and 'shot/Preview.png' are one"),
    "not claimed": (unclaimed, "files: a folder with frames says not whose"),
    "claimed by another": (anothers_claim, "files: a folder with a job's frames says that"),
    "the key kept": (keeps("state/job.json", KEY.encode()), "secret: RJ- in .json"),
    "an address kept": (keeps("state/worker.log", b"SIG" + b"0f" * 20), "secret: SIG in .log"),
    "the key among frames": (keeps("project/shot/a.txt", KEY.encode()), "secret: in a.txt"),
    "the key said": (says_the_key, "secret: RJ- in what the worker says"),
    "the key sent away": (key_to_storage, "secret: the key was sent to GET /outputs/1"),
    "a computer's name sent": (
        lambda run: run.farm.leaks.add("bobs-computer"),
        "privacy: bobs-computer was sent",
    ),
    "a long log": (long_log, "log: 5 MiB"),
    "a traceback": (raised, "traceback: KeyError: 1 at"),
    "a flood": (flooded, "flood: more than"),
    "no record": (record_gone, "end: the record is gone"),
    "no end": (stuck, "end: still rendering without a reason"),
    "no reason": (no_reason, "sentence: failed without a reason"),
    "a mistake": (internal, "internal: rendering: internal: A mistake."),
    "given up": (gave_up, "lost work: all is calm and completed, and the job is failed"),
    "damage unsaid": (damaged, "damage: a record that cannot be read is not named"),
    "a worker left": (lives_on, "hang: ada's worker lives on"),
    "a broken farm": (
        lambda run: run.farm.crashes.append(KeyError("x")),
        "the farm itself: KeyError",
    ),
}
