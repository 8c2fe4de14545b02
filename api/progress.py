"""Counters of a running job, whose names and shape Renderjuice's documentation leaves open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .shapes import number, text, unwrapped


@dataclass(frozen=True, slots=True)
class Progress:
    """Frames done and wanted, and the part that is done (0..1), each None when not told.

    `raw` is what the farm said.
    """

    done: int | None
    total: int | None
    fraction: float | None
    raw: Any


# Names as `_plain` makes them: completedFrames and frames_completed are both completed.
_DONE = ("completed", "complete", "done", "finished", "rendered", "succeeded", "current")
_TOTAL = ("total", "frames", "framecount", "framescount", "count", "all", "expected")
_WAITING = ("queued", "pending", "waiting", "remaining", "left")
_BUSY = ("running", "rendering", "active", "failed")
_PART = ("progress", "fraction", "ratio")
_PERCENT = ("percent", "percentage", "progresspercent", "progresspercentage", "pct")


def progress(said: Any, job_id: str = "") -> Progress | None:
    """Progress from any shape of answer; None when nothing runs (`[]`, `{}`, null)."""
    said = unwrapped(said, "data", "progress", *([job_id] if job_id else []))
    if isinstance(said, list):
        own = [one for one in said if isinstance(one, dict) and job_id and _job_id(one) == job_id]
        said = own or said
        if len(said) == 1:
            said = unwrapped(said[0], "progress")
    if not said:
        return None
    return _from_list(said) if isinstance(said, list) else _from_counters(said)


def all_progress(said: Any) -> dict[str, Progress]:
    """Progress of every running job by its id, from a list of entries or an object by id."""
    said = unwrapped(said, "data", "jobs")
    if isinstance(said, dict) and not _job_id(said):
        said = unwrapped(said, "progress")
    if isinstance(said, dict):
        pairs = [(_job_id(said), said)] if _job_id(said) else list(said.items())
    else:
        entries = said if isinstance(said, list) else []
        pairs = [(_job_id(one), one) for one in entries if isinstance(one, dict)]
    read = {key: progress(one) for key, one in pairs if key and isinstance(one, dict | list)}
    return {key: one for key, one in read.items() if one is not None}


def _from_counters(said: Any) -> Progress:
    counters: dict[str, float] = {}
    for name, value in _counters(said):
        counters.setdefault(name, max(0.0, value))
    done, total = _first(counters, _DONE), _first(counters, _TOTAL)
    if total is None and done is not None and _first(counters, _WAITING) is not None:
        total = done + sum(counters.get(name, 0) for name in _WAITING + _BUSY)
    part, percent = _first(counters, _PART), _first(counters, _PERCENT)
    if done is not None and total:
        part = done / total
    elif percent is not None:
        part = percent / 100
    elif part is not None and part > 1:
        part /= 100
    return Progress(
        None if done is None else int(done),
        None if total is None else int(total),
        None if part is None else min(1.0, part),
        said,
    )


def _from_list(said: list[Any]) -> Progress:
    """One entry a frame, each with a status."""
    states = [text(one.get("status", one.get("state"))) for one in said if isinstance(one, dict)]
    if not any(states):
        return Progress(None, None, None, said)
    done = sum(_plain(state) in _DONE for state in states)
    return Progress(done, len(states), done / len(states), said)


def _counters(said: Any, depth: int = 0) -> Iterator[tuple[str, float]]:
    if not isinstance(said, dict) or depth > 3:
        return
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _counters(value, depth + 1)
        elif (counted := number(value)) is not None:
            yield _plain(name), counted


def _plain(name: Any) -> str:
    letters = "".join(filter(str.isalnum, str(name))).lower()
    for _ in range(2):
        for extra in ("number", "num", "count", "tasks", "frames", "frame"):
            if letters not in _TOTAL:
                letters = letters.removeprefix(extra).removesuffix(extra) or letters
    return letters


def _first(counters: dict[str, float], names: tuple[str, ...]) -> float | None:
    return next((counters[name] for name in names if name in counters), None)


def _job_id(said: dict[str, Any]) -> str:
    told = [text(said.get(key)) for key in ("jobId", "job_id", "id", "uuid", "job")]
    inner = said.get("job")
    told += [text(inner.get("id"))] if isinstance(inner, dict) else []
    return next(filter(None, told), "")
