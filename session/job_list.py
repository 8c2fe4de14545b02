"""Mirrors the jobs of `state` into a collection property, which a UIList can draw.

The property belongs to the WindowManager: undo does not affect it and no file stores it.
"""

from typing import Any

import bpy

from . import redraw
from .state import state


class RenderjuiceJob(bpy.types.PropertyGroup):
    """A row of the job list. `name` is the job's id."""

    title: bpy.props.StringProperty()


def update() -> None:
    """Update the list to the session's jobs, newest first, and redraw it."""
    _update(bpy.context.window_manager)
    redraw.soon()


def _update(manager: Any) -> None:
    """Rebuild the list if needed. The selection stays, unless there is a new job.

    It runs at every event; comparing `state.changes` avoids comparing hundreds of jobs.
    """
    rows, jobs = manager.renderjuice_jobs, state.jobs
    known = state.changes == state.listed
    state.listed = state.changes
    if len(rows) == len(jobs) and (known or jobs.keys() == {row.name for row in rows}):
        return
    ids = sorted(jobs, key=lambda i: (jobs[i].created_at, i), reverse=True)
    index = manager.renderjuice_job
    selected = rows[index].name if 0 <= index < len(rows) else ""
    first_before = rows[0].name if rows else ""
    rows.clear()
    for job_id in ids:
        row = rows.add()
        row.name = job_id
        row.title = jobs[job_id].title
    new_came = bool(ids) and ids[0] != first_before
    manager.renderjuice_job = 0 if new_came or selected not in ids else ids.index(selected)


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    """Refill the list after a file was loaded, which clears it."""
    update()


def register() -> None:
    """Add the list to the window manager."""
    bpy.utils.register_class(RenderjuiceJob)
    manager: Any = bpy.types.WindowManager
    manager.renderjuice_jobs = bpy.props.CollectionProperty(type=RenderjuiceJob)
    manager.renderjuice_job = bpy.props.IntProperty(name="Job", options={"SKIP_SAVE"})
    manager.renderjuice_hide_ended = bpy.props.BoolProperty(
        name="Hide Ended Jobs",
        description="Show only the jobs that are under way",
        options={"SKIP_SAVE"},
    )
    bpy.app.handlers.load_post.append(_on_load)


def unregister() -> None:
    """Remove the list."""
    bpy.app.handlers.load_post.remove(_on_load)
    manager: Any = bpy.types.WindowManager
    del manager.renderjuice_hide_ended
    del manager.renderjuice_job
    del manager.renderjuice_jobs
    bpy.utils.unregister_class(RenderjuiceJob)
