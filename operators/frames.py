"""Operators on downloaded frames: play, view, compare, sequence, and submit missing ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..jobs import record as rec
from ..session import paths
from ..translations import reported, shown
from .jobs import JobOperator, Refused

if TYPE_CHECKING:
    from ..jobs.record import Record
    from ..jobs.snapshot import JobSnapshot

LOCAL_RENDER = "Render Result"
MAX_RUNS = 100  # passed to the player, because the length of a command line is limited

UNDO: Any = {"INTERNAL", "UNDO"}


class _FramesOperator(JobOperator):
    """Base of operators on the downloaded frames of one job."""

    online = False

    def act(self, job: "JobSnapshot") -> None:
        """Read the record and call `use` with its frames. Raises OSError and Refused."""
        from ..frames import selection

        record = _record(job)
        frames = selection.sequence(list(record.files))
        if not frames or not (Path(record.output) / frames[min(frames)]).is_file():
            raise Refused(f"The frames of this job are not in {record.output}.")
        self.use(bpy.context, record, dict(sorted(frames.items())))

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Use the frames: paths by number, relative to the output. Raises Refused and OSError."""
        raise NotImplementedError


class RENDERJUICE_OT_play(_FramesOperator, bpy.types.Operator):
    """Play the frames in Blender's player, in a window of its own"""

    bl_idname = "renderjuice.play"
    bl_label = "Play"

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Start the player with the first frame of each run; it finds the following ones."""
        import subprocess

        from ..frames import ranges
        from ..system.processes import environment, own_group

        if not bpy.app.binary_path:
            raise Refused("This Blender is a module and has no player.")
        render = context.scene.render
        rate = ["-f", str(render.fps), str(render.fps_base)]
        folder = Path(record.output)
        firsts = [str(folder / frames[first]) for first, _ in ranges.pairs(frames)]
        subprocess.Popen(
            [bpy.app.binary_path, "-a", *rate, *firsts[:MAX_RUNS]],
            stdin=subprocess.DEVNULL,
            env=environment(),
            **own_group(),
        )


class RENDERJUICE_OT_view_frame(_FramesOperator, bpy.types.Operator):
    """Open this frame in an image editor"""

    bl_idname = "renderjuice.view_frame"
    bl_label = "View Frame"
    bl_options = UNDO

    frame: bpy.props.IntProperty(name="Frame", options={"SKIP_SAVE", "HIDDEN"})

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Show one frame."""
        _show(_image_area(context), _image(_safe_path(record, frames, self.frame), "FILE"))


class RENDERJUICE_OT_view_frames(_FramesOperator, bpy.types.Operator):
    """Open the frames in an image editor; they follow the timeline"""

    bl_idname = "renderjuice.view_frames"
    bl_label = "View in Image Editor"
    bl_options = UNDO

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Show the image sequence, with each frame at its number in the timeline."""
        first, last = min(frames), max(frames)
        image = _image(_safe_path(record, frames, first), "SEQUENCE")
        space = _show(_image_area(context), image)
        user = space.image_user
        user.frame_start, user.frame_offset = first, first - 1
        user.frame_duration = last - first + 1
        user.use_auto_refresh = True


class RENDERJUICE_OT_compare(_FramesOperator, bpy.types.Operator):
    """Show this computer's last render beside the farm's frame of the same number"""

    bl_idname = "renderjuice.compare"
    bl_label = "Compare with Local Render"
    bl_options = UNDO

    render: bpy.props.BoolProperty(options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Offer to render the frame here, where there is nothing to compare with."""
        if _local_render() is not None:
            return self.execute(context)
        self.render = True
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=shown("Render frame {number} here?", number=str(context.scene.frame_current)),
            message="There is no local render to compare with. Compare again when it is done.",
            confirm_text="Render Here",
        )

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Show the local render and the farm's frame side by side."""
        number = context.scene.frame_current
        if number not in frames:
            raise Refused(f"Frame {number} is not here: go to one that is, and compare.")
        if self.render:
            bpy.ops.render.render("INVOKE_DEFAULT")
            return
        local = _local_render()
        if local is None:
            raise Refused("Nothing is rendered here yet: press F12, then compare.")
        left, right = _two_image_areas(context)
        _show(left, local)
        _show(right, _image(_safe_path(record, frames, number), "FILE"))


class RENDERJUICE_OT_add_strip(_FramesOperator, bpy.types.Operator):
    """Add the frames to this scene's sequencer, each at its own frame"""

    bl_idname = "renderjuice.add_strip"
    bl_label = "Add to Sequencer"
    bl_options = UNDO

    def use(self, context: bpy.types.Context, record: "Record", frames: dict[int, str]) -> None:
        """Add a strip for each run of consecutive frames, in a free channel."""
        from ..frames import ranges

        scene = context.scene
        editor: Any = scene.sequence_editor_create()
        strips: Any = editor.strips if hasattr(editor, "strips") else editor.sequences  # before 4.4
        workspace: Any = context.workspace
        if getattr(workspace, "sequencer_scene", scene) is None:  # since 5.0
            workspace.sequencer_scene = scene
        was_empty = not strips
        first, last = min(frames), max(frames)
        channel = _free_channel(strips, first, last)
        for start, end in ranges.pairs(frames):
            begin = str(Path(record.output) / frames[start])
            strip = strips.new_image(record.title, begin, channel, start)
            for number in range(start + 1, end + 1):
                strip.elements.append(frames[number].rpartition("/")[2])
        values = {"first": first, "last": last, "channel": channel, "scene": scene.name}
        said = "Frames {first} to {last} are in channel {channel} of {scene}'s sequencer."
        said = reported(said, **values)
        if was_empty and scene.render.use_sequencer:
            scene.render.use_sequencer = False  # or renders would show the strips
            off = "Renders go on showing the scene: Output > Post Processing > Sequencer is off."
            said += f" {reported(off)}"
        self.report({"INFO"}, said)


