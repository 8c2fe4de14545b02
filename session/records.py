"""Loads job records into the session's state, and deletes them.

Start: a timer reads all records one second after startup, in steps of STEP_SECONDS, then resumes
unfinished jobs. Steady state: `refresh` adds the records of other Blenders. End: `unregister`
finishes pending deletions. In background mode the command line reads records itself.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import bpy

from ..jobs.record import ENDED, DamagedRecord, Record
from . import connection, job_list, paths, timers
from .state import state

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot
    from ..jobs.store import Store

SECONDS_AFTER_START = 1.0
STEP_SECONDS = 0.004
SECONDS_BETWEEN_STEPS = 0.02


def _store() -> "Store":
    from ..jobs.store import Store  # enabling the extension stays fast

    return Store(paths.state_folder())


def load() -> None:
    """Load all new records; other Blenders of this user may have created some."""
    state.damaged.clear()
    for _ in _read():
        pass


def _read() -> Iterator[None]:
    """Load new records one by one, so that the caller can spread the work over timer ticks."""
    store = _store()
    known = {*state.jobs, *state.to_remove}
    for found in store.read(job_id for job_id in store.ids() if job_id not in known):
        if isinstance(found, DamagedRecord):
            state.damaged.append(str(found))
        else:
            state.keep(_snapshot(found, store))
        yield


def output_folders() -> set[str]:
    """The output folders of all jobs with a record, in the list or not."""
    store = _store()
    try:
        kept = set(store.ids()).difference(state.jobs, state.to_remove)
    except OSError:  # the folder of records cannot be read, which the job's own record will say
        kept = set()
    for found in store.read(sorted(kept.difference(state.outputs))):
        if not isinstance(found, DamagedRecord):
            state.outputs[found.id] = found.output
    listed = {job.output for job in state.jobs.values()}
    return listed | {folder for job_id, folder in state.outputs.items() if job_id in kept}


def refresh() -> None:
    """Load the records of jobs that another Blender has started, and follow them."""
    load()
    job_list.update()
    with contextlib.suppress(OSError):  # without a worker they are only displayed
        connection.resume()


def note(record: Record) -> None:
    """Add a record that this Blender has just written to the list."""
    state.keep(_snapshot(record, _store()))
    job_list.update()


def _snapshot(record: Record, store: "Store") -> "JobSnapshot":
    from ..jobs import snapshot  # enabling the extension stays fast

    made = snapshot.snapshot(record, foreign=not store.made_here(record))
    return replace(made, canceling=store.cancel_pending(record))


def remove(job_id: str) -> None:
    """Delete the record of a job that no worker runs. Raises OSError."""
    _store().remove(job_id)
    state.drop(job_id)
    job_list.update()


def remove_many(job_ids: Iterable[str]) -> None:
    """Remove jobs that no worker runs: from the list now, from disk in small steps."""
    state.to_remove += [job_id for job_id in job_ids if state.drop(job_id)]
    job_list.update()
    timers.start(_remove_some)


def _remove_some() -> float | None:
    """Delete some records. One that cannot be deleted reappears at the next start."""
    store = _store()
    until = time.perf_counter() + STEP_SECONDS
    while state.to_remove and time.perf_counter() < until:
        try:
            store.remove(state.to_remove.pop())
        except OSError:
            timers.print_exception()
    return SECONDS_BETWEEN_STEPS if state.to_remove else None


def unfinished(blend: str) -> bool:
    """Whether this file has an unfinished job; a second one would be charged too."""
    return any(job.blend == blend and job.stage not in ENDED for job in state.jobs.values())


def unfinished_on_disk(blend: str) -> list[str]:
    """The titles of this file's unfinished jobs, for background mode: the list is not loaded."""
    if not blend:
        return []
    found = (record for record in _store().read_all() if isinstance(record, Record))
    return sorted(record.title for record in found if record.blend == blend and not record.ended)


def start() -> float | None:
    """Load the records in small steps, then resume unfinished jobs. Runs once, as a timer."""
    try:
        state.loading = state.loading or _read()
        until = time.perf_counter() + STEP_SECONDS
        for _ in state.loading:
            if time.perf_counter() > until:
                return SECONDS_BETWEEN_STEPS
        state.loading = None
        job_list.update()
        connection.resume()
    except Exception:
        timers.print_exception()
    return None


def register() -> None:
    """Schedule loading of the records."""
    if not bpy.app.background:
        timers.start(start, SECONDS_AFTER_START)


def unregister() -> None:
    """Remove timers, worker processes and thumbnails, and reset the state."""
    from .thumbnails import thumbnails

    while state.to_remove:
        _remove_some()
    timers.stop(start, _remove_some)
    connection.close()
    thumbnails.forget()
    state.reset()
