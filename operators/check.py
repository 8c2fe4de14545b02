"""Check: what would go wrong, without sending anything."""

import bpy

from .. import submission
from ..submission import Plan

_last: Plan | None = None


def remember(plan: Plan | None) -> None:
    """Keep what the panel shows: the checks of the last look at a scene."""
    global _last  # noqa: PLW0603 (the one last look of this Blender)
    _last = plan


def last(scene: str) -> Plan | None:
    """The last look, if it was at the scene of that name."""
    return _last if _last is not None and _last.scene == scene else None


class RENDERJUICE_OT_check(bpy.types.Operator):
    """Look for what would go wrong on the farm; nothing is sent"""

    bl_idname = "renderjuice.check"
    bl_label = "Check"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run all checks that need no look into files."""
        plan = submission.plan(context.scene)
        remember(plan)
        for one in plan.errors:
            self.report({"WARNING"}, one.message)
        if not plan.checks:
            self.report({"INFO"}, "Nothing stands in the way")
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(RENDERJUICE_OT_check)


def unregister() -> None:
    """Take it out, and forget the last look."""
    remember(None)
    bpy.utils.unregister_class(RENDERJUICE_OT_check)