class RENDERJUICE_OT_submit_missing(JobOperator, bpy.types.Operator):
    """Render the frames that are missing, from the scene as it is, and put them to the others"""

    bl_idname = "renderjuice.submit_missing"
    bl_label = "Render Missing Frames"

    def act(self, job: "JobSnapshot") -> None:
        """Invoke Submit with the missing frames. Raises OSError and Refused."""
        from ..frames import ranges

        record = _record(job)
        wanted = ranges.compact(record.missing or [])
        bpy.ops.renderjuice.submit(  # type: ignore[attr-defined]
            "INVOKE_DEFAULT", frames=", ".join(wanted), directory=record.output, overwrite=True
        )


def _local_render() -> Any:
    """The image of the last render here, None where there is none. Its size and its data tell
    nothing: Blender says it only when the image is to be written."""
    import tempfile

    image: Any = bpy.data.images.get(LOCAL_RENDER)
    if image is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            image.save_render(str(Path(folder) / "render"))
        except RuntimeError:
            return None
    return image


def _record(job: "JobSnapshot") -> "Record":
    """Load the record of a job. Raises Refused and OSError."""
    from ..jobs.store import Store

    try:
        return Store(paths.state_folder()).load(job.id)
    except rec.DamagedRecord as error:
        raise Refused(str(error)) from error


def _safe_path(record: "Record", frames: dict[int, str], number: int) -> Path:
    """The path of a frame that is safe to load. Raises Refused."""
    from ..frames.headers import safe_to_show

    if number not in frames:
        raise Refused(f"Frame {number} is not here any more.")
    path = Path(record.output) / frames[number]
    if not safe_to_show(path):
        raise Refused(f"{path} is no picture, or too large to be shown.")
    return path


def _image(path: Path, source: Any) -> bpy.types.Image:
    """Load the file as an image with this source, or reload an existing image."""
    for image in bpy.data.images:
        same = image.source == source and image.library is None
        if same and image.filepath and Path(bpy.path.abspath(image.filepath)) == path:
            image.reload()
            return image
    image = bpy.data.images.load(str(path))
    image.source = source
    return image


def _show(area: tuple[bpy.types.Window, bpy.types.Area], image: bpy.types.Image) -> Any:
    """Show the image in the editor, zoomed to fit; return the editor's space."""
    window, editor = area
    space: Any = editor.spaces.active
    space.image = image
    region = next((r for r in editor.regions if r.type == "WINDOW" and r.width > 1), None)
    if region:
        with bpy.context.temp_override(window=window, area=editor, region=region):
            bpy.ops.image.view_all(fit_view=True)
    return space


def _image_area(context: bpy.types.Context) -> tuple[bpy.types.Window, bpy.types.Area]:
    """An image editor in View mode, in a new window if there is none."""
    windows = sorted(context.window_manager.windows, key=lambda w: w != context.window)
    for window in windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.ui_type == "IMAGE_EDITOR" and space.ui_mode == "VIEW":
                return window, area
    return _new_window(context)


def _two_image_areas(context: bpy.types.Context) -> list[tuple[bpy.types.Window, bpy.types.Area]]:
    """Two image editors in a separate window, that of the last comparison or a new one."""
    for window in context.window_manager.windows:
        areas = list(window.screen.areas)
        if [area.ui_type for area in areas] == ["IMAGE_EDITOR"] * 2:
            return [(window, area) for area in sorted(areas, key=lambda area: area.x)]
    window, area = _new_window(context)
    with context.temp_override(window=window, area=area, region=area.regions[0]):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
    return [(window, area) for area in sorted(window.screen.areas, key=lambda area: area.x)]


def _new_window(context: bpy.types.Context) -> tuple[bpy.types.Window, bpy.types.Area]:
    """Open a new window with an image editor. Raises Refused."""
    before = {window.as_pointer() for window in context.window_manager.windows}
    bpy.ops.wm.window_new()
    new = [w for w in context.window_manager.windows if w.as_pointer() not in before]
    if not new:
        raise Refused("Blender did not open a window for the image.")
    area = new[0].screen.areas[0]
    area.ui_type = "IMAGE_EDITOR"
    return new[0], area


def _begin(strip: Any) -> float:
    """A strip's first frame."""
    return float(getattr(strip, "left_handle", None) or strip.frame_final_start)  # before 5.2


def _end(strip: Any) -> float:
    """The frame after a strip's last frame."""
    return float(getattr(strip, "right_handle", None) or strip.frame_final_end)  # before 5.2


def _free_channel(strips: Any, first: int, last: int) -> int:
    """The lowest channel without strips between these frames."""
    taken = {strip.channel for strip in strips if first < _end(strip) and _begin(strip) <= last}
    return next(channel for channel in range(1, len(taken) + 2) if channel not in taken)


_CLASSES = (
    RENDERJUICE_OT_play,
    RENDERJUICE_OT_view_frame,
    RENDERJUICE_OT_view_frames,
    RENDERJUICE_OT_compare,
    RENDERJUICE_OT_add_strip,
    RENDERJUICE_OT_submit_missing,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
