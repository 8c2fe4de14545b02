"""The frames of the selected job that have come home, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..jobs.record import Stage
from ..session import connection
from ..session.state import state
from ..session.thumbnails import thumbnails
from ..translations import shown
from . import fit
from .text import number_of, wrapped

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot
    from ..jobs.worker_events import FramesInspected

MIN_WIDTH = 75.0
"""Of a thumbnail, in pixels at interface scale 1."""
UNIT = 20
"""The height of a button there."""


def draw_pictures(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Small pictures of a job's frames; those of test frames stand elsewhere, and larger."""
    if not job.frames.files:
        return
    connection.inspect_frames(job.id)
    inspected = state.frames.found.get(job.id)
    if inspected and not job.estimate:
        _thumbnails(layout, context, job, inspected)


def _thumbnails(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    job: JobSnapshot,
    inspected: FramesInspected,
) -> None:
    columns = max(2, int(fit.room(context) / MIN_WIDTH))
    wide = fit.room(context) / columns
    grid = layout.grid_flow(columns=columns, even_columns=True, row_major=True, align=True)
    for frame in inspected.frames:
        cell = grid.column(align=True)
        cell.template_icon(thumbnails.icon(job, frame), scale=wide / UNIT)
        one = cell.operator("renderjuice.view_frame", text=str(frame.number))
        one.job, one.frame = job.id, frame.number
    if inspected.refused:
        said = "{count} more cannot be shown: they are not there, or are no pictures."
        wrapped(layout, context, said, "INFO", count=inspected.refused)


def draw_missing(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Frames that the farm has not delivered, to be rendered as a job of their own."""
    count = job.frames.missing
    if not count or job.stage != Stage.INCOMPLETE:
        return
    here = (job.blend, job.scene) == (bpy.data.filepath, context.scene.name)
    row = layout.row()
    row.scale_y = 1.5
    row.enabled = here
    long = number_of(count, "Render the Missing Frame", "Render {count} Missing Frames")
    text = fit.best(context, long, shown("Render Missing"))
    row.operator("renderjuice.submit_missing", text=text, icon="RENDER_ANIMATION").job = job.id
    if not here:
        name = bpy.path.basename(job.blend) or shown("the file that was not saved")
        how = "To render them, open {file} at scene {scene}."
        wrapped(layout, context, how, "INFO", file=name, scene=job.scene)
