"""Which jobs a list shows, and in which order."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import record as rec
from .record import Stage

ALL, ACTIVE, HOME, TROUBLE = "ALL", "ACTIVE", "HOME", "TROUBLE"
NEWEST, NAME, STATE = "NEWEST", "NAME", "STATE"
_STATES = (
    *rec.STAGE_ORDER,
    Stage.CANCELING,
    Stage.INCOMPLETE,
    Stage.FAILED,
    Stage.FINISHED,
    Stage.CANCELED,
)
_RANKS = {stage: rank for rank, stage in enumerate(_STATES)}

Job = Mapping[str, Any]


def row(job: Job) -> tuple[object, ...]:
    """All of a job that its row's place depends on, and whether it is shown."""
    return job["title"], job["stage"], job["waiting"], job["foreign"]


def arranged(
    jobs: Sequence[Job], *, name: str = "", state: str = ALL, sort: str = NEWEST
) -> tuple[list[bool], list[int]]:
    """Whether each of `jobs`, which come newest first, is shown, and at which place it stands.

    What is under way stands above what has ended, unless the list is sorted by names.
    """
    wanted = name.casefold()
    shown = [wanted in job["title"].casefold() and _is(job, state) for job in jobs]
    keys: list[Any]
    if sort == NAME:
        keys = [job["title"].casefold() for job in jobs]
    elif sort == STATE:
        keys = [_RANKS[job["stage"]] for job in jobs]
    else:
        keys = [job["stage"] in rec.ENDED for job in jobs]
    places = [0] * len(jobs)
    for place, index in enumerate(sorted(range(len(jobs)), key=keys.__getitem__)):
        places[index] = place
    return shown, places


def _is(job: Job, state: str) -> bool:
    """Whether a job is of that kind."""
    stage = job["stage"]
    if state == ACTIVE:
        return stage not in rec.ENDED
    if state == HOME:
        return bool(stage == Stage.FINISHED)
    if state == TROUBLE:
        return bool(stage in (Stage.FAILED, Stage.INCOMPLETE) or job["waiting"] or job["foreign"])
    return True


def running(jobs: Mapping[str, Job]) -> list[Job]:
    """The jobs that this place has under way."""
    return [job for job in jobs.values() if job["stage"] not in rec.ENDED and not job["foreign"]]


def over(jobs: Mapping[str, Job]) -> list[str]:
    """The ids of the jobs that nobody needs in the list: all is home, or nothing will come."""
    done = (Stage.FINISHED, Stage.FAILED, Stage.CANCELED)
    return [job_id for job_id, job in jobs.items() if job["stage"] in done]
