"""The open scene becomes a job: `submit` carries out a plan. Also saves copies for a scan."""

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
from ..system import scratch
from . import background, connection, paths, preferences, records
from .background import WorkerError
from .follow import Interrupted
from .plan import Plan, with_free_folder


class ChecksFailed(Exception):
    """The errors among the checks of a plan: there is no job."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__("\n".join(check.message for check in checks))
        self.checks = checks


class NotSaved(Exception):
    """The copy could not be written; the text is what Blender said."""


class JobKept(Exception):
    """There is a job, and it was not followed as far as asked; `resume` goes on with it.

    `reason` says why: a WorkerError, or Interrupted.
    """

    def __init__(self, record: Record, reason: WorkerError | Interrupted) -> None:
        super().__init__(str(reason))
        self.record = record
        self.reason = reason


def submit(plan: Plan, *, wait_until: str | None = None) -> Record:
    """Make a job of a plan, and have a worker carry it out. Return the job's record.

    None returns at once, as in a window: the session's timer hears the worker. Background mode has
    no timer: it waits until the job is at the stage `wait_until` ("" for its end), or waits for
    something that only its owner can mend.

    Raises ChecksFailed, NotSaved, or OSError where nothing was sent, and JobKept afterwards.
    """
    if plan.errors:
        raise ChecksFailed(plan.errors)
    record = begin(plan)
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
        background.run(start, [record.id])
    except (WorkerError, Interrupted) as reason:
        raise JobKept(store.load(record.id), reason) from reason
    return store.load(record.id)


def trace(plan: Plan, folder: Path) -> Manifest:
    """Save a copy into `folder` and list what would travel, while Blender waits.

    For the command line. Raises PackError, NotSaved.
    """
    from ..packing import tracer

    request = _scan_copy(plan, folder)
    return tracer.trace(
        request["request"], request["blender"], should_stop=lambda: False, on_step=lambda _: None
    )


def save_for_scan(plan: Plan) -> Path:
    """Save a copy for the worker to look at; the folder that `scan` is told. Raises NotSaved."""
    folder = paths.scratch_folder() / f"{command.SCAN}{uuid.uuid4().hex[:12]}"
    try:
        scratch.make(folder)
        request = _scan_copy(plan, folder)
        (folder / command.SCAN_REQUEST).write_text(json.dumps(request), encoding="utf-8")
    except (OSError, NotSaved) as error:
        scratch.remove(folder)
        raise NotSaved(f"The scene could not be saved to look at its files: {error}") from error
    return folder


def _scan_copy(plan: Plan, folder: Path) -> dict[str, Any]:
    """Save a copy into `folder`; what the packer is asked. Raises NotSaved."""
    record = _record(plan, Store(paths.state_folder()), str(folder))
    try:
        copy.save_copy(record.copy)
    except RuntimeError as error:
        raise NotSaved(f"The scene could not be saved for packing: {error}".strip()) from error
    return {
        "request": packing_request(record, str(paths.state_folder())),
        "blender": record.blender,
    }


def begin(plan: Plan) -> Record:
    """Write the job's record and save the copy beside it; the rest is the worker's.

    Raises ChecksFailed where another job has taken the folder, OSError for the record, NotSaved for
    the copy. Nothing of the session changes.
    """
    store = Store(paths.state_folder())
    record = _claimed(plan, store)
    lock = None
    try:
        lock = store.lock(record.id)  # another Blender must not take a copy for one left behind
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
    """A record whose output folder is the job's own. Raises ChecksFailed, OSError."""
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
