"""A quiet line in the status bar: how far the jobs are, and which has ended a moment ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from ..jobs import sorting
from ..session.state import state
from ..translations import shown
from .text import counted, icon_of, share, short

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot


def draw(layout: bpy.types.UILayout) -> None:
    """Draw it, at the end of the bar."""
    row = layout.row(align=True)
    ended = [state.jobs[job_id] for job_id in state.news if job_id in state.jobs]
    if ended:
        alone = f"{ended[-1].title}: {short(ended[-1])}"
        many = shown("{count} jobs have ended", count=len(ended))
        _button(row, ended[-1], alone if len(ended) == 1 else many)
    running = sorting.running(state.jobs)
    if running:
        _button(row, max(running, key=lambda job: job.created_at), _summary(running))


def _button(layout: bpy.types.UILayout, job: JobSnapshot, text: str) -> None:
    """A line that shows the job when it is pressed."""
    button = layout.operator(
        "renderjuice.show_job", text=text, icon=icon_of(job), emboss=False, translate=False
    )
    button.job = job.id


def _summary(running: Sequence[JobSnapshot]) -> str:
    """All that runs, in a few letters. Where frames are counted, per cent are of them."""
    done = sum(job.progress or 0.0 for job in running) / len(running)
    if len(running) == 1 and running[0].live.unit == "frames":
        done = share(running[0]) or 0.0
    percent = f"Renderjuice {100 * done:.0f} %"
    if all(job.waiting for job in running):
        return shown("{percent}, waiting", percent=percent)
    if len(running) > 1:
        return shown("{percent} of {count} jobs", percent=percent, count=len(running))
    job = running[0]
    return f"{percent}  {counted(job)}" if job.live.unit == "frames" else percent
