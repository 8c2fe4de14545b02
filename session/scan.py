"""Check: what would go wrong with a scene, found in its settings and in the files that it uses.

The settings are checked at once. The worker scans the files, in a saved copy of the scene; what it
finds comes in while the artist goes on.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..translations import shown
from . import connection
from .state import Scan as ScanState
from .state import state

if TYPE_CHECKING:
    import bpy

    from ..packing.manifest import FilesByKind
    from ..scene.checks import Check
    from .plan import Plan


class Files:
    """What is known of the files of a scene."""

    def __init__(
        self,
        *,
        scanning: str = "",
        found: FilesByKind | None = None,
        problem: str = "",
        started: str = "",
    ) -> None:
        self.scanning = scanning
        """What the background Blender is doing; "" when it is done."""
        self.found = found
        self.problem = problem
        self.started = started
        """The time of day when the scan started, as a clock shows it."""


def remember(plan: Plan | None) -> None:
    """Keep the checks of a scene's settings for the panel."""
    state.scan.plan = plan


def start(plan: Plan) -> None:
    """Save a copy and have the worker scan its files. Raises OSError, submission.NotSaved."""
    from ..jobs.protocol import Scan
    from . import submission

    folder = submission.save_for_scan(plan)
    connection.send(Scan(str(folder)))
    scan = ScanState()
    scan.plan, scan.scene = state.scan.plan, plan.scene
    scan.started, scan.folder = time.strftime("%H:%M"), folder.name
    state.scan = scan


def again(scene: bpy.types.Scene, solved: Check | None = None) -> None:
    """Check the settings once more, and take `solved` out of what was found in the files."""
    from . import plan

    remember(plan.of_scene(scene))
    result = state.scan.result
    if solved is not None and result is not None:
        left = tuple(one for one in result.checks if one != solved)
        state.scan.result = replace(result, checks=left)


def checks(scene: str) -> list[Check] | None:
    """What was found in the scene of that name; None where another was checked last, or none."""
    scan = state.scan
    if scan.plan is None or scan.plan.scene != scene:
        return None
    from ..scene.checks import in_order

    found = scan.result.checks if scan.result and scan.scene == scene else ()
    return in_order([*scan.plan.checks, *found])


def left_out(scene: str) -> int:
    """How many checks of files the worker has left out of those of `checks`."""
    scan = state.scan
    return scan.result.left_out if scan.result and scan.scene == scene else 0


def files(scene: str) -> Files:
    """What is known of the files of the scene of that name."""
    scan = state.scan
    if scan.scene != scene or not scan.folder:
        return Files()
    if scan.result is None:
        return Files(scanning=scan.step)
    if error := scan.result.error:
        return Files(problem=f"{shown(error.message)} {shown(error.hint)}".strip())
    return Files(found=scan.result.files, started=scan.started)
