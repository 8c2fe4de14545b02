"""Runs the worker for a command and turns its result into an exit code and a document."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import bpy

from ..jobs import snapshot
from ..jobs.protocol import Command
from ..jobs.record import Record, Stage
from ..jobs.store import Store
from ..session import background, paths
from ..session.background import WorkerError
from ..session.follow import Follower, Interrupted
from . import words
from .results import (
    DISK,
    DONE,
    INTERRUPTED,
    ONLINE,
    USAGE,
    Failure,
    Result,
    code_of,
    code_of_error,
    not_done,
    print_estimate,
)

_CODES = {"worker-unusable": USAGE, "worker-gone": DISK, "worker-not-started": DISK}
"""Exit codes of errors of the worker process itself."""
SHORT_PATIENCE = 120.0
"""Seconds to wait for temporary errors in commands that do not wait for the farm."""
OFFLINE = (
    "Blender is offline: start it with --online-mode, or switch on Preferences > System > "
    "Allow Online Access."
)


def follow(
    command: Command,
    job_id: str,
    *,
    until: Stage | None = None,
    timeout: float | None = None,
    patience: float = SHORT_PATIENCE,
) -> Result:
    """Run `command` in a worker; return the result for the job, which should reach `until`."""
    need_online()
    try:
        timed_out = run(command, [job_id], timeout=timeout, patience=patience)
    except Failure as failed:
        failed.document |= snapshot.as_document(store().load(job_id))
        raise
    record = store().load(job_id)
    in_time = record.ended or (not record.error and not_done(record, until) is None)
    if in_time and timed_out == ONLINE:
        timed_out = DONE  # the time was over just when the job was done, or it is 0
    code, document = timed_out or code_of(record, until), job_document(record, until)
    if timed_out == ONLINE and not record.error:
        document["error"] = {
            "id": "wait-timeout",
            "message": f"{record.title} is not done after {timeout:g} seconds.",
            "hint": "It goes on: wait again.",
        }
    return code, document


def job_document(record: Record, until: Stage | None = None) -> dict[str, Any]:
    """The document about a job that should have reached `until`, or its end if None."""
    document = snapshot.as_document(record)
    words.print_status(record)
    print_estimate(document)
    if problem := record.error or not_done(record, until):
        document["error"] = asdict(problem)
    return document


def run(command: Command, ids: list[str], *, timeout: float | None, patience: float) -> int:
    """Run `command` in a worker; return DONE, ONLINE on a timeout, or INTERRUPTED."""
    try:
        return DONE if background.run(command, ids, timeout, patience) else ONLINE
    except Interrupted:
        return interrupted()
    except WorkerError as error:
        raise failure(error) from error


def interrupted(*, made: bool = True) -> int:
    """Print that the command was interrupted, and if a job was `made`, what goes on with it; return
    the exit code."""
    after = "; `resume` goes on" if made else ""
    print(f"renderjuice: interrupted{after}.", file=sys.stderr)
    return INTERRUPTED


def failure(error: WorkerError, **document: Any) -> Failure:
    """Convert a WorkerError to a Failure with an exit code."""
    code = _CODES.get(error.id) or code_of_error(error.id)
    return Failure(code, error.id, error.message, error.hint, **document)


@contextlib.contextmanager
def following(key_to_use: str | None = None) -> Iterator[Follower]:
    """Run a worker during the block. Raises Failure."""
    try:
        with background.worker(key_to_use) as follower:
            yield follower
    except WorkerError as error:
        raise failure(error) from error


def store() -> Store:
    """The job records of this state folder."""
    return Store(paths.state_folder())


def need_online() -> None:
    """Raise Failure if Blender is offline."""
    if not bpy.app.online_access:
        raise Failure(ONLINE, "offline", OFFLINE)
