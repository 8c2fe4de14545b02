"""The list of jobs, and what the selected one says."""

from typing import Any

import bpy

from ..api import fields
from ..jobs import bridge
from ..jobs import record as rec
from .text import STAGE_ICONS, STAGE_WORDS, size, wrapped


class RENDERJUICE_UL_jobs(bpy.types.UIList):
    """One row a job: what it is, how far it is."""

    def draw_item(
        self,
        _context: bpy.types.Context,
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
        split = layout.split(factor=0.45)
        split.label(text=job["title"], icon=_icon_of(job))
        if job["stage"] in rec.ENDED or job["progress"] is None:
            split.label(text=short(job))
        else:
            split.progress(text=short(job), factor=job["progress"])


def _icon_of(job: dict[str, Any]) -> Any:
    if job["waiting"] or job["foreign"]:
        return "PAUSE"
    return STAGE_ICONS.get(job["stage"], "SORTTIME")


def short(job: dict[str, Any]) -> str:
    """How far a job is, in a few words."""
    words = STAGE_WORDS[job["stage"]]
    if job["foreign"]:
        return f"{words}, elsewhere"
    if job["canceling"]:
        return STAGE_WORDS[rec.CANCELING]
    live = job["live"]
    if live["total"] and live["unit"] != "bytes":
        return f"{words} {live['done']} of {live['total']}"
    if live["total"]:
        return f"{words} {100 * live['done'] // live['total']} %"
    if job["stage"] in (rec.FINISHED, rec.INCOMPLETE):
        count = job["frames"]["downloaded"]
        return f"{words}, {count} file{'' if count == 1 else 's'}"
    return words


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
        _details(layout.box().column(), context, job)


def _details(layout: bpy.types.UILayout, context: bpy.types.Context, job: dict[str, Any]) -> None:
    layout.label(text=job["title"], icon=_icon_of(job))
    if job["progress"] is not None and job["stage"] not in rec.ENDED:
        layout.progress(text=short(job), factor=job["progress"])
    else:
        layout.label(text=short(job))
    for line in _facts(job):
        layout.label(text=line)
    if job["error"]:
        icon = "PAUSE" if job["waiting"] else "ERROR"
        wrapped(layout, context, f"{job['error']['message']} {job['error']['hint']}", icon)
    if job["note"]:
        wrapped(layout, context, job["note"], "INFO")
    if job["stage"] in (rec.UPLOADING, rec.DOWNLOADING) and not job["waiting"]:
        wrapped(layout, context, "Keep Blender open while files are on their way.", "INFO")
    _buttons(layout, job)


def _facts(job: dict[str, Any]) -> list[str]:
    """The numbers behind the bar."""
    lines = []
    live, frames = job["live"], job["frames"]
    if live["step"]:
        lines.append(live["step"].capitalize())
    if live["total"] and live["unit"] == "bytes":
        rate = f", {size(live['rate'])}/s" if live["rate"] else ""
        lines.append(f"{size(live['done'])} of {size(live['total'])}{rate}")
    if job["status"]:
        lines.append(f"On the farm: {fields.STATUSES.get(job['status'], job['status'])}")
    if frames["expected"]:
        lines.append(f"Frames here: {frames['downloaded']} of {frames['expected']}")
    if bridge.offline() and job["stage"] not in rec.ENDED:
        lines.append("Goes on when Blender is online")
    if job["elsewhere"]:
        lines.append("Another Blender takes care of it")
    return lines


def _buttons(layout: bpy.types.UILayout, job: dict[str, Any]) -> None:
    row = layout.row(align=True)
    ended = job["stage"] in rec.ENDED
    if job["foreign"]:
        row.operator("renderjuice.claim").job = job["id"]
    elif not ended:
        row.operator("renderjuice.cancel", icon="CANCEL").job = job["id"]
    if job["waiting"] and not ended:
        row.operator("renderjuice.retry", icon="FILE_REFRESH").job = job["id"]
    if ended and job["farmId"]:
        row.operator("renderjuice.download", icon="IMPORT").job = job["id"]
    row = layout.row(align=True)
    row.operator("renderjuice.open_folder", icon="FILE_FOLDER").job = job["id"]
    if ended or job["foreign"]:
        row.operator("renderjuice.remove", text="Remove", icon="TRASH").job = job["id"]


def register() -> None:
    """Add the list."""
    bpy.utils.register_class(RENDERJUICE_UL_jobs)


def unregister() -> None:
    """Take it out."""
    bpy.utils.unregister_class(RENDERJUICE_UL_jobs)
