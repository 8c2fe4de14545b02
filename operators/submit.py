"""The operators Submit and Submit Test Frames."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy

from ..jobs.record import DamagedRecord, Stage, reached
from ..session import account, connection, next_job, records, redraw
from ..translations import hinted, reported

if TYPE_CHECKING:
    from ..jobs.record import Problem, Record
    from ..session import submission
    from ..session.plan import Plan


KEPT = "The job is kept: it goes on at the next start of Blender, or with the command resume."


class _Submit:
    """Base of operators that submit the open scene."""

    # Members of bpy.types.Operator, for which this is a mixin.
    poll_message_set: Callable[[str], None]
    report: Callable[[set[str], str], None]

    frames: bpy.props.StringProperty(
        name="Frames",
        description="Frames and ranges, such as 1-100, 120, 130-200x5; empty for the scene's",
        options={"SKIP_SAVE"},
    )
    wait: bpy.props.BoolProperty(
        name="Wait",
        description="In background mode, return when the frames are here",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    overwrite: bpy.props.BoolProperty(
        name="Replace Frames",
        description="Bring the frames to the same folder as before and replace what is there",
        options={"SKIP_SAVE"},
    )
    # Blender's file browser sets the property `directory`.
    directory: bpy.props.StringProperty(
        name="Folder", description="Where the frames go", subtype="DIR_PATH", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Whether the operator is available, with the reason in its tooltip."""
        reason = _unavailable_reason()
        if reason:
            cls.poll_message_set(hinted(reason))
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Ask for a folder if the file was never saved, then call `ask`."""
        manager: Any = context.window_manager
        if not self.directory and not _has_folder(context.scene):
            return manager.invoke_props_dialog(
                self, width=340, title="Where do the frames go?", confirm_text="Render"
            )
        records.refresh()
        if records.unfinished(bpy.data.filepath):
            return manager.invoke_confirm(
                self,
                event,
                title="Render this file once more?",
                message="Another job of this file has not ended. You will be charged for both.",
                confirm_text="Render",
            )
        return self.execute(context)

    def draw(self, context: bpy.types.Context) -> None:
        """The dialog for a file that was never saved."""
        layout: Any = self.layout  # type: ignore[attr-defined]
        layout.label(text="This file was never saved. Choose a folder for its frames.")
        scene: Any = context.scene
        layout.prop(scene.renderjuice_next, "shown_output", text="")

    def plan(self, scene: bpy.types.Scene) -> "Plan":
        """The plan to submit."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Submit the plan, and report errors."""
        from ..jobs.store import no_locks
        from ..session import open_file, scan, submission  # enabling the extension stays fast

        if bpy.app.background and (not_open := open_file.why_not()):
            self.report({"ERROR"}, reported(not_open))
            return {"CANCELLED"}
        _set_cursor(context, "WAIT")
        try:
            planned = self.plan(context.scene)
            scan.remember(planned)
            record = submission.submit(planned, wait_until=self._wait_until())
        except submission.ChecksFailed as failed:
            said = "\n".join(reported(one.message) for one in failed.checks)
        except submission.JobKept as kept:
            said = _why_kept(kept)
        except (OSError, submission.NotSaved, DamagedRecord) as error:
            records.load()
            refused = no_locks(error) if isinstance(error, OSError) else None
            said = _sentences(refused) if refused else reported(str(error))
        else:
            said = _error_of(record, self._wait_until()) if bpy.app.background else ""
        finally:
            _set_cursor(context, "DEFAULT")
            redraw.now()  # whatever was pressed: a button, a menu, a dialog
        if said:
            self.report({"ERROR"}, said)
            return {"CANCELLED"}
        return {"FINISHED"}

    def _wait_until(self) -> str | None:
        """The stage to wait for in background mode; None in a window."""
        if not bpy.app.background:
            return None
        return "" if self.wait else Stage.RENDERING


class RENDERJUICE_OT_submit(_Submit, bpy.types.Operator):
    """Send the scene to the farm, render it there, and download the frames"""

    bl_idname = "renderjuice.submit"
    bl_label = "Render"

    still: bpy.props.BoolProperty(
        name="Still", description="Render the current frame only", options={"SKIP_SAVE"}
    )

    @classmethod
    def description(cls, _: bpy.types.Context, properties: Any) -> str:
        """What a press does, for a still too."""
        if properties.still:
            said = "Send the scene to the farm, render the current frame there, and download it"
            return hinted(said)
        return ""

    def plan(self, scene: bpy.types.Scene) -> "Plan":
        """Plan a job of all frames, or of the current one."""
        from ..session import plan

        return plan.of_scene(
            scene,
            still=self.still,
            frames=self.frames or None,
            output=self.directory,
            overwrite=self.overwrite,
        )


class RENDERJUICE_OT_test_frames(_Submit, bpy.types.Operator):
    """Render a few frames on the farm as a small job of its own, to see what all of them take"""

    bl_idname = "renderjuice.test_frames"
    bl_label = "Render Test Frames"

    which: bpy.props.EnumProperty(
        name="Test Frames",
        items=next_job.TEST_FRAMES,
        options={"SKIP_SAVE"},
    )
    every: bpy.props.IntProperty(
        name="Every",
        description="Distance from one test frame to the next",
        default=20,
        min=1,
        soft_min=2,
        options={"SKIP_SAVE"},
    )
    chosen: bpy.props.StringProperty(
        name="Chosen", description="Frames and ranges, such as 1, 50-52", options={"SKIP_SAVE"}
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Submit, unless no frames are given."""
        if self.which == "CHOSEN" and not self.chosen.strip():
            said = "No test frames are named. Write frames like 1, 50-52."
            self.report({"ERROR"}, reported(said))
            return {"CANCELLED"}
        return super().execute(context)

    def plan(self, scene: bpy.types.Scene) -> "Plan":
        """Plan a job of test frames."""
        from ..session import plan

        return plan.of_scene(
            scene,
            frames=self.frames or None,
            output=self.directory,
            overwrite=self.overwrite,
            test=next_job.test_text(self),
        )


def _why_kept(kept: "submission.JobKept") -> str:
    """The message for a job that exists but was not followed."""
    from ..session.background import WorkerError

    if isinstance(kept.reason, WorkerError):
        why = f"{reported(kept.reason.message)} {reported(kept.reason.hint)}".strip()
    else:
        why = reported("Interrupted by Ctrl-C.")
    return f"{why} {reported(KEPT)}"


def _error_of(record: "Record", until: str | None) -> str:
    """What has gone wrong with a job that a script has waited for, `until` a stage, or ""."""
    there = record.ended or (until and reached(record.stage, Stage(until)))
    kept = "" if record.ended else reported(KEPT)
    if record.error:
        return f"{_sentences(record.error)} {kept}".strip()
    if not there:
        return kept
    if record.stage == Stage.CANCELED:
        return reported("{title} was canceled.", title=record.title)
    return ""


def _sentences(problem: "Problem") -> str:
    return f"{reported(problem.message)} {reported(problem.hint)}".strip()


def _set_cursor(context: bpy.types.Context, kind: Any) -> None:
    if context.window:
        context.window.cursor_set(kind)


def _unavailable_reason() -> str:
    if not account.has_key():
        return "Enter your API key in the preferences of Renderjuice first"
    return connection.offline()


def _has_folder(scene: bpy.types.Scene) -> bool:
    from ..session import plan

    return bool(plan.place(scene)[1])


_CLASSES = (RENDERJUICE_OT_submit, RENDERJUICE_OT_test_frames)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
