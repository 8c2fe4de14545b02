"""Checks the scenes of the open file: their settings, and the files that they use.

Start: Check or Submit checks folders and disks, and has the worker scan the files of a saved copy.
Steady state: settings are checked again after each change; results of the press become outdated
when the scene changes. End: loading another file drops all results.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy

from ..translations import shown
from . import connection, preferences, redraw, timers
from .state import Scan as ScanState
from .state import state

if TYPE_CHECKING:
    from ..packing.manifest import FilesByKind
    from ..scene.checks import Check
    from ..scene.settings import Settings
    from .plan import Plan

SECONDS_AFTER_A_CHANGE = 0.5
"""Delay until the settings are checked, restarted by each further change."""
MAX_UPDATES = 32
"""Depsgraph updates that are examined per change, which may have thousands."""

GLOBAL_CHECKS = frozenset({"no-key", "offline"})
"""Checks that are the same for every scene and are shown at the top of the panel."""


class Files:
    """The state of a scene's file scan, for the panel."""

    def __init__(
        self,
        *,
        scanning: str = "",
        seconds: int = 0,
        found: FilesByKind | None = None,
        problem: str = "",
        started: str = "",
    ) -> None:
        self.scanning = scanning
        """The current step of a running scan; else ""."""
        self.seconds = seconds
        """Seconds since the scan started."""
        self.found = found
        self.problem = problem
        self.started = started
        """When the scan started, as HH:MM."""


def remember(plan: Plan) -> None:
    """Store the results of a press of Check or Submit, for the panel."""
    scene = bpy.data.scenes[plan.scene]
    _check_settings(scene)
    scan = _of(scene)
    if scan.pressed != scan.seen:  # the scene has changed since its files were scanned
        scan.folder, scan.result = "", None
    scan.on_disk, scan.pressed = plan.on_disk, scan.seen
    scan.started = time.strftime("%H:%M")


def start(plan: Plan) -> None:
    """Save a copy and start the scan of its files. Raises OSError and submission.NotSaved."""
    from ..jobs.protocol import Scan
    from . import submission

    remember(plan)
    folder = submission.save_for_scan(plan)
    connection.send(Scan(str(folder)))
    scan = state.scan = _of(bpy.data.scenes[plan.scene])
    scan.folder, scan.step, scan.seconds, scan.result = folder.name, "starting", 0, None


def stop() -> None:
    """Stop the running scan, if there is one. Raises OSError."""
    from ..jobs.protocol import StopScan

    scan = state.scan
    if scan.folder and scan.result is None:
        name, scan.folder = scan.folder, ""
        if connection.running():
            connection.send(StopScan(name))


def refresh(scene: bpy.types.Scene, solved: Check | None = None) -> None:
    """Check the settings again after a repair, and remove `solved` from the scan's results."""
    scan = _of(scene)
    holds = scan.pressed is not None and scan.pressed == scan.seen
    bpy.context.view_layer.update()  # triggers depsgraph_update_post, which counts the edit
    _check_settings(scene)
    result = scan.result
    if solved is not None and result is not None:
        left = tuple(one for one in result.checks if one != solved)
        scan.result = replace(result, checks=left)
    if holds:
        scan.pressed = scan.seen


def asked(scene: bpy.types.Scene) -> tuple[Settings, dict[str, Any]]:
    """The scene's settings and overrides, which a draw reads once.

    While they are equal it returns the same object: what is kept with it is compared fast. The
    frame, which is not compared, may be an earlier one.
    """
    from ..scene import overrides, settings

    scan, now = _of(scene), (settings.read(scene), overrides.read(scene))
    if scan.asked is None or scan.asked != now:
        scan.asked = now
    return scan.asked


def stamp(scene: bpy.types.Scene, known: tuple[Settings, dict[str, Any]] | None = None) -> object:
    """A cheap value that changes when the scene's render or its files may have changed; `known` is
    what `asked` has just returned."""
    from ..scene import baking  # enabling the extension stays fast

    data = bpy.data
    kept = (data.images, data.libraries, data.objects, data.materials, data.fonts, data.sounds)
    return (
        data.filepath,
        known or asked(scene),
        scene.camera.name if scene.camera else "",
        len(scene.timeline_markers),
        baking.read(scene),
        [len(one) for one in kept],
        state.edits,
    )


def _reach() -> object:
    """What the checks depend on beside the scene: GLOBAL_CHECKS are about it."""
    return state.has_key, bpy.app.online_access


class Results(NamedTuple):
    """What is known of a scene at one moment."""

    current: list[Check]
    """The checks that are up to date."""
    outdated: list[Check]
    """The results of the last press, if the scene has changed since."""
    is_old: bool
    """Whether the scene has changed since the last press."""
    blocking_errors: int
    """The number of errors that block the submission, except those of folders and disks, which
    Submit checks again, and GLOBAL_CHECKS."""


def results(
    scene: bpy.types.Scene, known: tuple[Settings, dict[str, Any]] | None = None
) -> Results:
    """The results for the scene as it is now. If it has changed, it schedules new checks.

    Reading the settings takes most of the time: panels ask once per draw, and hand over what is
    `known` (`asked`).
    """
    scan, now = _of(scene), stamp(scene, known)
    if scan.seen != now or scan.reach != _reach():
        _check_soon(scan, now)
    is_old = scan.pressed is not None and scan.pressed != now
    scanned = _of_files(scene, scan)
    pressed = [*scan.on_disk, *scanned]
    found = [*scan.checks, *([] if is_old else scanned)]
    blocking = [one for one in found if one.id not in GLOBAL_CHECKS]
    current = [*scan.checks, *(pressed if scan.pressed == now else ())]
    return Results(
        current=_without_ignored(current, scene),
        outdated=_without_ignored(pressed, scene) if is_old else [],
        is_old=is_old,
        blocking_errors=sum(one.level == "error" for one in blocking),
    )


