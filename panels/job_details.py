"""What the selected job says: how far it is, what went wrong, what can be done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy

from ..api import fields
from ..jobs import record as rec
from ..jobs.record import Stage
from ..session import connection
from ..session.state import state
from ..system.units import size
from ..translations import shown
from . import estimate, fit, home, names
from .text import (
    STAGE_ICONS,
    STAGE_WORDS,
    counted,
    day,
    frames_here,
    left,
    number_of,
    section,
    share,
    short,
    span,
    wrapped,
)

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot

ON_THE_FARM = (Stage.RENDERING, Stage.DOWNLOADING)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Draw all of it."""
    done = share(job)
    if done is not None:
        text = fit.best(context, short(job), counted(job))
        layout.progress(text=text, factor=done)
    elif not job.ended:
        layout.label(text=short(job), translate=False)
    _problem(layout, context, job)
    fit.facts(layout, context, list(_facts(job)))
    for note in job.notes:
        wrapped(layout, context, note, "INFO")
    _sent_without(layout, context, job)
    _stay(layout, context, job)
    estimate.draw(layout, context, job)
    home.draw_missing(layout, context, job)
    scale = 1.3 if job.ended and job.frames.files else 1.0
    fit.buttons(layout, context, list(_buttons(job)), scale)
    if job.ended:
        wrapped(layout, context, _result(job), dim=True)
    _differences(layout, context, job)
    home.draw_pictures(layout, context, job)
    _details(layout, context, job)


