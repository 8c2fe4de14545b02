"""Test frames: what they say of the whole job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import bpy

from ..session import connection
from ..session.state import state
from ..translations import shown
from . import fit
from .text import wrapped

if TYPE_CHECKING:
    from ..jobs.estimate import Estimate
    from ..jobs.snapshot import JobSnapshot

MAX_COLUMNS = 3
ROOM = 56  # pixels of a sidebar that are no picture: margins of panel and box, the tabs
UNIT = 20  # pixels of a button at interface scale 1


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """The test frames side by side, and what all frames take; nothing for any other job."""
    found = job.estimate
    if not found:
        return
    column = layout.column()
    _side_by_side(column, context, job, found)
    if found.total is None:
        wrapped(column, context, found.message)
        return
    fit.facts(column, context, list(_figures(found)))
    wrapped(column, context, found.basis, dim=True)
    if job.blend == bpy.data.filepath:
        row = layout.row()
        row.scale_y = 1.5
        long = shown("Render {count} Frames", count=f"{found.count:,}")
        text = fit.best(context, long, shown("Render"))
        submit = row.operator("renderjuice.submit", text=text, icon="RENDER_ANIMATION")
        submit.frames = found.frames_text


def _figures(found: Estimate) -> Iterator[tuple[str, str]]:
    """What all frames take."""
    if found.total is not None:
        yield "Estimate", shown("{count} GPU min", count=_minutes(found.total))
    if found.low is not None and found.high is not None:
        low, high = _minutes(found.low), _minutes(found.high)
        if low != high:
            yield "Range", shown("{low} to {high}", low=low, high=high)


def _minutes(seconds: float) -> str:
    from ..jobs.estimate import gpu_minutes  # enabling the extension stays fast

    return gpu_minutes(seconds, estimated=True)


def before(job: JobSnapshot) -> str:
    """What test frames have said of as many frames of the same scene, in GPU minutes, the last
    time before `job` was made; "" if they have said nothing."""
    found = [
        (other.created_at, other.estimate.total)
        for other in state.jobs.values()
        if other.estimate
        and other.estimate.total is not None
        and (other.blend, other.scene) == (job.blend, job.scene)
        and other.estimate.count == job.frames.expected
        and other.created_at <= job.created_at
    ]
    return _minutes(max(found)[1]) if found else ""


def took(job: JobSnapshot) -> str:
    """The GPU minutes of a job, and of how many there was an estimate; "" if the farm has not told
    them."""
    from ..jobs.estimate import gpu_minutes  # enabling the extension stays fast

    if job.gpu_seconds is None:
        return ""
    count, estimated = gpu_minutes(job.gpu_seconds), before(job)
    if estimated:
        said = "{count} GPU minutes ({estimated} estimated)"
        return shown(said, count=count, estimated=estimated)
    return shown("1 GPU minute" if count == "1" else "{count} GPU minutes", count=count)


def _side_by_side(
    layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot, found: Estimate
) -> None:
    """A picture of each frame that is here, with its number and time, as large as fits."""
    from ..session.thumbnails import thumbnails  # enabling the extension stays fast

    connection.inspect_frames(job.id)
    inspected = state.frames.found.get(job.id)
    if not inspected or not inspected.frames:
        return
    frames = inspected.frames
    took = {test.frame: test.render_seconds for test in found.tests}
    titles = [_title(frame.number, took.get(frame.number)) for frame in frames]
    longest = max(fit.width(context, title) for title in titles) + 14
    across = max(1, min(MAX_COLUMNS, len(frames), int(fit.room(context) / longest)))
    width = context.region.width / context.preferences.system.ui_scale - ROOM
    grid = layout.grid_flow(row_major=True, columns=across, even_columns=True, align=True)
    for frame, title in zip(frames, titles, strict=True):
        cell = grid.column(align=True)
        icon = thumbnails.icon(job, frame)
        cell.template_icon(icon_value=icon, scale=max(2.0, width / across / UNIT))
        label = cell.row()
        label.alignment = "CENTER"
        label.label(text=title, translate=False)


def _title(number: int | None, seconds: float | None) -> str:
    """A test frame, and how long it took."""
    from ..jobs import estimate  # enabling the extension stays fast

    return str(number) if seconds is None else f"{number}: {estimate.duration(seconds)}"
