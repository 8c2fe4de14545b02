"""Helpers that several rules use to read a run."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..farm import Entry
from ..plan import Press
from ..timeline import Job

if TYPE_CHECKING:
    from ..drive import Run

ENDED = ("finished", "incomplete", "failed", "canceled")
BEGINS = ("/uploads", "/jobs", "/validate", "/render")


def posts(entries: list[Entry]) -> Iterator[Entry]:
    """Yield the POST requests that start, or lead to, something that costs money."""
    for entry in entries:
        if entry.method == "POST" and entry.path.endswith(BEGINS):
            yield entry


def last(entry: Entry) -> str:
    return f"POST {entry.path.rpartition('/')[2]}"


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def paid(run: "Run", press: Press) -> Job | None:
    """Return the farm's job that was rendered for a press."""
    return next((job for job in run.jobs_of(press) if job.renders), None)


def record_of(run: "Run", press: Press) -> dict[str, Any]:
    return run.users[press.user].record(press.job)


def commands(run: "Run", press: Press, *kinds: str) -> list[tuple[float, str, str, str]]:
    """Return the commands for a press: at, user, what, job."""
    return [c for c in run.commands if c[3] == press.job and (not kinds or c[2] in kinds)]
