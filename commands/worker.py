"""The worker as the command line uses it: started, told one thing, heard to the end."""

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
    not_there,
    say_estimate,
)

_CODES = {"worker-unusable": USAGE, "worker-gone": DISK, "worker-not-started": DISK}
"""Exit codes of errors of the worker itself; of others it is ONLINE."""
SHORT_PATIENCE = 120.0
"""Seconds for which a command that is not to wait for the farm waits for what may pass."""
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
    """Let a worker carry out `command`, and answer for the job, which should come to `until`."""
    need_online()
    try:
        timed_out = run(command, [job_id], timeout=timeout, patience=patience)
    except Failure as failed:
        failed.document |= snapshot.as_document(store().load(job_id))
        raise
    record = store().load(job_id)
    code, document = timed_out or code_of(record, until), answer(record, until)
    if timed_out == ONLINE and not record.error:
        document["error"] = {
            "id": "wait-timeout",
            "message": f"{record.title} is not done after {timeout:g} seconds.",
            "hint": "It goes on: wait again.",
        }
    return code, document


def answer(record: Record, until: Stage | None = None) -> dict[str, Any]:
    """The document about a job that was waited for, until it should be at `until` or at its end."""
    document = snapshot.as_document(record)
    words.say(record)
    say_estimate(document)
    if problem := record.error or not_there(record, until):
        document["error"] = asdict(problem)
    return document


def run(command: Command, ids: list[str], *, timeout: float | None, patience: float) -> int:
    """Follow a worker to the end of `command`; an exit code where that says more than the jobs."""
    try:
        return DONE if background.run(command, ids, timeout, patience) else ONLINE
    except Interrupted:
        return interrupted()
    except WorkerError as error:
        raise failure(error) from error


def interrupted() -> int:
    """Say what Ctrl-C means for the jobs; the exit code."""
    print("renderjuice: interrupted; `resume` goes on.", file=sys.stderr)
    return INTERRUPTED


def failure(error: WorkerError, **document: Any) -> Failure:
    """The failure that keeps a worker from doing what it was told."""
    code = _CODES.get(error.id) or code_of_error(error.id)
    return Failure(code, error.id, error.message, error.hint, **document)


@contextlib.contextmanager
def following(key_to_use: str | None = None) -> Iterator[Follower]:
    """A worker that ends with the block. Raises Failure."""
    try:
        with background.worker(key_to_use) as follower:
            yield follower
    except WorkerError as error:
        raise failure(error) from error


def store() -> Store:
    """The job records of this user."""
    return Store(paths.state_folder())


def need_online() -> None:
    """Raise Failure where Blender may not use the network."""
    if not bpy.app.online_access:
        raise Failure(ONLINE, "offline", OFFLINE)