def checks(scene: bpy.types.Scene) -> list[Check] | None:
    """All checks of the scene, errors first; None before the first."""
    if _of(scene).seen is None:
        return None
    from ..scene.checks import in_order

    found = results(scene)
    return in_order([*found.current, *found.outdated])


def time_of(scene: bpy.types.Scene) -> str:
    """When Check or Submit was last pressed, as HH:MM."""
    return _of(scene).started


class Place(NamedTuple):
    """The title and folder of a scene's next job."""

    title: str
    shown_folder: str
    """The folder for display, relative to the file; "" if there is none."""


def place(scene: bpy.types.Scene) -> Place:
    """The title and folder of the scene's next job, as they were found last."""
    return _of(scene).place or Place(Path(bpy.data.filepath).stem or "untitled", "")


def find_place_if_changed(scene: bpy.types.Scene) -> None:
    """Find the title and folder again after a change, with a delay: this reads folders and records.
    Panels ask once per draw."""
    scan = _of(scene)
    if scan.placed != _place_depends_on(scene):
        _check_soon(scan, stamp(scene))


def _place_depends_on(scene: bpy.types.Scene) -> object:
    own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
    pattern = preferences.get().output_folder
    said = (own.title, own.output, own.mode, pattern)
    return bpy.data.filepath, len(bpy.data.scenes), scene.name, said, state.changes


def _find_place(scene: bpy.types.Scene) -> Place:
    from . import plan

    own: Any = scene.renderjuice_next  # type: ignore[attr-defined]
    title, folder = plan.place(scene, test=own.mode == "TEST")
    if folder and bpy.data.filepath:
        folder = bpy.path.relpath(folder)
    return Place(title, f"{folder.rstrip('/')}/" if folder.startswith("//") else folder)


def left_out(scene: bpy.types.Scene) -> int:
    """The number of checks beyond the worker's limit."""
    result = _of(scene).result
    return result.left_out if result else 0


def files(scene: bpy.types.Scene) -> Files:
    """The state of the scene's file scan."""
    scan = _of(scene)
    if not scan.folder:
        return Files()
    if scan.result is None:
        return Files(scanning=scan.step, seconds=scan.seconds)
    if error := scan.result.error:
        return Files(problem=f"{shown(error.message)} {shown(error.hint)}".strip())
    return Files(found=scan.result.files, started=scan.started)


def _of(scene: bpy.types.Scene) -> ScanState:
    """The results for a scene."""
    found = state.scans.get(scene.session_uid)
    if found is None:
        found = state.scans[scene.session_uid] = ScanState()
    return found


def _of_files(scene: bpy.types.Scene, scan: ScanState) -> list[Check]:
    """The checks of the scanned files, without those of what the scene is sent without."""
    checks = scan.result.checks if scan.result else ()
    if not checks:
        return []
    from ..scene import sent_without
    from ..scene.check import is_allowed

    allowed = sent_without.read(scene)
    return [one for one in checks if not is_allowed(one, allowed)]


def _without_ignored(checks: list[Check], scene: bpy.types.Scene) -> list[Check]:
    if not checks:
        return []
    from ..scene import ignored  # enabling the extension stays fast

    return ignored.without(checks, scene)


# -- checks after a change ------------------------------------------------------------------------


def _check_soon(scan: ScanState, now: object) -> None:
    scan.changing = now
    timers.start(_check_when_idle, SECONDS_AFTER_A_CHANGE)


def _check_when_idle() -> float | None:
    """Check the scenes that have changed; wait longer while one is still changing."""
    try:
        for scene in bpy.data.scenes:
            scan = _of(scene)
            if scan.changing is not None:
                now = stamp(scene)
                if now != scan.changing:
                    scan.changing = now
                    return SECONDS_AFTER_A_CHANGE
                _check_settings(scene)
    except Exception:
        timers.print_exception()
    redraw.soon()
    return None


def _check_settings(scene: bpy.types.Scene) -> None:
    from . import plan

    scan = _of(scene)
    scan.seen, scan.changing = stamp(scene), None
    scan.checks = plan.of_settings(scene)
    scan.reach = _reach()  # afterwards: the checks read the key at the first time
    scan.place, scan.placed = _find_place(scene), _place_depends_on(scene)


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    """Drop all results when a file is loaded."""
    state.scans, state.scan = {}, ScanState()


@bpy.app.handlers.persistent
def _on_depsgraph_update(_: object, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """Count an edit, unless it only changed a selection or a transform."""
    updates = islice(depsgraph.updates, MAX_UPDATES) if depsgraph else ()
    state.edits += any(_is_relevant(update) for update in updates)


def _is_relevant(update: bpy.types.DepsgraphUpdate) -> bool:
    if update.is_updated_geometry or update.is_updated_shading:
        return True
    moved = update.is_updated_transform
    return not moved and getattr(update.id, "id_type", "SCENE") != "SCENE"


def register() -> None:
    """Add the handlers."""
    bpy.app.handlers.load_post.append(_on_load)
    bpy.app.handlers.depsgraph_update_post.append(_on_depsgraph_update)


def unregister() -> None:
    """Remove the handlers and the timer."""
    timers.stop(_check_when_idle)
    bpy.app.handlers.depsgraph_update_post.remove(_on_depsgraph_update)
    bpy.app.handlers.load_post.remove(_on_load)
