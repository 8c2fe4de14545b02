"""What must hold after a run: the farm's log, the disk and what was said, against the promises.

It knows nothing of the client's code: a record is JSON with a stage, an error, the farm's id and a
folder. Each sentence that it gives begins with the promise that is broken.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .farm import Entry
from .outputs import Output
from .plan import Press
from .seen import Seen, hashes
from .timeline import Job

if TYPE_CHECKING:
    from .drive import Run
    from .user import User

ENDED = ("finished", "incomplete", "failed", "canceled")
BEGINS = ("/uploads", "/jobs", "/validate", "/render")
SECRET = re.compile(rb"SIG[0-9a-f]{12}|RJ-[0-9a-f]{8}")


def judge(run: "Run") -> list[str]:
    """Every promise that was broken."""
    found = [
        *money(run),
        *cancels(run),
        *finished(run),
        *files(run),
        *twice(run),
        *secrets(run),
        *ends(run),
    ]
    for user in run.everybody():
        found += user.broken
    found += [f"the farm itself: {error!r}" for error in run.farm.crashes]
    return found


def _posts(entries: list[Entry]) -> Iterator[Entry]:
    """What begins something that costs, or leads to it."""
    for entry in entries:
        if entry.method == "POST" and entry.path.endswith(BEGINS):
            yield entry


def _last(entry: Entry) -> str:
    return f"POST {entry.path.rpartition('/')[2]}"


# -- money -----------------------------------------------------------------------------------------


def money(run: "Run") -> Iterator[str]:
    """One render a press, by its press alone, and none after its end."""
    renders = Counter[str]()
    for job in run.farm.jobs.values():
        renders[job.press] += job.renders
    for press in run.plan.presses:
        if renders[press.marker] > 1:
            yield f"money: {renders[press.marker]} renders for one press"
    copies = {user.name for user in run.copies}
    for entry in _posts(run.farm.log):
        if entry.job and not entry.press:
            yield f"money: {_last(entry)} of a job of the dashboard"
        if entry.who in copies:
            yield f"money: {_last(entry)} by a copied state folder"
    for entry in _posts(run.other_farm.log):
        yield f"money: {_last(entry)} at another address than the one it was submitted to"
    for press in run.plan.presses:
        yield from _after_the_end(run, press)


def _after_the_end(run: "Run", press: Press) -> Iterator[str]:
    for name, stages in (("it had ended", ENDED), ("it was to be canceled", ("canceling",))):
        told = [
            one
            for one in run.users[press.user].told
            if one.job.id == press.job and one.job.stage in stages
        ]
        if not told:
            continue
        for entry in _posts(run.farm.log):
            if entry.press == press.marker and entry.at > told[0].at:
                stage = told[0].job.stage
                commands = [
                    c[2]
                    for c in run.commands
                    if c[3] == press.job and told[0].at <= c[0] < entry.at
                ]
                yield f"money: {_last(entry)} after {name} ({stage}; then {commands})"


def cancels(run: "Run") -> Iterator[str]:
    """What was canceled is over on the farm, or is said not to be."""
    for press in run.plan.presses:
        asked = [c for c in run.commands if c[2] == "cancel" and c[3] == press.job]
        record = run.users[press.user].record(press.job)
        alive = [job for job in run.jobs_of(press) if job.renders and not job.over and not job.gone]
        if asked and alive and record.get("stage") in ENDED:
            yield (
                f"cancel: the record says {record['stage']}, the farm {alive[0].status()}"
                f" (its answer to cancel: {run.farm.habits.cancel})"
            )


# -- frames ----------------------------------------------------------------------------------------


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _paid(run: "Run", press: Press) -> Job | None:
    return next((job for job in run.jobs_of(press) if job.renders), None)


def finished(run: "Run") -> Iterator[str]:
    """`finished` only with every file of every view, as the farm has it."""
    for seen in run.finished:
        yield from _complete(run, seen, "")
    for press in run.plan.presses:
        if run.users[press.user].record(press.job).get("stage") == "finished":
            now = Seen(press, run.calm_at + 1e6, hashes(run.output(press)))
            yield from _complete(run, now, " at the end")


def _complete(run: "Run", seen: "Seen", when: str) -> Iterator[str]:
    job = _paid(run, seen.press)
    if job is None:
        yield f"finished{when}: nothing was rendered"
        return
    here = {value: name for name, value in seen.hashes.items()}
    doubtful = run.farm.habits.completed_early or run.farm.habits.flap
    for output in job.outputs:
        if output.kind == "extra" or (output.kind == "node" and not output.listed):
            continue
        bodies = [body for _, body in output.versions]
        good = bodies if doubtful else [output.body(seen.at)[1], bodies[-1]]
        found = [here[_hash(body)] for body in good if _hash(body) in here]
        if not found:
            yield f"finished{when}: {_why(output, here)} is not here{_sharing(run, seen.press)}"
        elif not _named(run, output, found[0]):
            yield f"finished{when}: {output.name} is here as {found[0]}"


def _why(output: Output, here: dict[str, str]) -> str:
    old = [here[_hash(body)] for _, body in output.versions if _hash(body) in here]
    how = "never listed" if output.lost else "replaced" if old else "listed"
    return f"a {output.kind}, {'of a view, ' if output.view.name else ''}{how},"


def _sharing(run: "Run", press: Press) -> str:
    """What else could have written into the job's folder."""
    others = sum(one.folder == press.folder for one in run.plan.presses) - 1
    return f" (jobs of the same folder: {others})" if others else ""


