"""The open scene becomes a job: what will be sent, what stands in the way, the record, the copy."""

import json
import shutil
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ..frames.ranges import pairs
from ..jobs import record as rec
from ..jobs.record import Problem, Record, Stage, packing_request
from ..jobs.store import Store
from ..packing import command
from ..packing.manifest import Manifest
from ..scene import checks, config, copy, facts, overrides, settings
from ..scene import scout as test_frames
from ..scene.checks import Check
from ..scene.config import Requested
from ..system import scratch
from . import paths, preferences, records
from .state import state

NO_FOLDER = (
    "This file was never saved, so there is no folder for its frames. Save it, or choose one."
)


class NotSaved(Exception):
    """The copy could not be written; the text is what Blender said."""


@dataclass(frozen=True)
class Plan:
    """What a press of Submit would do."""

    scene: str
    title: str
    output: str
    overwrite: bool
    requested: Requested
    checks: list[Check]
    scout_of: list[int] | None = None
    """The frames of the whole job where this one renders test frames of it."""

    @property
    def errors(self) -> list[Check]:
        """The checks that stand in the way."""
        return [check for check in self.checks if check.level == "error"]


def plan(
    scene: bpy.types.Scene,
    *,
    still: bool = False,
    frames: str | None = None,
    more: Mapping[str, Any] | None = None,
    output: str = "",
    overwrite: bool = False,
    scout: str | None = None,
) -> Plan:
    """Look at the scene. `more` are flat API-named overrides beside those of the scene.

    `scout` asks for a job of test frames instead: which ones, as scene/scout.py reads it.
    """
    own, other = settings.read(scene), {**overrides.read(scene), **(more or {})}
    wanted = config.requested(own, other, frames_text=frames, still=still)
    whole = None if scout is None else wanted.frames
    if scout is not None:
        wanted = test_frames.requested(wanted, own, other, scout)
    title, folder = _place(scene, output, overwrite, "" if scout is None else " test frames")
    found = checks.run(facts.read(scene, wanted, has_key=has_key()))
    found += _folder_checks(folder, chosen=bool(output), overwrite=overwrite)
    found += _space_checks()
    return Plan(scene.name, title, folder, overwrite, wanted, checks.in_order(found), whole)


def _folder_checks(folder: str, *, chosen: bool, overwrite: bool) -> list[Check]:
    """What speaks against bringing the frames to `folder`."""
    if not folder:
        return [Check("no-folder", "error", NO_FOLDER)]
    found = checks.folder_writable(_why_not_writable(Path(folder)), folder)
    found += checks.frames_exist(existing_frames(folder), folder)
    if chosen and not overwrite:
        return [replace(check, level="error") for check in found]
    return found


def _why_not_writable(folder: Path) -> str:
    """Why no file can be made in `folder`, or in what there is of the way to it; "" if one can.

    Tried, because permissions alone do not tell on Windows and on network drives.
    """
    try:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        probe = there / f".renderjuice-{uuid.uuid4().hex}"
        probe.open("x").close()  # never a file that was there
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def has_key() -> bool:
    """Whether there is a key to show to the farm."""
    from ..jobs import key

    return bool(key.read(paths.state_folder()))


def _space_checks() -> list[Check]:
    """Whether the copy fits where it is to lie, judged by the file as it was saved last."""
    folder = paths.scratch_folder()
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    blend = Path(bpy.data.filepath)
    needed = blend.stat().st_size if bpy.data.filepath and blend.is_file() else 0
    return checks.disk_space(2 * needed, shutil.disk_usage(there).free, str(folder))


def trace(made: Plan, folder: Path) -> Manifest:
    """Save a copy into `folder` and list what would travel, while Blender waits.

    For the command line. Raises PackError, NotSaved.
    """
    from ..packing import tracer

    asked = _copy_to_look_at(made, folder)
    return tracer.trace(
        asked["request"], asked["blender"], should_stop=lambda: False, log=lambda _: None
    )


