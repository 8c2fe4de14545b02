"""Check: what would go wrong, without sending anything.

What needs no look at files is there at once; the worker looks at the files, in a saved copy.
What reads scenes is imported when it is first needed: enabling the extension stays fast.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

from ..session import bridge
from ..translations import reported, shown

if TYPE_CHECKING:
    from ..scene.checks import Check
    from ..session.submission import Plan

_last: Plan | None = None
_scanned = ""
"""The scene whose files `bridge.scan` is about."""
_at = ""


@dataclass(frozen=True)
class Files:
    """What is known of the files of a scene."""

    looking: str = ""
    """What the background Blender is doing; "" when it is done."""
    found: dict[str, Any] | None = None
    """packing.manifest.by_kind"""
    problem: str = ""
    at: str = ""
    """The time of day of the look, as a clock shows it."""


def remember(plan: Plan | None) -> None:
    """Keep what the panel shows: the checks of the last look at a scene."""
    global _last  # noqa: PLW0603 (the one last look of this Blender)
    _last = plan


def checks(scene: str) -> list[Check] | None:
    """What the last look found, if it was at the scene of that name."""
    if _last is None or _last.scene != scene:
        return None
    from ..scene.checks import Check, in_order

    found = bridge.scan.get("checks", []) if _scanned == scene else []
    return in_order([*_last.checks, *(Check(**one) for one in found)])


def left_out(scene: str) -> int:
    """How many checks of files there are beside those of `checks`."""
    return int(bridge.scan.get("more", 0)) if _scanned == scene else 0


def files(scene: str) -> Files:
    """What is known of the files of the scene of that name."""
    scan = bridge.scan
    if _scanned != scene or not scan:
        return Files()
    if "error" in scan:
        error = scan["error"]
        return Files(problem=f"{shown(error['message'])} {shown(error.get('hint', ''))}".strip())
    if "files" in scan:
        return Files(found=scan["files"], at=_at)
    return Files(looking=scan.get("step", "starting"))


def again(context: bpy.types.Context, solved: Check | None = None) -> None:
    """Look once more at all but the files, of which `solved` is no finding any more."""
    from ..session import submission

    remember(submission.plan(context.scene))
    if solved is not None and "checks" in bridge.scan:
        bridge.scan["checks"] = [c for c in bridge.scan["checks"] if c != solved.as_dict()]


class RENDERJUICE_OT_check(bpy.types.Operator):
    """Look for what would go wrong on the farm, and for all files of the scene; nothing is sent"""

    bl_idname = "renderjuice.check"
    bl_label = "Check"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the checks; in a window the worker looks at the files, and the panel shows it."""
        from ..session import submission

        plan = submission.plan(context.scene)
        remember(plan)
        for one in plan.errors:
            self.report({"WARNING"}, reported(one.message))
        if bpy.app.background:  # nobody would hear the worker; the command `check` waits
            return {"FINISHED"}
        window: Any = context.window  # None where a timer calls
        if window:
            window.cursor_set("WAIT")
        try:
            self._look_at_files(plan)
        except (OSError, submission.NotSaved) as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        finally:
            if window:
                window.cursor_set("DEFAULT")
        return {"FINISHED"}

    def _look_at_files(self, plan: Plan) -> None:
        global _scanned, _at
        from ..session import submission

        bridge.begin_scan(submission.save_for_scan(plan))
        _scanned, _at = plan.scene, time.strftime("%H:%M")


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(RENDERJUICE_OT_check)


def unregister() -> None:
    """Take it out, and forget the last look."""
    remember(None)
    bpy.utils.unregister_class(RENDERJUICE_OT_check)
