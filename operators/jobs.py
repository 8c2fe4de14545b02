"""Operators on a job in the list."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..session import connection, records, redraw
from ..session.state import state
from ..translations import hinted, reported, shown

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot


class Refused(Exception):
    """The operation is not possible; the text is a sentence that says why."""


def report_os_error(operator: Any, error: OSError) -> set[str]:
    """Report an OSError of a file, or of the worker if it has no file name."""
    who = error.filename or reported("Renderjuice's background process")
    operator.report({"ERROR"}, f"{who}: {reported(error.strerror or str(error))}")
    return {"CANCELLED"}


class JobOperator:
    """Base of operators on the job with the id `job`."""

    bl_options = {"INTERNAL"}

    # Members of bpy.types.Operator, for which this is a mixin.
    poll_message_set: Callable[[str], None]
    report: Callable[[set[str], str], None]

    job: bpy.props.StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    online = True

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Say why the button cannot work."""
        reason = connection.offline() if cls.online else ""
        if reason:
            cls.poll_message_set(hinted(reason))
        return not reason

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Call `act`, and report its errors."""
        job = state.jobs.get(self.job)
        if job is None:
            self.report({"ERROR"}, reported("This job is not in the list any more."))
            return {"CANCELLED"}
        try:
            self.act(job)
        except Refused as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        except OSError as error:
            return report_os_error(self, error)
        return {"FINISHED"}

    def act(self, job: "JobSnapshot") -> None:
        """Act on the job. Raises OSError and Refused."""
        raise NotImplementedError


class RENDERJUICE_OT_cancel(JobOperator, bpy.types.Operator):
    """Stop the job on the farm. Downloaded frames are kept"""

    bl_idname = "renderjuice.cancel"
    bl_label = "Cancel Job"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Ask for confirmation, because a canceled job cannot be resumed."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Cancel this job?",
            message="Rendered frames may still be charged. A canceled job cannot be resumed.",
            confirm_text="Cancel Job",
        )

    def act(self, job: "JobSnapshot") -> None:
        """Tell the worker."""
        connection.cancel(job.id)


class RENDERJUICE_OT_download(JobOperator, bpy.types.Operator):
    """Download the frames that are not in the folder"""

    bl_idname = "renderjuice.download"
    bl_label = "Download Again"

    def act(self, job: "JobSnapshot") -> None:
        """Tell the worker."""
        from ..jobs import protocol

        connection.send(protocol.Download(job.id))
        connection.show_asked(job)


class RENDERJUICE_OT_retry(JobOperator, bpy.types.Operator):
    """Try again now"""

    bl_idname = "renderjuice.retry"
    bl_label = "Try Now"

    def act(self, job: "JobSnapshot") -> None:
        """Retry the job, or start it if no worker runs it."""
        from ..jobs import protocol

        connection.send(protocol.Retry(job.id))
        connection.show_asked(job)


class RENDERJUICE_OT_claim(JobOperator, bpy.types.Operator):
    """Go on with this job here. It was made elsewhere: see that it does not run there too"""

    bl_idname = "renderjuice.claim"
    bl_label = "Continue Here"

    def act(self, job: "JobSnapshot") -> None:
        """Tell the worker."""
        from ..jobs import protocol

        connection.send(protocol.Claim(job.id))
        connection.show_asked(job)


class RENDERJUICE_OT_remove(JobOperator, bpy.types.Operator):
    """Remove the job from this list. Its frames are kept"""

    bl_idname = "renderjuice.remove"
    bl_label = "Remove from List"
    online = False

    def act(self, job: "JobSnapshot") -> None:
        """Remove an ended or foreign job; others have to be canceled first."""
        if not job.ended and not job.foreign:
            self.report({"WARNING"}, reported("Cancel the job first: it is not over."))
            return
        records.remove(job.id)


class RENDERJUICE_OT_remove_over(bpy.types.Operator):
    """Remove the jobs that are finished, failed or canceled from this list. Frames are kept"""

    bl_idname = "renderjuice.remove_over"
    bl_label = "Remove Ended Jobs…"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Say why the button cannot work."""
        if not _removable():
            cls.poll_message_set(hinted("No job is finished, failed or canceled"))
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Ask for confirmation, because the records are the only history of jobs."""
        said = "{count} that finished, failed or were canceled leave the list. Frames stay."
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Remove finished jobs?",
            message=shown(said, count=len(_removable())),
            confirm_text="Remove",
        )

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Remove the jobs."""
        records.remove_many(_removable())
        return {"FINISHED"}


def _removable() -> list[str]:
    from ..jobs import sorting  # enabling the extension stays fast

    return sorting.over(state.jobs)


class RENDERJUICE_OT_copy_report(JobOperator, bpy.types.Operator):
    """Copy all that is known about this job, for support"""

    bl_idname = "renderjuice.copy_report"
    bl_label = "Copy Report"
    online = False

    def act(self, job: "JobSnapshot") -> None:
        """Put the job's document into the clipboard. Raises Refused, OSError."""
        import json

        from ..jobs import snapshot
        from ..jobs.record import DamagedRecord
        from ..jobs.store import Store
        from ..session import paths

        try:
            record = Store(paths.state_folder()).load(job.id)
        except DamagedRecord as error:
            raise Refused(str(error)) from error
        manager: Any = bpy.context.window_manager
        about = {"blender": bpy.app.version_string, "history": record.history}
        manager.clipboard = json.dumps({**snapshot.document(record), **about}, indent=1)
        self.report({"INFO"}, reported("The report is in the clipboard."))


class RENDERJUICE_OT_show_job(JobOperator, bpy.types.Operator):
    """Show this job in the sidebar"""

    bl_idname = "renderjuice.show_job"
    bl_label = "Show Job"
    online = False

    def act(self, job: "JobSnapshot") -> None:
        """Select the job, and open the sidebar of the largest 3D View."""
        context = bpy.context
        manager: Any = context.window_manager
        manager.renderjuice_job = manager.renderjuice_jobs.find(job.id)
        manager.renderjuice_hide_ended = False
        views = [area for area in context.window.screen.areas if area.type == "VIEW_3D"]
        if not views:
            raise Refused("There is no 3D View here whose sidebar could show it.")
        view = max(views, key=lambda area: area.width * area.height)
        space: Any = view.spaces.active
        space.show_region_ui = True
        sidebar: Any = next(region for region in view.regions if region.type == "UI")
        with contextlib.suppress(TypeError):  # the sidebar has no tabs before it is drawn
            sidebar.active_panel_category = "Renderjuice"
        redraw.now()


class RENDERJUICE_OT_open_folder(JobOperator, bpy.types.Operator):
    """Show the frames in the file manager"""

    bl_idname = "renderjuice.open_folder"
    bl_label = "Open Folder"
    online = False

    def act(self, job: "JobSnapshot") -> None:
        """Open the folder, if it exists."""
        if not Path(job.output).is_dir():
            said = "{folder} is not there yet: no frame has arrived."
            self.report({"WARNING"}, reported(said, folder=job.output))
            return
        bpy.ops.wm.path_open(filepath=job.output)


_CLASSES = (
    RENDERJUICE_OT_cancel,
    RENDERJUICE_OT_download,
    RENDERJUICE_OT_retry,
    RENDERJUICE_OT_claim,
    RENDERJUICE_OT_remove,
    RENDERJUICE_OT_remove_over,
    RENDERJUICE_OT_copy_report,
    RENDERJUICE_OT_show_job,
    RENDERJUICE_OT_open_folder,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