def save_for_scan(made: Plan) -> Path:
    """Save a copy for the worker to look at; the folder that `scan` is told. Raises NotSaved."""
    folder = paths.scratch_folder() / f"{command.SCAN}{uuid.uuid4().hex[:12]}"
    try:
        scratch.make(folder)
        asked = _copy_to_look_at(made, folder)
        (folder / command.SCAN_REQUEST).write_text(json.dumps(asked), encoding="utf-8")
    except (OSError, NotSaved) as error:
        scratch.remove(folder)
        raise NotSaved(f"The scene could not be saved to look at its files: {error}") from error
    return folder


def _copy_to_look_at(made: Plan, folder: Path) -> dict[str, Any]:
    """Save a copy into `folder`; what the packer is asked. Raises NotSaved."""
    record = _record(made, Store(paths.state_folder()), str(folder))
    try:
        copy.save_copy(record.copy)
    except RuntimeError as error:
        raise NotSaved(f"The scene could not be saved for packing: {error}".strip()) from error
    return {"request": packing_request(record), "blender": record.blender}


def begin(made: Plan) -> Record:
    """Write the job's record, save the copy beside it, and leave the rest to the worker.

    Raises OSError for the record, NotSaved for the copy. Nothing of the session changes.
    """
    store = Store(paths.state_folder())
    record = _record(made, store, "")
    lock = store.lock(record.id)  # another Blender must not take a copy for one left behind
    try:
        store.save(record)
        _save_copy(store, record)
    finally:
        if lock:
            lock.release()
    return record


def _record(made: Plan, store: Store, folder: str) -> Record:
    record = rec.new(made.title, "" if folder else store.origin, made.output)
    record.api_url = preferences.api_url()
    record.blend = bpy.data.filepath
    record.scene = made.scene
    record.config = made.requested.config
    record.applied = dict(made.requested.applied)
    record.frames = pairs(made.requested.frames)
    record.scout_of = pairs(made.scout_of) if made.scout_of else None
    record.overwrite = made.overwrite
    record.blender = command.blender(bpy.app.binary_path, sys.executable)
    record.scratch = folder or str(paths.scratch_folder() / record.id)
    record.copy = str(Path(record.scratch) / (Path(bpy.data.filepath).name or "untitled.blend"))
    return record


def _save_copy(store: Store, record: Record) -> None:
    try:
        scratch.make(Path(record.scratch))
        copy.save_copy(record.copy)
    except (OSError, RuntimeError) as error:
        record.stage = Stage.FAILED
        record.error = Problem(
            "copy-not-saved",
            f"The scene could not be saved for the farm: {error}".strip(),
            f"See that {record.scratch} can be written and its disk has room, or choose another "
            "scratch folder in the preferences. Nothing was sent.",
        )
        store.save(record)
        scratch.remove(Path(record.scratch))
        raise NotSaved(record.error.message) from error
    record.stage = Stage.PACKING
    record.history.append([Stage.PACKING, rec.timestamp()])
    store.save(record)


def _place(scene: bpy.types.Scene, output: str, overwrite: bool, kind: str) -> tuple[str, str]:
    """The title of a new job and its folder: one that no other job writes to, unless asked."""
    stem = Path(bpy.data.filepath).stem or "untitled"
    base = (stem if len(bpy.data.scenes) == 1 else f"{stem} {scene.name}") + kind
    if output:
        return base, str(Path(bpy.path.abspath(output)).resolve())
    records.load()  # reads what is new: with hundreds of jobs, all records take a second
    taken = {job["output"] for job in state.jobs.values()}
    number = 1
    while True:
        title = base if number == 1 else f"{base} {number}"
        folder = paths.output_folder(title)
        if not folder or overwrite or (folder not in taken and not existing_frames(folder)):
            return title, folder
        number += 1


def existing_frames(folder: str) -> list[str]:
    """Names of files that lie in the folder already, as far as we may look."""
    try:
        names = [entry.name for entry in Path(folder).iterdir()] if folder else []
    except OSError:
        return []
    return sorted(name for name in names if not name.startswith("."))
