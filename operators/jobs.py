"""What can be done with a job in the list."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..jobs import bridge
from ..jobs import record as rec


class _JobOperator:
    """An operator on one job: the given one, else the one selected in the list."""

    bl_options = {"INTERNAL"}

    # What an operator has beside; this class is only ever a part of one.
    poll_message_set: Callable[[str], None]
    report: Callable[[set[str], str], None]

    job: bpy.props.StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    online = True

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Say why the button cannot work."""
        reason = bridge.offline() if cls.online else ""
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Act on the job; what goes wrong is reported."""
        job = bridge.jobs.get(self.job)
        if job is None:
            self.report({"ERROR"}, "This job is not in the list any more.")
            return {"CANCELLED"}
        try:
            self.act(job)
        except OSError as error:
            self.report({"ERROR"}, f"{error.filename or 'The worker'}: {error.strerror or error}")
            return {"CANCELLED"}
        return {"FINISHED"}

    def act(self, job: dict[str, Any]) -> None:
        """Do it. Raises OSError."""
        raise NotImplementedError


class RENDERJUICE_OT_cancel(_JobOperator, bpy.types.Operator):
    """Cancel the job, on the farm too; frames that are here stay"""

    bl_idname = "renderjuice.cancel"
    bl_label = "Cancel Job"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Ask: a canceled job cannot be gone on with."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Cancel this job?",
            message="What it has rendered so far may be paid. It cannot be gone on with.",
            confirm_text="Cancel Job",
        )

    def act(self, job: dict[str, Any]) -> None:
        """Tell the worker."""
        bridge.send({"do": "cancel", "job": job["id"]})


class RENDERJUICE_OT_download(_JobOperator, bpy.types.Operator):
    """Bring the job's frames home, those that are not here"""

    bl_idname = "renderjuice.download"
    bl_label = "Download"

    def act(self, job: dict[str, Any]) -> None:
        """Tell the worker."""
        bridge.send({"do": "download", "job": job["id"]})


class RENDERJUICE_OT_retry(_JobOperator, bpy.types.Operator):
    """Try again now"""

    bl_idname = "renderjuice.retry"
    bl_label = "Try Again"

    def act(self, job: dict[str, Any]) -> None:
        """Wake the job; start it if no worker runs it."""
        bridge.send({"do": "retry", "job": job["id"]})


class RENDERJUICE_OT_claim(_JobOperator, bpy.types.Operator):
    """Go on with this job here. It was made elsewhere: see that it does not run there too"""

    bl_idname = "renderjuice.claim"
    bl_label = "Continue Here"

    def act(self, job: dict[str, Any]) -> None:
        """Tell the worker."""
        bridge.send({"do": "claim", "job": job["id"]})


class RENDERJUICE_OT_remove(_JobOperator, bpy.types.Operator):
    """Take the job out of the list. Its frames stay"""

    bl_idname = "renderjuice.remove"
    bl_label = "Remove from List"
    online = False

    def act(self, job: dict[str, Any]) -> None:
        """Forget a job that is over; others have to be canceled first."""
        if job["stage"] not in rec.ENDED and not job["foreign"]:
            self.report({"WARNING"}, "Cancel the job first: it is not over.")
            return
        bridge.remove(job["id"])


class RENDERJUICE_OT_open_folder(_JobOperator, bpy.types.Operator):
    """Open the folder of the job's frames"""

    bl_idname = "renderjuice.open_folder"
    bl_label = "Open Folder"
    online = False

    def act(self, job: dict[str, Any]) -> None:
        """Show the folder, if there is something in it."""
        if not Path(job["output"]).is_dir():
            self.report({"WARNING"}, f"{job['output']} is not there yet: no frame has arrived.")
            return
        bpy.ops.wm.path_open(filepath=job["output"])


_CLASSES = (
    RENDERJUICE_OT_cancel,
    RENDERJUICE_OT_download,
    RENDERJUICE_OT_retry,
    RENDERJUICE_OT_claim,
    RENDERJUICE_OT_remove,
    RENDERJUICE_OT_open_folder,
)


def register() -> None:
    """Add the operators."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them out."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
