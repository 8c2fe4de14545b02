"""Operators that start and stop a check of the scene, and for findings that are the artist's call:
missing files, and warnings.

Modules that read scenes are imported at the first use, so that enabling the extension stays fast.
"""

from typing import Any

import bpy

from ..translations import hinted, reported


class RENDERJUICE_OT_check(bpy.types.Operator):
    """Find the files that the scene needs, and what would go wrong, without sending anything"""

    bl_idname = "renderjuice.check"
    bl_label = "Check Files"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the checks. In a window, the worker also scans the files, for the panel."""
        from ..session import redraw

        window: Any = context.window  # None when called by a timer
        if window:
            window.cursor_set("WAIT")
        try:
            return self._check(context)
        finally:
            if window:
                window.cursor_set("DEFAULT")
            redraw.now()

    def _check(self, context: bpy.types.Context) -> set[str]:
        from ..session import plan, scan, submission

        planned = plan.of_scene(context.scene)
        for one in planned.errors:
            self.report({"WARNING"}, reported(one.message))
        if bpy.app.background:  # timers do not run; the command `check` waits instead
            scan.remember(planned)
            return {"FINISHED"}
        try:
            scan.start(planned)
        except (OSError, submission.NotSaved) as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class RENDERJUICE_OT_stop_check(bpy.types.Operator):
    """Stop looking at the files of the scene; Submit looks at them in any case"""

    bl_idname = "renderjuice.stop_check"
    bl_label = "Stop the Check"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop the scan in the worker."""
        from ..session import scan

        try:
            scan.stop()
        except OSError as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class RENDERJUICE_OT_show_findings(bpy.types.Operator):
    """Show what is wrong, and what can be done about it"""

    bl_idname = "renderjuice.show_findings"
    bl_label = "Show Problems"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open the part below."""
        manager: Any = context.window_manager
        manager.renderjuice_show_findings = True
        return {"FINISHED"}


class _OfScene:
    """Base of operators that change what is remembered with the scene."""

    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the scene can be changed."""
        linked = context.scene.library is not None
        if linked:
            operator: Any = cls
            operator.poll_message_set(
                hinted("This scene is linked from a library, where it is changed")
            )
        return not linked


class RENDERJUICE_OT_send_anyway(_OfScene, bpy.types.Operator):
    """Render without this file. This is remembered with the scene"""

    bl_idname = "renderjuice.send_anyway"
    bl_label = "Send Anyway"

    # FILE_NAME takes names that are no UTF-8.
    missing: bpy.props.StringProperty(subtype="FILE_NAME", options={"SKIP_SAVE", "HIDDEN"})
    every: bpy.props.BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    """All of the kind and folder of `missing`, or all of them where that is empty."""

    @classmethod
    def description(cls, _: bpy.types.Context, properties: Any) -> str:
        """What a press does for many files that were not found."""
        if properties.every:
            return hinted("Render without these files. This is remembered with the scene")
        return ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Note it in the scene."""
        from ..scene import missing, sent_without
        from ..session import scan

        found = [one for one in scan.checks(context.scene) or () if one.missing]
        chosen = [one for one in found if one.missing == self.missing]
        if self.missing:
            found = missing.in_the_groups_of(chosen, found)
        for one in [each.missing for each in found] if self.every else [self.missing]:
            sent_without.add(context.scene, one)
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_ignore(_OfScene, bpy.types.Operator):
    """Do not show this any more. This is remembered with the scene"""

    bl_idname = "renderjuice.ignore"
    bl_label = "Ignore"

    check: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    message: bpy.props.StringProperty(subtype="FILE_NAME", options={"SKIP_SAVE", "HIDDEN"})
    every: bpy.props.BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    """All missing files of its kind and folder."""

    @classmethod
    def description(cls, _: bpy.types.Context, properties: Any) -> str:
        """What a press does for many."""
        if properties.every:
            return hinted("Do not show these any more. This is remembered with the scene")
        return ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Note it in the scene."""
        from ..scene import ignored, missing
        from ..session import scan

        found = [one for one in scan.checks(context.scene) or () if one.level != "error"]
        these = [one for one in found if (one.id, one.message) == (self.check, self.message)]
        if self.every:
            these = missing.in_the_groups_of(these, found)
        for one in these:
            ignored.add(context.scene, one)
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_stop_ignoring(_OfScene, bpy.types.Operator):
    """Show this again"""

    bl_idname = "renderjuice.stop_ignoring"
    bl_label = "Stop Ignoring"

    check: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    about: bpy.props.StringProperty(subtype="FILE_NAME", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it from the scene's list."""
        from ..scene import ignored
        from ..session import scan

        ignored.remove(context.scene, self.check, self.about)
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_report_again(_OfScene, bpy.types.Operator):
    """Do not render without this file: it stands in the way again while it is missing"""

    bl_idname = "renderjuice.report_again"
    bl_label = "Report This Again"

    path: bpy.props.StringProperty(subtype="FILE_NAME", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it from the scene's list."""
        from ..scene import sent_without
        from ..session import scan

        sent_without.remove(context.scene, self.path)
        scan.refresh(context.scene)
        return {"FINISHED"}


_CLASSES = (
    RENDERJUICE_OT_check,
    RENDERJUICE_OT_stop_check,
    RENDERJUICE_OT_show_findings,
    RENDERJUICE_OT_send_anyway,
    RENDERJUICE_OT_report_again,
    RENDERJUICE_OT_ignore,
    RENDERJUICE_OT_stop_ignoring,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
