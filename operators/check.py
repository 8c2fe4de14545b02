"""Check: what would go wrong, without sending anything.

What reads scenes is imported when it is first needed: enabling the extension stays fast.
"""

from typing import Any

import bpy

from ..translations import reported


class RENDERJUICE_OT_check(bpy.types.Operator):
    """Look for what would go wrong on the farm, and for all files of the scene; nothing is sent"""

    bl_idname = "renderjuice.check"
    bl_label = "Check"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the checks; in a window the worker scans the files, and the panel shows it."""
        from ..session import scan, submission

        plan = submission.plan(context.scene)
        scan.remember(plan)
        for one in plan.errors:
            self.report({"WARNING"}, reported(one.message))
        if bpy.app.background:  # nobody would hear the worker; the command `check` waits
            return {"FINISHED"}
        window: Any = context.window  # None where a timer calls
        if window:
            window.cursor_set("WAIT")
        try:
            scan.start(plan)
        except (OSError, submission.NotSaved) as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        finally:
            if window:
                window.cursor_set("DEFAULT")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(  # type: ignore[attr-defined]
    (RENDERJUICE_OT_check,)
)
