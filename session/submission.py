"""Submits a plan: writes the job's record, saves a copy of the scene and starts the worker.

It also saves the copies for scans.
"""

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import bpy

from ..frames.ranges import pairs
from ..jobs import claim
from ..jobs import record as rec
from ..jobs.protocol import Start
from ..jobs.record import Problem, Record, Stage, packing_request
from ..jobs.store import Store
from ..packing import command
from ..packing.manifest import Manifest
from ..scene import checks, copy, output_names
from ..scene.checks import Check
from ..system import interruption, scratch
from . import background, connection, paths, preferences, records
from .background import WorkerError
from .follow import DEFAULT_WAIT_SECONDS, Interrupted
from .plan import Plan, with_free_folder


class ChecksFailed(Exception):
    """The plan has check errors; no job was created."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__("\n".join(check.message for check in checks))
        self.checks = checks


class NotSaved(Exception):
    """The copy could not be saved. The text includes Blender's message."""


class JobKept(Exception):
    """The job exists, but following it failed; the command `resume` continues it.

    `reason` is a WorkerError or Interrupted.
    """

    def __init__(self, record: Record, reason: WorkerError | Interrupted) -> None:
        super().__init__(str(reason))
        self.record = record
        self.reason = reason


def submit(
    plan: Plan, *, wait_until: str | None = None, patience: float = DEFAULT_WAIT_SECONDS
) -> Record:
    """Create a job from a plan and have a worker run it; return the job's record.

    With `wait_until` None it returns at once, and the session's timer receives the events.
    Background mode has no timers: there it waits until the job reaches the stage `wait_until` ("",
    its end), waits for the user, or has waited for `patience` seconds without progress.

    Raises ChecksFailed, NotSaved or OSError if no job was started, and JobKept afterwards.
    """
    if plan.errors:
        raise ChecksFailed(plan.errors)
    with interruption.Flag() as signals:
        record = begin(plan)
    if signals.raised:
        raise JobKept(record, Interrupted())
    start = Start(record.id, Stage(wait_until) if wait_until else None)
    if wait_until is None:
        records.note(record)
        try:
            connection.send(start)
        except OSError as error:
            raise JobKept(record, background.not_started(error)) from error
        return record
    store = Store(paths.state_folder())
    try:
        background.run(start, [record.id], patience=patience)
    except (WorkerError, Interrupted) as reason:
        raise JobKept(store.load(record.id), reason) from reason
    except KeyboardInterrupt as pressed:
        raise JobKept(store.load(record.id), Interrupted()) from pressed
    return store.load(record.id)


def trace(plan: Plan, folder: Path, *, measure: bool = False) -> Manifest:
    """Save a copy into `folder` and list the files of the package. It blocks.

    With `measure` no simulation is baked. For the command line. Raises PackError and NotSaved.
    """
    from ..packing import tracer

    request = _scan_copy(plan, folder, measure=measure)
    return tracer.trace(
        request["request"], request["blender"], should_stop=lambda: False, on_step=lambda _: None
    )


def save_for_scan(plan: Plan) -> Path:
    """Save a copy for a scan; return its folder, for protocol.Scan. Raises NotSaved."""
    folder = paths.scratch_folder() / f"{command.SCAN}{uuid.uuid4().hex[:12]}"
    try:
        scratch.make(folder)
        request = _scan_copy(plan, folder, measure=True)
        (folder / command.SCAN_REQUEST).write_text(json.dumps(request), encoding="utf-8")
    except (OSError, NotSaved) as error:
        scratch.remove(folder)
        raise NotSaved(f"The scene could not be saved to look at its files: {error}") from error
    return folder


def _scan_copy(plan: Plan, folder: Path, *, measure: bool) -> dict[str, Any]:
    """Save a copy into `folder`; return the packer's request and command. Raises NotSaved.

    With `measure` the packer only sees whether a bake would be made.
    """
    record = _record(plan, Store(paths.state_folder()), str(folder))
    try:
        with interruption.deferred():
            copy.save_copy(record.copy)
    except RuntimeError as error:
        raise NotSaved(f"The scene could not be saved for packing: {error}".strip()) from error
    return {
        "request": packing_request(record, str(paths.state_folder())) | {"measure": measure},
        "blender": record.blender,
    }


def begin(plan: Plan) -> Record:
    """Write the job's record and save the copy. It does not change the session's state.

    Raises ChecksFailed if another job has claimed the folder, OSError for the record, and NotSaved
    for the copy.
    """
    store = Store(paths.state_folder())
    record = _claimed(plan, store)
    lock = None
    try:
        lock = store.lock(record.id)  # or another Blender would treat the copy as abandoned
        store.save(record)
        _save_copy(store, record)
    except OSError:
        claim.release(Path(record.output), record.id)
        raise
    finally:
        if lock:
            lock.release()
    return record


def _claimed(plan: Plan, store: Store) -> Record:
    """Create a record and claim its output folder. Raises ChecksFailed and OSError."""
    while True:
        record = _record(plan, store, "")
        try:
            claim.take(Path(plan.output), claim.of(record), replace=plan.overwrite)
        except claim.Claimed as error:
            if plan.output_chosen:
                owner = error.claim.label
                raise ChecksFailed([checks.folder_claimed(owner, plan.output)]) from error
            plan = with_free_folder(plan)
        else:
            return record


def _record(plan: Plan, store: Store, folder: str) -> Record:
    record = rec.new(plan.title, "" if folder else store.origin, plan.output)
    record.api_url = preferences.api_url()
    record.blend = bpy.data.filepath
    record.scene = plan.scene
    record.config = plan.requested.config
    record.applied = plan.requested.written
    record.frames = pairs(plan.requested.frames)
    record.output_names = output_names.read(bpy.data.scenes[plan.scene])
    record.test_of = pairs(plan.test_of) if plan.test_of else None
    record.overwrite = plan.overwrite
    record.allowed = sorted(plan.allowed)
    record.bake = plan.bake
    record.blender = command.blender(bpy.app.binary_path, sys.executable)
    record.scratch = folder or str(paths.scratch_folder() / record.id)
    record.paths_kept = True
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
        claim.release(Path(record.output), record.id)
        raise NotSaved(record.error.message) from error
    record.stage = Stage.PACKING
    record.history.append([Stage.PACKING, rec.timestamp()])
    store.save(record)
