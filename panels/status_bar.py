"""A quiet line in the status bar: how far the jobs are, and which has ended a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..session.state import state
from ..translations import shown
from . import job_list
from .text import icon_of, short

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot

MAX_TITLE = 32
"""Letters of a job's name."""


def draw(layout: bpy.types.UILayout) -> None:
    """Draw it, at the end of the bar."""
    row = layout.row(align=True)
    ended = [state.jobs[job_id] for job_id in state.news if job_id in state.jobs]
    if ended:
        alone = f"{title(ended[-1])}: {short(ended[-1])}"
        many = shown("{count} jobs have ended", count=len(ended))
        _button(row, ended[-1], alone if len(ended) == 1 else many)
    running = job_list.running()
    if running:
        newest = max(running, key=lambda job: job.created_at)
        text = f"{title(newest)}: {short(newest)}"
        if len(running) > 1:
            text = shown("{job}, and {count} more", job=text, count=len(running) - 1)
        _button(row, newest, text)


def title(job: JobSnapshot) -> str:
    """A job's name, as much of it as the bar has room for."""
    return job.title if len(job.title) <= MAX_TITLE else f"{job.title[: MAX_TITLE - 1]}…"


def _button(layout: bpy.types.UILayout, job: JobSnapshot, text: str) -> None:
    """A line that shows the job when it is pressed."""
    button = layout.operator(
        "renderjuice.show_job", text=text, icon=icon_of(job), emboss=False, translate=False
    )
    button.job = job.id
