"""Cancel: it reaches the farm, and a job with an ended record has also ended on the farm."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .common import ENDED, commands, record_of

if TYPE_CHECKING:
    from ..drive import Run


def over_on_the_farm(run: "Run") -> Iterator[str]:
    """A canceled job has ended on the farm, or the record does not claim that it has."""
    for press in run.plan.presses:
        stage = record_of(run, press).get("stage")
        alive = [job for job in run.jobs_of(press) if job.renders and not job.over and not job.gone]
        if commands(run, press, "cancel") and alive and stage in ENDED:
            yield (
                f"cancel: the record says {stage}, the farm {alive[0].status()}"
                f" (its answer to cancel: {run.farm.habits.cancel})"
            )


def told(run: "Run") -> Iterator[str]:
    """A Cancel reaches the farm, even if the disk is full or the farm refused it once."""
    for press in run.plan.presses:
        for at, _, _, _ in commands(run, press, "cancel")[:1]:
            for job in run.jobs_of(press):
                if not job.renders or job.gone or job.over_at() < at:
                    continue
                calls = [
                    e
                    for e in run.farm.log
                    if e.job == job.id and e.method == "POST" and e.path.endswith("/cancel")
                ]
                if not calls and not job.over:
                    yield "cancel: the farm was never told"
                elif not job.over:
                    yield f"cancel: told {len(calls)} times, and the farm goes on"
