"""Check: what would go wrong with a scene, found in its settings and in the files that it uses.

What the scene itself says is looked at again soon after each change. Folders and files are looked
at when Check or Submit is pressed: the worker scans the files, in a saved copy of the scene, while
the artist goes on. What was found there is out of date as soon as the scene has changed, and counts
no more. All of it belongs to a scene of the open file, and is forgotten when a file is opened.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import bpy

from ..translations import shown
from . import connection, redraw, timers
from .state import Scan as ScanState
from .state import state

if TYPE_CHECKING:
    from ..packing.manifest import FilesByKind
    from ..scene.checks import Check
    from .plan import Plan

SECONDS_AFTER_A_CHANGE = 0.5
"""The scene is looked at when it has not changed for so long."""
MAX_UPDATES = 32
"""Of one change, so many data-blocks are looked at: it may have moved thousands."""


class Files:
    """What is known of the files of a scene."""

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
        """What the background Blender is doing; "" when it is done."""
        self.seconds = seconds
        """For how long it has been running."""
        self.found = found
        self.problem = problem
        self.started = started
        """The time of day when the scan started, as a clock shows it."""


def remember(plan: Plan) -> None:
    """Keep what a press has found, for the panel."""
    scene = bpy.data.scenes[plan.scene]
    _check_settings(scene)
    scan = _of(scene)
    if scan.pressed != scan.seen:  # its files were scanned in another state, if ever
        scan.folder, scan.result = "", None
    scan.on_disk, scan.pressed = plan.on_disk, scan.seen
    scan.started = time.strftime("%H:%M")


def start(plan: Plan) -> None:
    """Save a copy and have the worker scan its files. Raises OSError, submission.NotSaved."""
    from ..jobs.protocol import Scan
    from . import submission

    remember(plan)
    folder = submission.save_for_scan(plan)
    connection.send(Scan(str(folder)))
    scan = state.scan = _of(bpy.data.scenes[plan.scene])
    scan.folder, scan.step, scan.seconds, scan.result = folder.name, "starting", 0, None


def stop() -> None:
    """End the scan that runs, if one does: its files stay unknown. Raises OSError."""
    from ..jobs.protocol import StopScan

    scan = state.scan
    if scan.folder and scan.result is None:
        name, scan.folder = scan.folder, ""
        if connection.running():
            connection.send(StopScan(name))


def refresh(scene: bpy.types.Scene, solved: Check | None = None) -> None:
    """Something was mended: look at the scene, and take `solved` out of what the files said."""
    scan = _of(scene)
    holds = scan.pressed is not None and scan.pressed == scan.seen
    bpy.context.view_layer.update()  # counts the edit
    _check_settings(scene)
    result = scan.result
    if solved is not None and result is not None:
        left = tuple(one for one in result.checks if one != solved)
        scan.result = replace(result, checks=left)
    if holds:
        scan.pressed = scan.seen


def stamp(scene: bpy.types.Scene) -> object:
    """What is another value when the scene may render otherwise or need other files. Cheap."""
    from ..scene import overrides, settings

    data = bpy.data
    kept = (data.images, data.libraries, data.objects, data.materials, data.fonts, data.sounds)
    return (
        data.filepath,
        settings.read(scene),
        overrides.read(scene),
        scene.camera.name if scene.camera else "",
        len(scene.timeline_markers),
        [len(one) for one in kept],
        state.edits,
        state.has_key,
        bpy.app.online_access,
    )


def checks(scene: bpy.types.Scene) -> list[Check] | None:
    """All that is known against a render of the scene, errors first; None before the first look."""
    if _of(scene).seen is None:
        return None
    from ..scene.checks import in_order

    return in_order([*current(scene), *outdated(scene)])


def current(scene: bpy.types.Scene) -> list[Check]:
    """What was found and holds. A scene that has changed is looked at soon."""
    scan, now = _of(scene), stamp(scene)
    if scan.seen != now:
        _check_soon(scan, now)
    return [*scan.checks, *(_found_on_disk(scan) if scan.pressed == now else ())]


def outdated(scene: bpy.types.Scene) -> list[Check]:
    """What was found in folders and files, before the scene has changed."""
    return _found_on_disk(_of(scene)) if is_old(scene) else []


def is_old(scene: bpy.types.Scene) -> bool:
    """Whether the scene has changed since the last press."""
    scan = _of(scene)
    return scan.pressed is not None and scan.pressed != stamp(scene)


def time_of(scene: bpy.types.Scene) -> str:
    """The time of day of the last press, as a clock shows it."""
    return _of(scene).started


def left_out(scene: bpy.types.Scene) -> int:
    """How many checks of files the worker has left out of those of `checks`."""
    result = _of(scene).result
    return result.left_out if result else 0


def files(scene: bpy.types.Scene) -> Files:
    """What is known of the files of the scene."""
    scan = _of(scene)
    if not scan.folder:
        return Files()
    if scan.result is None:
        return Files(scanning=scan.step, seconds=scan.seconds)
    if error := scan.result.error:
        return Files(problem=f"{shown(error.message)} {shown(error.hint)}".strip())
    return Files(found=scan.result.files, started=scan.started)


def _of(scene: bpy.types.Scene) -> ScanState:
    """What is known of the scene."""
    return state.scans.setdefault(scene.session_uid, ScanState())


def _found_on_disk(scan: ScanState) -> list[Check]:
    return [*scan.on_disk, *(scan.result.checks if scan.result else ())]


# -- looking by itself ----------------------------------------------------------------------------


def _check_soon(scan: ScanState, now: object) -> None:
    scan.changing = now
    timers.start(_check_when_idle, SECONDS_AFTER_A_CHANGE)


def _check_when_idle() -> float | None:
    """Look at the scenes that have changed, unless one still does."""
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


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    """Another file is open: what was found belongs to none of its scenes."""
    state.scans, state.scan = {}, ScanState()


@bpy.app.handlers.persistent
def _on_depsgraph_update(_: object, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """Count an edit, unless it has only selected or moved something."""
    updates = islice(depsgraph.updates, MAX_UPDATES) if depsgraph else ()
    state.edits += any(_is_relevant(update) for update in updates)


def _is_relevant(update: bpy.types.DepsgraphUpdate) -> bool:
    if update.is_updated_geometry or update.is_updated_shading:
        return True
    moved = update.is_updated_transform
    return not moved and getattr(update.id, "id_type", "SCENE") != "SCENE"


def register() -> None:
    """Notice changes from now on."""
    bpy.app.handlers.load_post.append(_on_load)
    bpy.app.handlers.depsgraph_update_post.append(_on_depsgraph_update)


def unregister() -> None:
    """Leave nothing behind."""
    timers.stop(_check_when_idle)
    bpy.app.handlers.depsgraph_update_post.remove(_on_depsgraph_update)
    bpy.app.handlers.load_post.remove(_on_load)
