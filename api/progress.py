"""Parses the progress of running jobs, whose shape the API documentation does not specify.

Ambiguous data gives None: no progress is better than a wrong one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .shapes import count, number, shallow, text, unwrapped


@dataclass(frozen=True, slots=True)
class Progress:
    """Frames done, frames in total, and the fraction done (0 to 1); None for what is unknown."""

    done: int | None
    total: int | None
    fraction: float | None


# Normalized names (`_normalized`): completedFrames and frames_completed are both "completed".
_DONE = {
    *("completed", "complete", "done", "finished", "rendered", "current"),
    *("succeeded", "success", "successful"),
}
_TOTAL = {"total", "frames", "framecount", "framescount", "count", "all", "expected"}
_WAITING = {"queued", "pending", "waiting", "created", "scheduled", "notstarted"}
_REMAINING = {"remaining", "left"}
_BUSY = {"running", "rendering", "active", "processing", "inprogress", "failed", "errored"}
_FRACTION = {"progress", "fraction", "ratio"}
_PERCENT = {"percent", "percentage", "progresspercent", "progresspercentage", "pct"}
_STATUS = ("status", "state", "taskStatus", "frameStatus")
_LABEL = ("name", "key", "label", "type", "counter", "metric")
_COUNT = _TOTAL | {"value", "number", "amount"}
_COUNTED = _COUNT | _DONE | _WAITING | _REMAINING | _BUSY
_FRAME = ("frame", "frameNumber", "frame_number")
_IDS = ("jobId", "job_id", "id", "uuid", "job")
_GROUPS = ("frames", "counters", "progress", "counts", "statuses", "data")
MAX_DEPTH = 4


def all_progress(data: Any) -> dict[str, Progress]:
    """Parse the progress of all running jobs, from a list or an object keyed by job id."""
    data = unwrapped(_plain(shallow(data)), "data", "jobs")
    if isinstance(data, dict) and not _job_id(data):
        data = unwrapped(data, "progress", "counters", "counts")
    told: dict[str, Any] = {}
    if isinstance(data, dict) and not _job_id(data):
        told = data
    else:
        for entry in data if isinstance(data, list) else [data]:
            if isinstance(entry, dict) and (job_id := _job_id(entry)):
                told.setdefault(job_id, []).append(entry)
    parsed = {job_id: progress(entries, job_id) for job_id, entries in told.items()}
    return {job_id: one for job_id, one in parsed.items() if one is not None}


def progress(data: Any, job_id: str = "") -> Progress | None:
    """Parse one job's progress from counters of any shape; None if they are ambiguous.

    Entries of other jobs than `job_id` are ignored.
    """
    data = unwrapped(_plain(shallow(data)), "data", *([job_id] if job_id else []))
    if isinstance(data, list) and job_id:
        own = [one for one in data if isinstance(one, dict) and _job_id(one) in ("", job_id)]
        data = [one for one in own if _job_id(one)] or own
    return _parse(data, MAX_DEPTH)


def _plain(data: Any) -> Any:
    """The same with each count as a number: "12", {"_all": 12}, or a list of 12 frame numbers.

    A pair of a name and a count becomes an entry of a list.
    """
    if isinstance(data, dict):
        return {name: _plain_value(name, value) for name, value in data.items()}
    if not isinstance(data, list):
        return data
    pairs = [one for one in data if isinstance(one, list) and len(one) == 2 and text(one[0])]
    if data and len(pairs) == len(data):
        return [{"name": name, "count": counted} for name, counted in data]
    return [_plain(one) for one in data]


def _plain_value(name: str, value: Any) -> Any:
    known = _normalized(name)
    if isinstance(value, str) and known in _COUNTED and re.fullmatch("[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, dict) and name == "_count" and len(value) == 1:
        (value,) = value.values()
    if isinstance(value, list) and value and known in _COUNTED and all(map(_is_number, value)):
        return len(value)
    return _plain(value)


def _is_number(value: Any) -> bool:
    return number(value) is not None


def _parse(data: Any, depth: int) -> Progress | None:
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not data or not depth or not isinstance(data, dict | list):
        return None
    return _from_list(data, depth) if isinstance(data, list) else _from_object(data, depth)


def _from_object(data: dict[str, Any], depth: int) -> Progress | None:
    """Progress from an object of counters, or from the one nested in it that counts frames."""
    names = {_normalized(name) for name in data}
    if _text_of(data, _STATUS) and _value(data) is not None and not names & _TOTAL - {"count"}:
        return _from_statuses([data])
    parsed = _from_counters(data.items())
    if parsed is not None:
        return parsed
    groups = {_normalized(name): one for name, one in data.items() if isinstance(one, dict | list)}
    for name in _GROUPS:
        if name in groups:
            return _parse(groups[name], depth - 1)
    found = {one for one in (_parse(group, depth - 1) for group in groups.values()) if one}
    return found.pop() if len(found) == 1 else None


def _from_list(data: list[Any], depth: int) -> Progress | None:
    """Progress from a list with an entry per status, counter or frame; duplicates count once."""
    if not all(isinstance(one, dict) for one in data):
        return None
    once = {str(one): one for one in data}.values()
    entries = [{name: told for name, told in one.items() if name not in _IDS} for one in once]
    if all(_text_of(one, _STATUS) and _value(one) is not None for one in entries):
        return _from_statuses(entries)
    if all(_text_of(one, _LABEL) and _value(one) is not None for one in entries):
        return _from_counters([(_text_of(one, _LABEL), _value(one)) for one in entries])
    if all(_text_of(one, _STATUS) and _frame(one) is not None for one in entries):
        return _from_frames(entries)
    if len(entries) == 1:
        return _parse(entries[0], depth - 1)
    return _from_parts(entries)


def _from_parts(entries: list[dict[str, Any]]) -> Progress | None:
    """Progress from counters that several entries hold; None if two hold the same counter."""
    names = [_COUNTED.intersection(map(_normalized, entry)) for entry in entries]
    if sum(map(len, names)) > len(set().union(*names)):  # of parts, or of different moments
        return None
    return _from_counters([pair for entry in entries for pair in entry.items()])


def _from_statuses(entries: list[dict[str, Any]]) -> Progress | None:
    """Progress from the number of frames per status. Their sum is the total.

    If only finished frames are counted, the total is unknown: the others may not be listed.
    """
    counts: dict[str, float] = {}
    seen: set[str] = set()
    for entry in entries:
        told = {name: value for name, value in entry.items() if not _is_number(value)}
        if str(sorted(told.items())) in seen:  # two counts of the same status
            return None
        seen.add(str(sorted(told.items())))
        status = _normalized(_text_of(entry, _STATUS))
        counts[status] = counts.get(status, 0) + (_value(entry) or 0)
    if any(name in _TOTAL for name in counts):
        return _from_counters(counts.items())
    known = all(name in _DONE | _WAITING | _REMAINING | _BUSY for name in counts)
    if not known and not any(name in _DONE for name in counts):
        return None
    done = sum(counted for name, counted in counts.items() if name in _DONE)
    return _checked(done, None if _DONE.issuperset(counts) else sum(counts.values()))


def _from_frames(entries: list[dict[str, Any]]) -> Progress | None:
    """Progress from the status of each frame. None if a frame is listed twice (views, retries).

    If all listed frames are finished, the total is unknown: the others may not be listed.
    """
    statuses = [_normalized(_text_of(entry, _STATUS)) for entry in entries]
    if len({_frame(entry) for entry in entries}) < len(entries):
        return None
    if not all(status in _DONE | _WAITING | _REMAINING | _BUSY for status in statuses):
        return None
    done = sum(status in _DONE for status in statuses)
    return _checked(done, len(entries) if done < len(entries) else None)


def _from_counters(pairs: Iterable[tuple[str, Any]]) -> Progress | None:
    """Progress from counters by name; None if two counters of one name differ."""
    counters: dict[str, float] = {}
    for name, value in pairs:
        counted = number(value)
        if counted is not None and counters.setdefault(_normalized(name), counted) != counted:
            return None
    done, total = _agreed(counters, _DONE), _agreed(counters, _TOTAL)
    fraction = _from_fraction(_agreed(counters, _FRACTION), _agreed(counters, _PERCENT))
    if done is None:
        return fraction
    judged = _checked(done, _sum(counters, done) if total is None else total)
    if judged and fraction and judged.fraction is None:
        return replace(judged, fraction=fraction.fraction)
    return judged


def _sum(counters: dict[str, float], done: float) -> float | None:
    """The total as the sum of all counters; None if some are unknown or may overlap."""
    waiting, left = ([n for n in counters if n in names] for names in (_WAITING, _REMAINING))
    busy = [name for name in counters if name in _BUSY]
    others = counters.keys() - _DONE - _WAITING - _REMAINING - _BUSY - _FRACTION - _PERCENT
    if others or not (waiting or left) or (left and (waiting or any(counters[n] for n in busy))):
        return None
    return done + sum(counters[name] for name in (*waiting, *left, *busy))


def _from_fraction(fraction: float | None, percent: float | None) -> Progress | None:
    if percent is None and fraction is not None and fraction != 1:  # 1 may mean 1% or 100%
        percent = fraction if fraction > 1 else fraction * 100
    if percent is None or not 0 <= percent <= 100:
        return None
    return Progress(None, None, percent / 100)


def _checked(done: float, total: float | None) -> Progress | None:
    """Progress of these counts; None if they are impossible."""
    frames, all_frames = count(done), count(total)
    if frames is None or (total is not None and (all_frames is None or frames > all_frames)):
        return None
    return Progress(frames, all_frames, frames / all_frames if all_frames else None)


def _agreed(counters: dict[str, float], names: set[str]) -> float | None:
    """The value of the counters of these names; None if they are missing or differ."""
    values = {counters[name] for name in names if name in counters}
    return values.pop() if len(values) == 1 else None


def _normalized(name: Any) -> str:
    letters = "".join(filter(str.isalnum, str(name)[:100])).lower()
    if "current" in letters and "frame" in letters:
        return letters  # the number of the current frame, not a count
    for _ in range(2):
        for extra in ("number", "num", "count", "tasks", "frames", "frame"):
            if letters not in _TOTAL:
                letters = letters.removeprefix(extra).removesuffix(extra) or letters
    return letters


def _text_of(entry: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next(filter(None, (text(entry.get(key)) for key in keys)), "")


def _value(entry: dict[str, Any]) -> float | None:
    """The count of an entry, if it is the entry's only number beside a percentage."""
    known = [key for key in entry if _is_number(entry[key]) and _normalized(key) not in _PERCENT]
    return number(entry[known[0]]) if len(known) == 1 and _normalized(known[0]) in _COUNT else None


def _frame(entry: dict[str, Any]) -> float | None:
    return next((number(entry[key]) for key in _FRAME if key in entry), None)


def _job_id(data: dict[str, Any]) -> str:
    inner = data.get("job")
    told = [text(data.get(key)) for key in _IDS]
    told += [text(inner.get("id"))] if isinstance(inner, dict) else []
    return next(filter(None, told), "")
