"""What the selected job says: how far it is, what went wrong, what can be done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import bpy

from ..api import fields
from ..jobs import record as rec
from ..jobs.record import Stage
from ..session import connection
from ..system.units import size
from ..translations import shown
from . import estimate, home, names
from .text import (
    STAGE_ICONS,
    STAGE_WORDS,
    icon_of,
    left,
    section,
    share,
    short,
    span,
    wrapped,
)

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Draw all of it."""
    column = layout.column()
    column.label(text=job.title, icon=icon_of(job), translate=False)
    done = share(job)
    if done is None:
        column.label(text=short(job))
    else:
        column.progress(text=short(job), factor=done)
    facts = column.column(align=True)
    for line in _facts(job):
        wrapped(facts, context, line)
    if job.error:
        icon = "PAUSE" if job.waiting else "ERROR"
        said = f"{shown(job.error.message)} {shown(job.error.hint)}"
        wrapped(column, context, said, icon)
    for note in job.notes:
        wrapped(column, context, note, "INFO")
    if job.stage in (Stage.UPLOADING, Stage.DOWNLOADING) and not job.waiting:
        wrapped(column, context, "Keep Blender open while files are on their way.", "INFO")
    estimate.draw(layout, context, job)
    _buttons(layout.column(), job)
    home.draw(layout, context, job)
    _stages(layout, job)
    _differences(layout, context, job)


def _facts(job: JobSnapshot) -> list[str]:
    """The numbers behind the bar."""
    lines = []
    live, frames = job.live, job.frames
    if left(job):
        lines.append(shown("Time left: {time}", time=left(job)))
    if live.step:
        step = shown(live.step)
        lines.append(step[0].upper() + step[1:])
    speed = f"{size(live.rate)}/s" if live.rate else ""
    if live.total and live.unit == "bytes":
        done = shown("{done} of {total}", done=size(live.done), total=size(live.total))
        lines.append(f"{done}, {speed}" if speed else done)
    elif speed:
        lines.append(shown("{speed} on the way here", speed=speed))
    if job.status:
        status = shown(fields.STATUSES.get(job.status, job.status))
        lines.append(shown("On the farm: {status}", status=status))
    if frames.expected:
        here, of = frames.downloaded, frames.expected
        lines.append(shown("Frames here: {done} of {total}", done=here, total=of))
    if frames.others:
        lines.append(shown("Other files here: {count}", count=frames.others))
    if connection.offline() and not job.ended:
        lines.append("Goes on when Blender is online")
    if job.elsewhere:
        lines.append("Another Blender takes care of it")
    return lines


def _buttons(layout: bpy.types.UILayout, job: JobSnapshot) -> None:
    row = layout.row(align=True)
    ended = job.ended
    if job.foreign or (job.error and job.error.id == "unknown-farm"):
        row.operator("renderjuice.claim").job = job.id
    elif not ended:
        row.operator("renderjuice.cancel", icon="CANCEL").job = job.id
    if job.waiting and not ended:
        row.operator("renderjuice.retry", icon="FILE_REFRESH").job = job.id
    if ended and job.farm_id:
        row.operator("renderjuice.download", icon="IMPORT").job = job.id
    if ended or job.foreign:
        row.operator("renderjuice.remove", text="Remove", icon="TRASH").job = job.id


def _stages(layout: bpy.types.UILayout, job: JobSnapshot) -> None:
    """When it was submitted, and how long each stage has taken."""
    history = job.history
    if not history:
        return
    body = section(layout, "stages", "Stages", closed=True)
    if body is None:
        return
    column = body.column(align=True)
    begun = time.strftime("%x %H:%M", time.localtime(history[0][1]))
    _pair(column, "Submitted", begun, "TIME")
    ends = [*(at for _, at in history[1:]), time.time()]
    for (stage, at), end in zip(history, ends, strict=True):
        icon = STAGE_ICONS.get(stage, "DOT")
        if stage in rec.ENDED:
            _pair(
                column,
                STAGE_WORDS[stage],
                shown("after {time}", time=span(at - history[0][1])),
                icon,
            )
        else:
            now = stage == job.stage and end is ends[-1]
            took = span(end - at)
            took = shown("{time} so far", time=took) if now else took
            _pair(column, STAGE_WORDS[stage], took, icon)


def _pair(layout: bpy.types.UILayout, name: str, value: str, icon: Any) -> None:
    split = layout.split(factor=0.55)
    split.label(text=name, icon=icon)
    split.label(text=value)


def _differences(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Where the farm has not rendered as it was asked to."""
    if not job.differs:
        return
    body = section(layout, "differences", "Changed by the Farm")
    if body is None:
        return
    column = body.column(align=True)
    for name, asked, used in job.differs:
        said = "{name}: {asked} asked for, {used} used"
        values = {"name": names.setting(name), "asked": shown(asked), "used": shown(used)}
        wrapped(column, context, said, **values)