def _problem(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """What holds the job up, or has ended it, and what that means."""
    if job.foreign:
        wrapped(layout, context, "This job was made elsewhere", "PAUSE")
        said = "Another computer or user may be running it. Continue it here only if nobody is."
        wrapped(layout, context, said, "BLANK1", dim=True)
    elif connection.offline() and not job.ended:
        wrapped(layout, context, "Blender is offline", "PAUSE")
        said = "The job goes on when Blender is online again."
        if job.stage in ON_THE_FARM:
            said = "The farm goes on rendering. Frames are downloaded when Blender is online again."
        wrapped(layout, context, said, "BLANK1", dim=True)
    elif job.elsewhere:
        wrapped(layout, context, "Another Blender takes care of it", "INFO")
    if job.error:
        icon = "PAUSE" if job.waiting else "ERROR" if job.stage == Stage.INCOMPLETE else "CANCEL"
        what = layout.column()
        what.alert = icon == "CANCEL"
        wrapped(what, context, job.error.message, icon)
        wrapped(layout, context, job.error.hint, "BLANK1", dim=True)


def _stay(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Whether one may go on working, and end Blender."""
    if job.waiting or job.foreign or job.canceling:
        return
    if job.stage in (Stage.SAVING, Stage.PACKING):
        said = "You can go on working. Later changes are not part of this job."
        wrapped(layout, context, said, "INFO", dim=True)
    if job.stage in (Stage.UPLOADING, Stage.DOWNLOADING):
        said = "Keep Blender open while files are on their way."
        wrapped(layout, context, said, "INFO", dim=True)


def _sent_without(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """The missing files that the job was sent without."""
    named, count = ", ".join(job.sent_without), job.sent_without_count - len(job.sent_without)
    if count > 0:
        said = "Sent without {names} and {count} more"
        wrapped(layout, context, said, "ERROR", names=named, count=count)
    elif named:
        wrapped(layout, context, "Sent without {names}", "ERROR", names=named)


def _facts(job: JobSnapshot) -> Iterator[tuple[str, str]]:
    """The numbers behind the bar."""
    live, frames = job.live, job.frames
    if job.ended:
        return
    if live.step:
        yield "Step", shown(live.step)
    if live.total and live.unit == "bytes":
        total = size(live.total)
        done = size(live.done).removesuffix(total[total.rfind(" ") :])  # the unit once is enough
        yield "Size", shown("{done} of {total}", done=done, total=total)
    if live.rate:
        yield "Speed", f"{size(live.rate)}/s"
    if left(job):
        yield "Time Left", left(job)
    if job.status not in ("", job.stage) and job.stage != Stage.DOWNLOADING:
        yield "Farm", shown(fields.STATUSES.get(job.status, job.status))
    if frames.downloaded:
        yield "Downloaded", number_of(frames.downloaded, "{count} frame", "{count} frames")
    if frames.others:
        yield "Other Files", f"{frames.others:,}"
    if estimated := estimate.before(job):
        yield "Estimate", shown("{count} GPU min", count=estimated)


def _buttons(job: JobSnapshot) -> Iterator[fit.Button]:
    """What is done often; the rest is in the menu beside the list."""

    def about(button: Any) -> None:
        button.job = job.id

    def starts(operator: str, text: str, icon: str) -> fit.Button:
        asked = state.asked.get(job.id) is job
        said = shown("One moment…") if asked else text
        return fit.Button(operator, said, icon, about, not asked)

    if job.foreign or (job.error and job.error.id == "unknown-farm"):
        yield starts("renderjuice.claim", "Continue Here", "PLAY")
        if job.foreign:
            yield fit.Button("renderjuice.remove", "Remove from List", "REMOVE", about)
        return
    if job.frames.files:
        yield fit.Button("renderjuice.play", "Play", "PLAY", about)
        yield fit.Button("renderjuice.open_folder", "Open Folder", "FILE_FOLDER", about)
    elif job.ended and job.farm_id:
        yield starts("renderjuice.download", "Download Again", "IMPORT")
    if job.ended and not job.frames.files:
        yield fit.Button("renderjuice.copy_report", "Copy Report", "COPYDOWN", about)
    if not job.ended:
        if job.waiting:
            yield starts("renderjuice.retry", "Try Now", "FILE_REFRESH")
        yield fit.Button("renderjuice.cancel", "Cancel Job…", "CANCEL", about)


def _result(job: JobSnapshot) -> str:
    """What came of it, and how long it took."""
    frames = job.frames
    parts = [frames_here(job)]
    if job.stage != Stage.FINISHED and not job.error:
        parts.insert(0, shown(STAGE_WORDS[job.stage]))
    if frames.others:
        parts.append(number_of(frames.others, "{count} other file", "{count} other files"))
    if cost := estimate.took(job):
        parts.append(cost)
    if len(job.history) > 1:
        parts.append(span(job.history[-1][1] - job.history[0][1]))
    return ", ".join(parts)


def _details(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """When it was submitted, and how long each stage has taken."""
    history = job.history
    if not history:
        return
    body = section(layout, "stages", "Details", closed=True)
    if body is None:
        return
    column = body.column(align=True)
    submitted = time.localtime(history[0][1])
    begun = f"{day(submitted)} {time.strftime('%H:%M', submitted)}"
    _pair(column, "Submitted", begun, "TIME")
    ends = [*(at for _, at in history[1:]), time.time()]
    for (stage, at), end in zip(history, ends, strict=True):
        icon = STAGE_ICONS.get(stage, "DOT")
        if stage in rec.ENDED:
            after = shown("after {time}", time=span(at - history[0][1]))
            _pair(column, STAGE_WORDS[stage], after, icon)
        else:
            now = stage == job.stage and end is ends[-1]
            took = span(end - at)
            took = shown("{time} so far", time=took) if now else took
            _pair(column, STAGE_WORDS[stage], took, icon)
    wrapped(body, context, job.output)


def _pair(layout: bpy.types.UILayout, name: str, value: str, icon: Any) -> None:
    split = layout.split(factor=0.55)
    split.label(text=name, icon=icon)
    split.label(text=value)


def _differences(layout: bpy.types.UILayout, context: bpy.types.Context, job: JobSnapshot) -> None:
    """Where the farm has not rendered as it was asked to."""
    if not job.differs:
        return
    body = section(layout, "differences", "Changed by the Farm")
    if body is not None:
        pairs = [
            (names.setting(name), f"{names.said(name, asked)} → {names.said(name, used)}")
            for name, asked, used in job.differs
        ]
        fit.facts(body, context, pairs)