def _named(run: "Run", output: Output, path: str) -> bool:
    """Whether a file's name on disk tells the same frame as the farm's name."""
    if run.farm.habits.naming != "path" or not re.fullmatch(r"[A-Za-z0-9_]+\.\w+", output.name):
        return True
    return output.name.rpartition(".")[0] in Path(path).name


def files(run: "Run") -> Iterator[str]:
    """The artist's files stay, and what stands under a final name is whole."""
    replaced = {run.output(press) for press in run.plan.presses if press.overwrite}
    for path, data in run.decoys.items():
        if not path.is_file():
            yield f"files: a file of the artist is gone: {path.name!r}"
        elif path.read_bytes() != data and path.parent not in replaced:
            yield f"files: a file of the artist was replaced: {path.name!r}"
    for path in run.outside.rglob("*"):
        if path not in run.decoys:
            yield f"files: {path.name!r} was written through a link, out of the folder"
    whole = {_hash(data) for data in run.decoys.values()}
    for farm in (run.farm, run.other_farm):
        for job in farm.jobs.values():
            whole |= {_hash(body) for output in job.outputs for _, body in output.versions}
    over = all(run.users[p.user].ended(p.job) for p in run.plan.presses)
    for name, value in hashes(run.project).items():
        if value in whole or (run.project / name) in run.decoys:
            continue
        if (run.project / name).is_symlink() or name.split("/")[1] in _linked(run):
            continue
        last = name.rpartition("/")[2]
        if ".part" not in last and not last.startswith("."):
            size = (run.project / name).stat().st_size
            yield f"files: {last!r} holds nothing that the farm has ({size} bytes)"
        elif ".part" in last and over:
            yield f"files: {last!r} is left behind"


def _linked(run: "Run") -> set[str]:
    return {name.split("/")[1] for name in run.plan.links}


def twice(run: "Run") -> Iterator[str]:
    """One output is one file."""
    for folder in {run.output(press) for press in run.plan.presses}:
        counts = Counter(hashes(folder).values())
        if any(count > 1 for count in counts.values()):
            yield "frames: one output is here as two files"


# -- secrets ---------------------------------------------------------------------------------------


def secrets(run: "Run") -> Iterator[str]:
    """No key and no signed address on disk or in what is said; no key to a foreign host."""
    for user in run.everybody():
        for path in user.state.rglob("*"):
            if path.is_file() and (match := SECRET.search(path.read_bytes())):
                yield f"secret: {match[0][:3].decode()} in {path.suffix} of the state folder"
        if match := SECRET.search(repr(user.said).encode()):
            yield f"secret: {match[0][:3].decode()} in what the worker says"
    for path in run.project.rglob("*"):
        if path.is_file() and SECRET.search(path.read_bytes()):
            yield f"secret: in {path.name} of the output folder"
    for farm in (run.farm, run.other_farm):
        for entry in farm.log:
            if entry.who and (entry.host == "storage" or entry.path.endswith("/stolen")):
                yield f"secret: the key was sent to {entry.method} {entry.path[:30]}"


# -- the end ---------------------------------------------------------------------------------------


def ends(run: "Run") -> Iterator[str]:
    """Every job ends once the farm is calm, and what is not finished says why."""
    if run.farm.flooded:
        yield f"flood: more than {len(run.farm.log)} requests"
    for user in run.everybody():
        yield from _log(user)
    for press in run.plan.presses:
        yield from _end(run, press)


def _log(user: "User") -> Iterator[str]:
    for path in user.state.glob("*.log"):
        text = path.read_text(errors="replace", encoding="utf-8")
        for trace in text.split("Traceback (most recent call last):")[1:]:
            lines = [
                line for line in trace.splitlines() if re.match(r"[\w.]+(Error|Exception)", line)
            ]
            place = re.findall(r'File "[^"]*?([^/"]+/[^/"]+)", line (\d+)', trace)
            yield f"traceback: {lines[0][:120] if lines else '?'} at {place[-1:]}"


def _end(run: "Run", press: Press) -> Iterator[str]:
    record: dict[str, Any] = run.users[press.user].record(press.job)
    stage, error = record.get("stage"), record.get("error") or {}
    job = _paid(run, press)
    said = f"{error.get('id')}: {error.get('message')}"
    if not record:
        yield "end: the record is gone"
        return
    if error.get("id") == "internal":
        yield f"internal: {stage}: {said}"
    if stage in ("failed", "incomplete") and not error.get("message"):
        yield f"sentence: {stage} without a reason"
    if stage not in ENDED and not (record.get("waiting") and error.get("message")):
        yield f"end: still {stage} without a reason, the farm says {job and job.status()}"
    if any(c[2] == "cancel" and c[3] == press.job for c in run.commands) or job is None:
        return
    shared = len({p.folder for p in run.plan.presses}) < len(run.plan.presses)
    lost = [output for output in job.outputs if output.lost and output.kind == "frame"]
    told = press.names_known and run.farm.habits.naming not in ("opaque", "index")
    free = job.status() == "completed" and not run.plan.decoys and not shared and told
    if free and stage != "finished" and not any(output.lost for output in job.outputs):
        yield f"lost work: all is calm and completed, and the job is {stage} ({said})"
    missing = record.get("missing")
    if missing and run.farm.habits.naming in ("path", "number", "id"):
        false = set(missing) - {output.frame for output in lost}
        if false and free:
            yield f"frames: {len(false)} are said to be missing and are not ({stage})"
