"""Submit: the open scene becomes a job."""

from typing import Any

import bpy

from .. import preferences
from ..jobs import bridge
from ..jobs import record as rec
from . import check


class RENDERJUICE_OT_submit(bpy.types.Operator):
    """Send this scene to the farm, render it there, and bring the frames to the project folder"""

    bl_idname = "renderjuice.submit"
    bl_label = "Submit"

    still: bpy.props.BoolProperty(
        name="Still", description="Render the current frame only", options={"SKIP_SAVE"}
    )
    frames: bpy.props.StringProperty(
        name="Frames",
        description="Frames and ranges, such as 1-100, 120, 130-200x5; empty for the scene's",
        options={"SKIP_SAVE"},
    )
    wait: bpy.props.BoolProperty(
        name="Wait",
        description="In background mode, return when the frames are here",
        options={"SKIP_SAVE"},
    )
    overwrite: bpy.props.BoolProperty(
        name="Replace Frames",
        description="Bring the frames to the same folder as before and replace what is there",
        options={"SKIP_SAVE"},
    )
    # Named as Blender's file browser names what it hands back.
    directory: bpy.props.StringProperty(
        name="Folder", description="Where the frames go", subtype="DIR_PATH", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Say why the button cannot work."""
        reason = _why_not()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Ask what has to be asked: a folder for an unsaved file, a second job of one file."""
        if not bpy.data.filepath and not self.directory and _pattern_needs_file():
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        bridge.refresh()
        if bridge.before_rendering(bpy.data.filepath):
            return context.window_manager.invoke_confirm(
                self,
                event,
                title="Submit once more?",
                message="A job of this file is on its way already. A second one is paid, too.",
                confirm_text="Submit",
            )
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Check, save the copy, and hand over to the worker."""
        from .. import submission  # now: enabling the extension stays fast

        plan = submission.plan(
            context.scene,
            still=self.still,
            frames=self.frames or None,
            output=self.directory,
            overwrite=self.overwrite,
        )
        check.remember(plan)
        if plan.errors:
            self.report({"ERROR"}, "\n".join(one.message for one in plan.errors))
            return {"CANCELLED"}
        _cursor(context, "WAIT")
        try:
            record = submission.begin(plan)
            bridge.note(record)
            self._hand_over(record.id)
        except (OSError, submission.NotSaved) as error:
            bridge.load()
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            _cursor(context, "DEFAULT")
        return {"FINISHED"}

    def _hand_over(self, job_id: str) -> None:
        command: dict[str, Any] = {"do": "start", "job": job_id, "until": ""}
        if not bpy.app.background:
            bridge.send(command)
            return
        from ..commands.worker import follow

        command["until"] = "" if self.wait else rec.RENDERING
        code, document = follow(command, job_id)
        if code:
            error = document["error"]
            self.report({"ERROR"}, f"{error['message']} {error['hint']}")


def _cursor(context: bpy.types.Context, kind: Any) -> None:
    if context.window:
        context.window.cursor_set(kind)


def _why_not() -> str:
    if not bridge.has_key():
        return "Enter your API key in the preferences of Renderjuice first"
    return bridge.offline()


def _pattern_needs_file() -> bool:
    return str(preferences.get().output_folder).startswith("//")


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(RENDERJUICE_OT_submit)


def unregister() -> None:
    """Take it out."""
    bpy.utils.unregister_class(RENDERJUICE_OT_submit)
