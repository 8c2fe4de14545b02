"""Check: what would go wrong with a scene, found in its settings and in the files that it uses.

The settings are checked at once. The worker scans the files, in a saved copy of the scene; what it
finds comes in while the artist goes on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..translations import shown
from . import connection
from .state import state

if TYPE_CHECKING:
    import bpy

    from ..scene.checks import Check
    from .plan import Plan


class Files:
    """What is known of the files of a scene."""

    def __init__(
        self,
        *,
        scanning: str = "",
        found: dict[str, Any] | None = None,
        problem: str = "",
        started: str = "",
    ) -> None:
        self.scanning = scanning
        """What the background Blender is doing; "" when it is done."""
        self.found = found
        """The files by their kind, as packing.manifest.by_kind says it."""
        self.problem = problem
        self.started = started
        """The time of day when the scan started, as a clock shows it."""


def remember(plan: Plan | None) -> None:
    """Keep the checks of a scene's settings for the panel."""
    state.scan.plan = plan


def start(plan: Plan) -> None:
    """Save a copy and have the worker scan its files. Raises OSError, submission.NotSaved."""
    from . import submission

    folder = submission.save_for_scan(plan)
    connection.send({"do": "scan", "folder": str(folder)})
    scan = state.scan
    scan.scene, scan.started, scan.files = plan.scene, time.strftime("%H:%M"), {"id": folder.name}


def again(scene: bpy.types.Scene, solved: Check | None = None) -> None:
    """Check the settings once more, and take `solved` out of what was found in the files."""
    from . import plan

    remember(plan.of_scene(scene))
    if solved is not None and "checks" in state.scan.files:
        found = state.scan.files["checks"]
        state.scan.files["checks"] = [one for one in found if one != solved.as_dict()]


def checks(scene: str) -> list[Check] | None:
    """What was found in the scene of that name; None where another was checked last, or none."""
    scan = state.scan
    if scan.plan is None or scan.plan.scene != scene:
        return None
    from ..scene.checks import Check, in_order

    found = scan.files.get("checks", []) if scan.scene == scene else []
    return in_order([*scan.plan.checks, *(Check(**one) for one in found)])


def left_out(scene: str) -> int:
    """How many checks of files the worker has left out of those of `checks`."""
    return int(state.scan.files.get("more", 0)) if state.scan.scene == scene else 0


def files(scene: str) -> Files:
    """What is known of the files of the scene of that name."""
    said = state.scan.files
    if state.scan.scene != scene or not said:
        return Files()
    if "error" in said:
        error = said["error"]
        return Files(problem=f"{shown(error['message'])} {shown(error.get('hint', ''))}".strip())
    if "files" in said:
        return Files(found=said["files"], started=state.scan.started)
    return Files(scanning=said.get("step", "starting"))
