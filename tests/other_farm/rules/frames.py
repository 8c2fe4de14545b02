"""Frames: a `finished` job has every file of every view once, with the farm's content."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..outputs import Output
from ..plan import Press
from ..seen import Seen, hashes
from .common import commands, hashed, paid, record_of

if TYPE_CHECKING:
    from ..drive import Run

TELLING = ("path", "number", "id", "upper", "folder", "nfd")  # namings with the frame number
DONE = ("finished", "incomplete")


def all_here(run: "Run") -> Iterator[str]:
    """A `finished` job has every file of every view, with the farm's content."""
    for seen in run.finished:
        yield from _complete(run, seen, "")
    for press in run.plan.presses:
        if record_of(run, press).get("stage") == "finished":
            now = Seen(press, run.calm_at + 1e6, hashes(run.output(press)))
            yield from _complete(run, now, " at the end")


def _complete(run: "Run", seen: Seen, when: str) -> Iterator[str]:
    job = paid(run, seen.press)
    if job is None:
        yield f"finished{when}: nothing was rendered"
        return
    here = {value: name for name, value in seen.hashes.items()}
    habits = run.farm.habits
    if habits.extras in ("thumbs", "like-frames") and habits.naming != "path":
        return  # other images use the frames' names, so this cannot be checked
    doubtful = habits.completed_early or habits.flap
    for output in job.outputs:
        if output.kind == "extra" or (output.kind == "node" and not output.listed):
            continue
        bodies = [body for _, body in output.versions]
        good = bodies if doubtful else [output.body(seen.at)[1], bodies[-1]]
        found = [here[hashed(body)] for body in good if hashed(body) in here]
        if not found:
            yield f"finished{when}: {_why(output, here)} is not here{_sharing(run, seen.press)}"
        elif not _named(run, output, found[0]):
            yield f"finished{when}: {output.name} is here as {found[0]}"


def _why(output: Output, here: dict[str, str]) -> str:
    old = [here[hashed(body)] for _, body in output.versions if hashed(body) in here]
    how = "never listed" if output.lost else "replaced" if old else "listed"
    return f"a {output.kind}, {'of a view, ' if output.view.name else ''}{how},"


def _sharing(run: "Run", press: Press) -> str:
    """Return a note if other jobs could have written into the job's folder."""
    others = sum(one.folder == press.folder for one in run.plan.presses) - 1
    return f" (jobs of the same folder: {others})" if others else ""


def _named(run: "Run", output: Output, path: str) -> bool:
    """Return whether a file's name on disk matches the farm's name."""
    if run.farm.habits.naming != "path" or not re.fullmatch(r"[A-Za-z0-9_]+\.\w+", output.name):
        return True
    return output.name.rpartition(".")[0] in Path(path).name


def completed_twice(run: "Run") -> Iterator[str]:
    """A job only ends as completed after the farm reported `completed` twice."""
    for press in run.plan.presses:
        job = paid(run, press)
        told = run.users[press.user].told
        done = [one for one in told if one.job.id == press.job and one.job.stage in DONE]
        if job is None or not done:
            continue
        times = sum(
            entry.said.get(job.id, "").strip().lower() == "completed" and entry.at < done[0].at
            for entry in run.farm.log
        )
        if times < 2:
            yield f"frames: {done[0].job.stage} though the farm has said completed {times} times"


def each_once(run: "Run") -> Iterator[str]:
    """Each output is downloaded as only one file."""
    for folder in {run.output(press) for press in run.plan.presses}:
        counts = Counter(hashes(folder).values())
        if any(count > 1 for count in counts.values()):
            yield "frames: one output is here as two files"


def named(run: "Run") -> Iterator[str]:
    """The frames reported as missing are those that the farm did not list."""
    for press in run.plan.presses:
        record, job = record_of(run, press), paid(run, press)
        if job is None or not free(run, press) or job.status() != "completed":
            continue
        lost = {o.frame for o in job.outputs if o.lost and o.kind == "frame"}
        missing = record.get("missing")
        if missing and set(missing) - lost and run.farm.habits.naming in ("path", "number", "id"):
            count = len(set(missing) - lost)
            yield f"frames: {count} are said to be missing and are not ({record.get('stage')})"
        untold = lost - set(missing) if missing and run.farm.habits.naming in TELLING else set()
        if untold and record.get("stage") == "incomplete":
            yield f"frames: {len(untold)} did not come and are not named"


def counted(run: "Run") -> Iterator[str]:
    """No count is larger than its total."""
    for user in run.everybody():
        for one in user.told:
            counts = one.job.frames
            progress = one.job.progress
            if progress is not None and not 0 <= progress <= 1:
                yield f"frames: a progress of {progress}"
                return
            if counts.expected and counts.missing and counts.missing > counts.expected:
                yield f"frames: {counts.missing} missing of {counts.expected}"
                return


def free(run: "Run", press: Press) -> bool:
    """Return whether nothing but the job itself affects its folder and its end."""
    shared = len({one.folder for one in run.plan.presses}) < len(run.plan.presses)
    habits = run.farm.habits
    told = press.names_known and habits.naming not in ("opaque", "index")
    told = told and habits.extension != "none"
    inside = any(path.is_relative_to(run.output(press)) for path in run.decoys)
    return not inside and not shared and told and not commands(run, press, "cancel")
