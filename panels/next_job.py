"""The next job: what will be rendered, called and written where, what is wrong, and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ..scene import config, missing, test_frames
from ..session import connection, scan
from ..session import next_job as stored
from ..system.units import size
from ..translations import shown
from . import checks, fit, names
from .job_list import active
from .text import number_of, span, wrapped

if TYPE_CHECKING:
    from ..scene.config import Requested
    from ..scene.settings import Settings
    from ..session.scan import Results

MIN_SECONDS_SHOWN = 10
"""After which a scan says for how long it has been running."""

_last: tuple[Any, Requested] | None = None


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw all of it."""
    scene = context.scene
    own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
    known = scan.asked(scene)
    wanted = requested(scene, known)
    scan.find_place_if_changed(scene)
    row = layout.row()
    if fit.narrow(context):
        row.prop(own, "mode", text="")
    else:
        row.prop(own, "mode", expand=True)
    _fields(layout, context, own)
    found = scan.results(scene, known)
    _scene(layout, context, wanted, found)
    if own.mode == "TEST" and wanted.frames_problem:  # else it is among the findings
        wrapped(layout, context, wanted.frames_problem[1], "CANCEL")
    _go(layout, context, wanted, found)
    checks.draw(layout, context, found)


def draw_scene(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What the scene is, and what is wrong with it, for who cannot send it yet."""
    known = scan.asked(context.scene)
    found = scan.results(context.scene, known)
    _scene(layout, context, requested(context.scene, known), found)
    checks.draw(layout, context, found)


def _scene(
    layout: bpy.types.UILayout, context: bpy.types.Context, wanted: Requested, found: Results
) -> None:
    """How it is rendered, and what is sent: facts of the scene, in Blender's words."""
    column = layout.column(align=True)
    _camera(column, context.scene)
    _engine(column, context, wanted)
    _image(column, context, wanted)
    _files(column, context, found)


def requested(scene: bpy.types.Scene, known: tuple[Settings, dict[str, Any]]) -> Requested:
    """What would be asked of the farm, made anew where a setting has changed since; `known` is
    what `scan.asked` has just returned."""
    global _last  # noqa: PLW0603 (one sidebar is drawn at a time)
    own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
    test = stored.test_text(own) if own.mode == "TEST" else None
    asked = (*known, test)
    if _last is None or _last[0] != asked:
        wanted = config.requested(*known)
        if test is not None:
            wanted = test_frames.requested(wanted, *known, test)
        _last = (asked, wanted)
    return _last[1]


def _fields(layout: bpy.types.UILayout, context: bpy.types.Context, own: Any) -> None:
    """Frames, name, folder."""
    scene: Any = context.scene
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    if own.mode == "STILL":
        column.prop(scene, "frame_current", text="Frame")
    else:
        _field(column, own, "shown_frames", own_one=scene.renderjuice.use_frames)
    if own.mode == "TEST":
        column.prop(own, "which", text="" if fit.narrow(context) else "Test")
        if own.which == "EVERY":
            column.prop(own, "every")
        if own.which == "CHOSEN":
            column.prop(own, "chosen", placeholder="1, 50-52")
    _field(column, own, "shown_title", own_one=bool(own.title))
    row = layout.row()
    row.alert = _has_no_folder(scene)
    hint = shown("Choose a folder")
    _field(row, own, "shown_output", own_one=bool(own.output), text="", placeholder=hint)


def _has_no_folder(scene: bpy.types.Scene) -> bool:
    """Whether the file was never saved and none is chosen."""
    return not bpy.data.filepath and not scan.place(scene).shown_folder


def _field(
    layout: bpy.types.UILayout, own: Any, name: str, *, own_one: bool, **options: Any
) -> None:
    """A field of the scene's own value, or of another with the way back."""
    row = layout.row(align=True)
    row.prop(own, name, **options)
    if own_one:
        row.operator("renderjuice.reset_field", text="", icon="LOOP_BACK").field = name


def _camera(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    camera = scene.camera.name if scene.camera else shown("No camera")
    if len(bpy.data.scenes) > 1:
        camera = f"{camera}, {scene.name}"
    layout.label(text=camera, icon="CAMERA_DATA", translate=False)


def _engine(layout: bpy.types.UILayout, context: bpy.types.Context, wanted: Requested) -> None:
    """The engine and its samples; beside them, all that is sent."""
    values = wanted.applied
    engine, samples = names.engine(values["renderEngine"]), values.get("sampleCount")
    row = layout.row()
    text = engine
    if samples is not None:
        long = f"{engine}, {number_of(samples, '{count} sample', '{count} samples')}"
        text = fit.best(context, long, f"{engine}, {samples:,}", taken=50)
    row.label(text=text, icon="SHADING_RENDERED", translate=False)
    _mark(row, wanted, "renderEngine", "sampleCount")
    row.popover("RENDERJUICE_PT_sent", text="", icon="INFO")


def _image(layout: bpy.types.UILayout, context: bpy.types.Context, wanted: Requested) -> None:
    """The size and the format of the frames."""
    values = wanted.applied
    width, height = values["resolution"]
    percentage = values["resolutionPercentage"]
    pixels = f"{width * percentage // 100} {names.TIMES} {height * percentage // 100}"
    kind = names.file_format(values["outputFormat"])
    both = f"{pixels}, {kind}"
    beside = fit.fits(context, both, taken=16)
    row = layout.row()
    row.label(text=both if beside else pixels, icon="IMAGE_DATA", translate=False)
    _mark(row, wanted, "resolution", "resolutionPercentage")
    if not beside:
        row = layout.row()
        row.label(text=kind, icon="BLANK1", translate=False)
    _mark(row, wanted, "outputFormat")


def _mark(layout: bpy.types.UILayout, wanted: Requested, *fields: str) -> None:
    """Tell where it is not the scene's own."""
    if any(wanted.sources.get(name) == "override" for name in fields):
        layout.label(icon="DECORATE_OVERRIDE")


def _files(layout: bpy.types.UILayout, context: bpy.types.Context, found: Results) -> None:
    """What is sent, or what is wrong with it; beside it, the button that looks at the files."""
    scene = context.scene
    row = layout.row()
    count = _problems(found)
    if count:
        line = row.row()
        line.alert = fit.letters_are_light(context)  # dark ones are not to be read on red
        one, many = "{count} problem to fix", "{count} problems to fix"
        long = number_of(count, one, many)
        short = number_of(count, "{count} problem", "{count} problems")
        text = fit.best(context, long, short, taken=36)
        line.operator(
            "renderjuice.show_findings", text=text, icon="CANCEL", emboss=False, translate=False
        )
    else:
        text = fit.best(context, *_known(scene, found), taken=36)
        row.label(text=text, icon="FILE", translate=False)
    if scan.files(scene).scanning:
        row.operator("renderjuice.stop_check", text="", icon="X", emboss=False)
    else:
        row.operator("renderjuice.check", text="", icon="FILE_REFRESH", emboss=False)


def _problems(found: Results) -> int:
    """How many errors the findings show: missing files of one kind in one folder are one."""
    errors = [one for one in found.current if one.level == "error"]
    return len(missing.grouped([one for one in errors if one.id not in scan.GLOBAL_CHECKS]))


def _known(scene: bpy.types.Scene, found: Results) -> list[str]:
    """What is known of the files, from wordy to terse."""
    files = scan.files(scene)
    if files.scanning:
        step = shown(files.scanning)
        text = shown("Files: {step}", step=step)
        if files.seconds >= MIN_SECONDS_SHOWN:
            text = shown("Files, for {time}: {step}", time=span(files.seconds), step=step)
        return [text, step]
    if found.is_old:
        return [shown("Changed since the check"), shown("Changed")]
    if files.found:
        count, total = files.found.count, size(files.found.bytes)
        return [f"{number_of(count, '{count} file', '{count} files')}, {total}", total]
    return [shown("Files not checked"), shown("Not checked")]


def _go(
    layout: bpy.types.UILayout, context: bpy.types.Context, wanted: Requested, found: Results
) -> None:
    """The button, and why it asks."""
    scene = context.scene
    own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
    sent = any(job.blend == bpy.data.filepath for job in active())
    unsaved = _has_no_folder(scene)
    texts = _says(scene, own.mode, len(wanted.frames)), shown("Render")
    asks = "…" if sent or unsaved else ""
    column = layout.column(align=True)
    row = column.row()
    row.scale_y = 1.5
    row.enabled = not found.blocking_errors
    icon: Any = "RENDER_STILL" if own.mode == "STILL" else "RENDER_ANIMATION"
    kind = "test_frames" if own.mode == "TEST" else "submit"
    button: Any = row.operator(
        f"renderjuice.{kind}",
        text=fit.best(context, *(f"{one}{asks}" for one in texts)),
        icon=icon,
        translate=False,
    )
    if own.mode == "TEST":
        button.which, button.every, button.chosen = own.which, own.every, own.chosen
    else:
        button.still = own.mode == "STILL"
    if unsaved:
        wrapped(column, context, "Choose a folder for the frames, or save the file.", dim=True)
    if sent and not connection.offline():
        said = "Another job of this file has not ended. You will be charged for both."
        wrapped(column, context, said, dim=True)


def _says(scene: bpy.types.Scene, mode: str, count: int) -> str:
    """What the button will do."""
    if mode == "STILL":
        return shown("Render Frame {number}", number=str(scene.frame_current))
    if mode == "TEST":
        return number_of(count, "Render {count} Test Frame", "Render {count} Test Frames")
    return number_of(count, "Render {count} Frame", "Render {count} Frames")
