"""The list of jobs, and what the selected one says."""

from typing import Any

import bpy

from ..jobs.record import Stage
from ..session.state import state
from ..translations import shown
from .text import icon_of, left, share, short, shortest, width, wrapped

WIDE = 360.0
"""From this width on a row has room for whole words."""

_arranged: tuple[tuple[Any, ...], tuple[list[bool], list[int]]] = ((), ([], []))
"""What `filter_and_sort` was asked last, and what it said."""


class RENDERJUICE_UL_jobs(bpy.types.UIList):
    """One row a job: what it is, how far it is."""

    state: bpy.props.EnumProperty(
        name="Show",
        items=[
            ("ALL", "All", "All jobs"),
            ("ACTIVE", "Under Way", "Jobs that have not ended"),
            ("HOME", "Finished", "Jobs whose frames have all come home"),
            ("TROUBLE", "Attention", "Jobs that failed, lack frames, or wait"),
        ],
    )
    sort: bpy.props.EnumProperty(
        name="Sort",
        items=[
            ("NEWEST", "Newest", "The newest job first, those that ended below"),
            ("NAME", "Name", "By name"),
            ("STATE", "State", "By how far they are"),
        ],
    )

    def draw_filter(self, _context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        """What to show, and in which order; below the list, behind the small triangle."""
        column = layout.column(align=True)
        column.prop(self, "filter_name", text="", icon="VIEWZOOM")
        column.prop(self, "state", text="", icon="FILTER")
        column.prop(self, "sort", text="", icon="SORTALPHA")

    def filter_items(
        self, _context: bpy.types.Context, data: Any, _property: str
    ) -> tuple[list[int], list[int]]:
        """Which rows Blender draws, and where."""
        which = "ACTIVE" if data.renderjuice_hide_ended else self.state
        shown, places = arranged(data.renderjuice_jobs, self.filter_name, which, self.sort)
        return [self.bitflag_filter_item if one else 0 for one in shown], places

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
        job = state.jobs.get(item.name)
        if job is None:
            layout.label(text=item.title, translate=False)
            return
        wide = width(context) > WIDE
        words = short(job) if wide else shortest(job)
        if wide and left(job):
            words = shown("{stage}, {time} left", stage=words, time=left(job))
        if job.ended and not wide:  # the icon says it, and names tell jobs apart
            layout.label(text=job.title, icon=icon_of(job), translate=False)
            return
        split = layout.split(factor=0.35 if wide else 0.5)
        split.label(text=job.title, icon=icon_of(job), translate=False)
        done = share(job)
        if done is None:
            split.label(text=words)
        else:
            split.progress(text=words, factor=done)


def arranged(rows: Any, name: str, which: str, sort: str) -> tuple[list[bool], list[int]]:
    """Which rows are shown, and where; empty lists for all of them as they are.

    Blender asks at each draw, and with hundreds of jobs little of that is for a change.
    """
    global _arranged  # noqa: PLW0603 (one list)
    asked = (state.changes, len(rows), name, which, sort)
    if _arranged[0] != asked:
        from ..jobs import snapshot, sorting  # enabling the extension stays fast

        gone = snapshot.JobSnapshot("", stage=Stage.CANCELED)
        jobs = [state.jobs.get(row.name, gone) for row in rows]
        shown, places = sorting.filter_and_sort(jobs, name=name, state=which, sort=sort)
        as_they_are = all(shown) and places == list(range(len(rows)))
        _arranged = (asked, ([], []) if as_they_are else (shown, places))
    return _arranged[1]


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The list and the details of the selected job."""
    manager: Any = context.window_manager
    for sentence in state.damaged:
        wrapped(layout, context, sentence, "ERROR")
    if not manager.renderjuice_jobs:
        layout.label(text="No jobs yet")
        return
    row = layout.row()
    row.template_list(
        "RENDERJUICE_UL_jobs",
        "",
        manager,
        "renderjuice_jobs",
        manager,
        "renderjuice_job",
        rows=4,
    )
    side = row.column(align=True)
    hidden = manager.renderjuice_hide_ended
    side.prop(manager, "renderjuice_hide_ended", text="", icon="HIDE_ON" if hidden else "HIDE_OFF")
    side.operator("renderjuice.remove_over", text="", icon="TRASH")
    index = manager.renderjuice_job
    if not 0 <= index < len(manager.renderjuice_jobs):
        return
    job = state.jobs.get(manager.renderjuice_jobs[index].name)
    if job is not None:
        from . import job_details  # enabling the extension stays fast

        job_details.draw(layout.box().column(), context, job)


_CLASSES = (RENDERJUICE_UL_jobs,)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
