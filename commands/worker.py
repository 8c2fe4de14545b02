"""The worker as the command line uses it: started, told one thing, heard to the end."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import bpy

from ..jobs import snapshot
from ..jobs.store import Store
from ..session import paths
from ..session.follow import Follower, Interrupted, WorkerGone
from .results import (
    DISK,
    DONE,
    INTERRUPTED,
    ONLINE,
    USAGE,
    Failure,
    Result,
    code_of,
    disk,
    say_estimate,
)

OFFLINE = (
    "Blender is offline: start it with --online-mode, or switch on Preferences > System > "
    "Allow Online Access."
)


def follow(
    command: dict[str, Any], job_id: str, until: str = "", *, timeout: float | None = None
) -> Result:
    """Let a worker carry out `command`, and answer for the job when it has."""
    need_online()
    code = run(command, [job_id], timeout=timeout)
    record = store().load(job_id)
    document = snapshot.told(record)
    say_estimate(document)
    if record.error:
        document["error"] = asdict(record.error)
    elif code == ONLINE:
        document["error"] = {
            "id": "wait-timeout",
            "message": f"{record.title} is not done after {timeout:g} seconds.",
            "hint": "It goes on: wait again.",
        }
    return code or code_of(record, until), document


def run(command: dict[str, Any], ids: list[str], *, timeout: float | None) -> int:
    """Follow a worker to the end of `command`; an exit code where that says more than the jobs."""
    try:
        with following() as follower:
            ended = follower.follow(command, ids, timeout=timeout)
    except Interrupted:
        print("renderjuice: interrupted; `resume` goes on.", file=sys.stderr)
        return INTERRUPTED
    if ended.error:
        raise Failure(ONLINE, **ended.error)
    return ONLINE if ended.timed_out else DONE


@contextlib.contextmanager
def following(key_to_use: str | None = None) -> Iterator[Follower]:
    """A worker that ends with the block. Raises Failure."""
    from ..session.connection import start_worker

    try:
        link = start_worker(key_to_use)
    except OSError as error:
        raise disk(error) from error
    try:
        yield Follower(link)
    except WorkerGone as gone:
        if gone.unusable:
            hint = "From a checkout: python -m pip install pydantic requests"
            raise Failure(USAGE, "worker-unusable", gone.unusable, hint) from gone
        hint = f"Its log: {paths.state_folder() / 'worker.log'}"
        raise Failure(DISK, "worker-gone", "The worker process has ended.", hint) from gone
    finally:
        link.close()


def store() -> Store:
    """The job records of this user."""
    return Store(paths.state_folder())


def need_online() -> None:
    """Raise Failure where Blender may not use the network."""
    if not bpy.app.online_access:
        raise Failure(ONLINE, "offline", OFFLINE)
