"""Filters and sorts the list of jobs."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import record as rec
from .record import Stage
from .snapshot import JobSnapshot

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


def row(job: JobSnapshot) -> tuple[object, ...]:
    """The values that a row's position and visibility depend on."""
    return job.title, job.stage, job.waiting, job.foreign


def filter_and_sort(
    jobs: Sequence[JobSnapshot], *, name: str = "", state: str = ALL, sort: str = NEWEST
) -> tuple[list[bool], list[int]]:
    """Filter and sort `jobs`, which come newest first, for `UIList.filter_items`.

    Returns a flag per job that says whether it is shown, and its new index. Active jobs come before
    ended ones, unless the list is sorted by name.
    """
    wanted = name.casefold()
    shown = [wanted in job.title.casefold() and _matches(job, state) for job in jobs]
    keys: list[Any]
    if sort == NAME:
        keys = [job.title.casefold() for job in jobs]
    elif sort == STATE:
        keys = [_RANKS[job.stage] for job in jobs]
    else:
        keys = [job.ended for job in jobs]
    places = [0] * len(jobs)
    for place, index in enumerate(sorted(range(len(jobs)), key=keys.__getitem__)):
        places[index] = place
    return shown, places


def _matches(job: JobSnapshot, state: str) -> bool:
    """Whether a job passes the state filter."""
    if state == ACTIVE:
        return not job.ended
    if state == HOME:
        return job.stage == Stage.FINISHED
    if state == TROUBLE:
        return job.stage in (Stage.FAILED, Stage.INCOMPLETE) or job.waiting or job.foreign
    return True


def running(jobs: Mapping[str, JobSnapshot]) -> list[JobSnapshot]:
    """The active jobs of this state folder."""
    return [job for job in jobs.values() if not job.ended and not job.foreign]


def over(jobs: Mapping[str, JobSnapshot]) -> list[str]:
    """The ids of jobs that can be removed: finished, failed or canceled."""
    done = (Stage.FINISHED, Stage.FAILED, Stage.CANCELED)
    return [job_id for job_id, job in jobs.items() if job.stage in done]
