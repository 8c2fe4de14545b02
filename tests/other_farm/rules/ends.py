"""The end: every job ends once the farm behaves normally, and unfinished jobs have a reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..plan import Press
from .common import ENDED, commands, paid, record_of
from .frames import free

if TYPE_CHECKING:
    from ..drive import Run


def few_requests(run: "Run") -> Iterator[str]:
    """The farm does not get too many requests."""
    if run.farm.flooded:
        yield f"flood: more than {len(run.farm.log)} requests"


def by_others(run: "Run") -> Iterator[str]:
    """Problems noticed during the run: workers that do not end, errors in the farm itself."""
    for user in run.everybody():
        yield from user.broken
    yield from (f"the farm itself: {error!r}" for error in run.farm.crashes)


def damage_is_said(run: "Run") -> Iterator[str]:
    """A record that cannot be read is reported and does not affect other jobs."""
    for name in run.damaged:
        if not any(name in text for user in run.everybody() for text in user.damaged):
            yield "damage: a record that cannot be read is not named"


def comes_to_an_end(run: "Run") -> Iterator[str]:
    """Every job ends, with a reason if it is not finished."""
    for press in run.plan.presses:
        record = record_of(run, press)
        yield from _end(run, press) if record else ["end: the record is gone"]


def _end(run: "Run", press: Press) -> Iterator[str]:
    record = record_of(run, press)
    stage, error, job = record.get("stage"), record.get("error") or {}, paid(run, press)
    said = f"{error.get('id')}: {error.get('message')}"
    if error.get("id") == "internal":
        yield f"internal: {stage}: {said}"
    if stage in ("failed", "incomplete") and not error.get("message"):
        yield f"sentence: {stage} without a reason"
    if stage not in ENDED and not (record.get("waiting") and error.get("message")):
        yield f"end: still {stage} without a reason, the farm says {job and job.status()}"
    if job is None or commands(run, press, "cancel"):
        return
    lost = any(output.lost for output in job.outputs)
    if stage != "finished" and not lost and job.status() == "completed" and free(run, press):
        yield f"lost work: all is calm and completed, and the job is {stage} ({said})"
