"""The list of jobs, and what the selected one says."""

from typing import Any

import bpy

from ..jobs import bridge
from . import job_details
from .text import icon_of, left, share, short, shortest, width, wrapped

WIDE = 360.0
"""From this width on a row has room for whole words."""


class RENDERJUICE_UL_jobs(bpy.types.UIList):
    """One row a job: what it is, how far it is."""

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
    ) -> None:
        """Draw one job."""
        job = bridge.jobs.get(item.name)
        if job is None:
            layout.label(text=item.title)
            return
        wide = width(context) > WIDE
        words = f"{short(job)}, {left(job)} left" if left(job) else short(job)
        words = words if wide else shortest(job)
        split = layout.split(factor=0.35 if wide else 0.45)
        split.label(text=job["title"], icon=icon_of(job))
        done = share(job)
        if done is None:
            split.label(text=words)
        else:
            split.progress(text=words, factor=done)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The list and the details of the selected job."""
    manager: Any = context.window_manager
    for sentence in bridge.damaged:
        wrapped(layout, context, sentence, "ERROR")
    if bridge.trouble:
        wrapped(layout, context, bridge.trouble, "CANCEL")
    if not manager.renderjuice_jobs:
        layout.label(text="No jobs yet")
        return
    layout.template_list(
        "RENDERJUICE_UL_jobs",
        "",
        manager,
        "renderjuice_jobs",
        manager,
        "renderjuice_job",
        rows=3,
    )
    index = manager.renderjuice_job
    if not 0 <= index < len(manager.renderjuice_jobs):
        return
    job = bridge.jobs.get(manager.renderjuice_jobs[index].name)
    if job is not None:
        job_details.draw(layout.box().column(), context, job)


def register() -> None:
    """Add the list."""
    bpy.utils.register_class(RENDERJUICE_UL_jobs)


def unregister() -> None:
    """Take it out."""
    bpy.utils.unregister_class(RENDERJUICE_UL_jobs)
