"""Counters of running jobs, whose names and arrangement Renderjuice's documentation leaves open.

What can be read in more than one way is not read: no progress is shown rather than a wrong one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .shapes import count, number, shallow, text, unwrapped


@dataclass(frozen=True, slots=True)
class Progress:
    """Frames done and wanted, and the part that is done (0..1), each None when not told."""

    done: int | None
    total: int | None
    fraction: float | None


# Names as `_plain` makes them: completedFrames and frames_completed are both completed.
_DONE = {"completed", "complete", "done", "finished", "rendered", "succeeded", "current"}
_TOTAL = {"total", "frames", "framecount", "framescount", "count", "all", "expected"}
_WAITING = {"queued", "pending", "waiting", "created", "scheduled"}
_LEFT = {"remaining", "left"}
_BUSY = {"running", "rendering", "active", "processing", "inprogress", "failed", "errored"}
_PART = {"progress", "fraction", "ratio"}
_PERCENT = {"percent", "percentage", "progresspercent", "progresspercentage", "pct"}
_STATUS = ("status", "state")
_LABEL = ("name", "key", "label", "type", "counter", "metric")
_COUNT = ("count", "value", "frames", "total", "number", "amount")
_FRAME = ("frame", "frameNumber", "frame_number")
_IDS = ("jobId", "job_id", "id", "uuid", "job")
_GROUPS = ("frames", "counters", "progress", "counts", "statuses", "data")
MAX_DEPTH = 4


def all_progress(said: Any) -> dict[str, Progress]:
    """Progress of every running job by its id, from a list of entries or an object by id."""
    said = unwrapped(shallow(said), "data", "jobs")
    if isinstance(said, dict) and not _job_id(said):
        said = unwrapped(said, "progress")
    told: dict[str, Any] = {}
    if isinstance(said, dict) and not _job_id(said):
        told = said
    else:
        for entry in said if isinstance(said, list) else [said]:
            if isinstance(entry, dict) and (job_id := _job_id(entry)):
                told.setdefault(job_id, []).append(entry)
    read = {job_id: progress(entries, job_id) for job_id, entries in told.items()}
    return {job_id: one for job_id, one in read.items() if one is not None}


def progress(said: Any, job_id: str = "") -> Progress | None:
    """One job's progress from any arrangement of counters; None where it does not tell it.

    Where several jobs are listed, those that are not `job_id` do not count.
    """
    said = unwrapped(shallow(said), "data", *([job_id] if job_id else []))
    if isinstance(said, list) and job_id:
        own = [one for one in said if isinstance(one, dict) and _job_id(one) in ("", job_id)]
        said = [one for one in own if _job_id(one)] or own
    return _read(said, MAX_DEPTH)


def _read(said: Any, depth: int) -> Progress | None:
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    if not said or not depth or not isinstance(said, dict | list):
        return None
    return _of_list(said, depth) if isinstance(said, list) else _of_object(said, depth)


def _of_object(said: dict[str, Any], depth: int) -> Progress | None:
    """From an object of counters, or the one within it that is about frames."""
    if _named(said, _STATUS) and _value(said) is not None and not {"total", "frames"} & set(said):
        return _by_status([said])
    read = _of_counters(said.items())
    if read is not None:
        return read
    groups = {_plain(name): one for name, one in said.items() if isinstance(one, dict | list)}
    for name in _GROUPS:
        if name in groups:
            return _read(groups[name], depth - 1)
    found = {one for one in (_read(group, depth - 1) for group in groups.values()) if one}
    return found.pop() if len(found) == 1 else None


def _of_list(said: list[Any], depth: int) -> Progress | None:
    """From one entry a status, a counter or a frame; the same entry twice counts once."""
    if not all(isinstance(one, dict) for one in said):
        return None
    once = {str(one): one for one in said}.values()
    entries = [{name: told for name, told in one.items() if name not in _IDS} for one in once]
    if all(_named(one, _STATUS) and _value(one) is not None for one in entries):
        return _by_status(entries)
    if all(_named(one, _LABEL) and _value(one) is not None for one in entries):
        return _of_counters([(_named(one, _LABEL), _value(one)) for one in entries])
    if all(_named(one, _STATUS) and _frame(one) is not None for one in entries):
        return _by_frame(entries)
    if len(entries) == 1:
        return _read(entries[0], depth - 1)
    return _of_counters([pair for entry in entries for pair in entry.items()])


def _by_status(entries: list[dict[str, Any]]) -> Progress | None:
    """From how many frames have each status: together they are all frames.

    Where only finished ones are counted, the others may not be listed at all.
    """
    counts: dict[str, float] = {}
    seen: set[str] = set()
    for entry in entries:
        told = {name: value for name, value in entry.items() if name not in _COUNT}
        if str(sorted(told.items())) in seen:  # two counts of one thing
            return None
        seen.add(str(sorted(told.items())))
        status = _plain(_named(entry, _STATUS))
        counts[status] = counts.get(status, 0) + (_value(entry) or 0)
    if any(name in _TOTAL for name in counts):
        return _of_counters(counts.items())
    known = all(name in _DONE | _WAITING | _LEFT | _BUSY for name in counts)
    if not known and not any(name in _DONE for name in counts):
        return None
    done = sum(counted for name, counted in counts.items() if name in _DONE)
    return _judged(done, None if _DONE.issuperset(counts) else sum(counts.values()))


def _by_frame(entries: list[dict[str, Any]]) -> Progress | None:
    """From the status of each frame. A frame in two views, or tried twice, may be half done.

    A list of nothing but finished frames may be a list of the finished ones only.
    """
    statuses = [_plain(_named(entry, _STATUS)) for entry in entries]
    if len({_frame(entry) for entry in entries}) < len(entries):
        return None
    if not all(status in _DONE | _WAITING | _LEFT | _BUSY for status in statuses):
        return None
    done = sum(status in _DONE for status in statuses)
    return _judged(done, len(entries) if done < len(entries) else None)


def _of_counters(pairs: Iterable[tuple[str, Any]]) -> Progress | None:
    """From counters by their names; a name that is there twice must have one value."""
    counters: dict[str, float] = {}
    for name, value in pairs:
        counted = number(value)
        if counted is not None and counters.setdefault(_plain(name), counted) != counted:
            return None
    done, total = _one(counters, _DONE), _one(counters, _TOTAL)
    part = _of_part(_one(counters, _PART), _one(counters, _PERCENT))
    if done is None:
        return part
    judged = _judged(done, _sum(counters, done) if total is None else total)
    if judged and part and judged.fraction is None:
        return replace(judged, fraction=part.fraction)
    return judged


def _sum(counters: dict[str, float], done: float) -> float | None:
    """All frames, where the counters are of what is done and what is not, and of nothing else."""
    waiting, left = ([n for n in counters if n in names] for names in (_WAITING, _LEFT))
    busy = [name for name in counters if name in _BUSY]
    others = counters.keys() - _DONE - _WAITING - _LEFT - _BUSY - _PART - _PERCENT
    if others or not (waiting or left) or (left and (waiting or any(counters[n] for n in busy))):
        return None
    return done + sum(counters[name] for name in (*waiting, *left, *busy))


def _of_part(part: float | None, percent: float | None) -> Progress | None:
    if percent is None and part is not None and part != 1:  # 1 may be a per cent, or all
        percent = part if part > 1 else part * 100
    if percent is None or not 0 <= percent <= 100:
        return None
    return Progress(None, None, percent / 100)


def _judged(done: float, total: float | None) -> Progress | None:
    """Progress of these counts, if they are possible."""
    frames, all_frames = count(done), count(total)
    if frames is None or (total is not None and (all_frames is None or frames > all_frames)):
        return None
    return Progress(frames, all_frames, frames / all_frames if all_frames else None)


def _one(counters: dict[str, float], names: set[str]) -> float | None:
    """What the counters of these names agree on."""
    values = {counters[name] for name in names if name in counters}
    return values.pop() if len(values) == 1 else None


def _plain(name: Any) -> str:
    letters = "".join(filter(str.isalnum, str(name)[:100])).lower()
    if "current" in letters and "frame" in letters:
        return letters  # a frame's number
    for _ in range(2):
        for extra in ("number", "num", "count", "tasks", "frames", "frame"):
            if letters not in _TOTAL:
                letters = letters.removeprefix(extra).removesuffix(extra) or letters
    return letters


def _named(entry: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next(filter(None, (text(entry.get(key)) for key in keys)), "")


def _value(entry: dict[str, Any]) -> float | None:
    """The count of an entry, if that is the only number in it."""
    known = [key for key, value in entry.items() if number(value) is not None]
    return number(entry[known[0]]) if len(known) == 1 and known[0] in _COUNT else None


def _frame(entry: dict[str, Any]) -> float | None:
    return next((number(entry[key]) for key in _FRAME if key in entry), None)


def _job_id(said: dict[str, Any]) -> str:
    inner = said.get("job")
    told = [text(said.get(key)) for key in _IDS]
    told += [text(inner.get("id"))] if isinstance(inner, dict) else []
    return next(filter(None, told), "")
