"""Operators that start and stop a check of the scene.

Modules that read scenes are imported at the first use, so that enabling the extension stays fast.
"""

from typing import Any

import bpy

from ..translations import reported


class RENDERJUICE_OT_check(bpy.types.Operator):
    """Find the files that the scene needs, and what would go wrong, without sending anything"""

    bl_idname = "renderjuice.check"
    bl_label = "Check Files"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the checks. In a window, the worker also scans the files, for the panel."""
        from ..session import plan, scan, submission

        planned = plan.of_scene(context.scene)
        for one in planned.errors:
            self.report({"WARNING"}, reported(one.message))
        if bpy.app.background:  # timers do not run; the command `check` waits instead
            scan.remember(planned)
            return {"FINISHED"}
        window: Any = context.window  # None when called by a timer
        if window:
            window.cursor_set("WAIT")
        try:
            scan.start(planned)
        except (OSError, submission.NotSaved) as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        finally:
            if window:
                window.cursor_set("DEFAULT")
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


_CLASSES = (RENDERJUICE_OT_check, RENDERJUICE_OT_stop_check, RENDERJUICE_OT_show_findings)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
