"""The list of jobs as Blender properties, for drawing. What a job says is read from the bridge."""

# One window manager, one list.
# ruff: noqa: PLW0603

from collections.abc import Mapping
from typing import Any

import bpy

_seen = -1


class RenderjuiceJob(bpy.types.PropertyGroup):
    """A row of the job list; `name` is the job's id."""

    title: bpy.props.StringProperty()


def show(manager: Any, jobs: Mapping[str, Mapping[str, Any]], changes: int) -> None:
    """Make the list hold `jobs`, newest first, and keep the same one selected.

    Called at every change of a job, and mostly there is nothing to do: while `changes`, which
    counts what may move a row, is as it was, hundreds of jobs are not compared.
    """
    global _seen
    rows = manager.renderjuice_jobs
    known = changes == _seen
    _seen = changes
    if len(rows) == len(jobs) and (known or jobs.keys() == {row.name for row in rows}):
        return
    ids = sorted(jobs, key=lambda i: (jobs[i]["createdAt"], i), reverse=True)
    index = manager.renderjuice_job
    selected = rows[index].name if 0 <= index < len(rows) else ""
    first_before = rows[0].name if rows else ""
    rows.clear()
    for job_id in ids:
        row = rows.add()
        row.name = job_id
        row.title = jobs[job_id]["title"]
    new_came = bool(ids) and ids[0] != first_before
    manager.renderjuice_job = 0 if new_came or selected not in ids else ids.index(selected)


def register() -> None:
    """Add the list to the window manager: undo leaves it alone and no file keeps it."""
    bpy.utils.register_class(RenderjuiceJob)
    manager: Any = bpy.types.WindowManager
    manager.renderjuice_jobs = bpy.props.CollectionProperty(type=RenderjuiceJob)
    manager.renderjuice_job = bpy.props.IntProperty(name="Job", options={"SKIP_SAVE"})
    manager.renderjuice_hide_ended = bpy.props.BoolProperty(
        name="Hide Ended Jobs",
        description="Show only the jobs that are under way",
        options={"SKIP_SAVE"},
    )


def unregister() -> None:
    """Take it out again."""
    manager: Any = bpy.types.WindowManager
    del manager.renderjuice_hide_ended
    del manager.renderjuice_job
    del manager.renderjuice_jobs
    bpy.utils.unregister_class(RenderjuiceJob)
