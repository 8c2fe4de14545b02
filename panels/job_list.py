"""The list of jobs, and the menu of what is done with one now and then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy

from ..jobs.record import Stage
from ..session.state import state
from .text import icon_of, shortest, wrapped

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot

_active: tuple[int, list[str]] = (-1, [])
"""The ids of the jobs that have not ended, at a value of `state.changes`."""
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
        data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        index: int,
    ) -> None:
        """Draw one job: icon and name, and how far it is, or when it ended.

        No bar: a selected row is blue as a bar is, and the one bar is below.
        """
        job = state.jobs.get(item.name)
        if job is None:
            layout.label(text=item.title, translate=False)
            return
        from .fit import fits  # enabling the extension stays fast

        row = layout.row(align=True)
        row.label(text=job.title, icon=icon_of(job), translate=False)
        far = shortest(job)
        if fits(context, f"{job.title}  {far}", taken=75):
            right = row.row()
            right.alignment = "RIGHT"
            right.active = not job.ended or index == data.renderjuice_job
            right.label(text=far, translate=False)


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


def active() -> list[JobSnapshot]:
    """The jobs that have not ended. All are gone through only after a change: there may be many."""
    global _active  # noqa: PLW0603 (one list)
    if _active[0] != state.changes:
        _active = (state.changes, [one for one, job in state.jobs.items() if not job.ended])
    return [state.jobs[one] for one in _active[1] if one in state.jobs]


def running() -> list[JobSnapshot]:
    """The jobs that are under way here."""
    return [job for job in active() if not job.foreign]


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The list."""
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
        rows=3 if len(manager.renderjuice_jobs) <= 3 else 6,
    )
    side = row.column(align=True)
    hidden = manager.renderjuice_hide_ended
    side.prop(manager, "renderjuice_hide_ended", text="", icon="HIDE_ON" if hidden else "HIDE_OFF")
    side.separator()
    side.menu("RENDERJUICE_MT_job", text="", icon="DOWNARROW_HLT")


def selected(context: bpy.types.Context) -> JobSnapshot | None:
    """The job that is selected in the list."""
    manager: Any = context.window_manager
    index = manager.renderjuice_job
    if not 0 <= index < len(manager.renderjuice_jobs):
        return None
    return state.jobs.get(manager.renderjuice_jobs[index].name)


class RENDERJUICE_MT_job(bpy.types.Menu):
    """What is done to the selected job now and then."""

    bl_label = "Job"

    def draw(self, context: bpy.types.Context) -> None:
        """What there is to do, in groups."""
        layout = self.layout
        job = selected(context)
        if job is not None:
            for group in _menu(job):
                for name, icon in group:
                    layout.operator(f"renderjuice.{name}", icon=icon).job = job.id
                layout.separator()
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("renderjuice.remove_over", icon="TRASH")


def _menu(job: JobSnapshot) -> Iterator[list[tuple[str, Any]]]:
    if job.frames.files:
        yield [
            ("view_frames", "IMAGE_DATA"),
            ("add_strip", "SEQUENCE"),
            ("compare", "SPLIT_VERTICAL"),
        ]
    rare: list[tuple[str, Any]] = [("copy_report", "COPYDOWN")]
    if job.ended and job.farm_id:
        rare.insert(0, ("download", "IMPORT"))
    if job.ended or job.foreign:
        rare.append(("remove", "REMOVE"))
    yield rare


_CLASSES = (RENDERJUICE_UL_jobs, RENDERJUICE_MT_job)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
