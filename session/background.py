"""Runs a worker for one command in background mode, where Blender's timers do not run."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from ..jobs.protocol import Command
from ..jobs.record import Problem
from ..jobs.snapshot import JobSnapshot
from ..jobs.store import Store
from . import connection, paths
from .follow import DEFAULT_WAIT_SECONDS, Follower, WorkerGone

CHECKOUT = "From a checkout: python -m pip install pydantic requests"


class WorkerError(Exception):
    """The worker failed. It has the same members as a job's error."""

    def __init__(self, id: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


def not_started(error: OSError) -> WorkerError:
    """The error for a worker that could not be started."""
    return WorkerError(
        "worker-not-started", f"Renderjuice's background process could not be started: {error}."
    )


@contextlib.contextmanager
def worker(key_to_use: str | None = None) -> Iterator[Follower]:
    """Start a worker, with the stored key unless another is given; end it after the block.

    Raises WorkerError if it cannot start or exits unexpectedly.
    """
    try:
        link = connection.start_worker(key_to_use)
    except OSError as error:
        raise not_started(error) from error
    try:
        yield Follower(link)
    except WorkerGone as gone:
        if gone.unusable:
            hint = "" if gone.unusable.address else CHECKOUT
            raise WorkerError("worker-unusable", gone.unusable.text, hint) from gone
        raise _ended() from gone
    except OSError as error:  # the pipe to the worker is broken
        raise _ended() from error
    finally:
        link.close()


def _ended() -> WorkerError:
    log_file = paths.log_file()
    return WorkerError(
        "worker-gone", "Renderjuice's background process has ended.", f"Its log: {log_file}"
    )


def run(
    command: Command,
    job_ids: list[str],
    timeout: float | None = None,
    patience: float = DEFAULT_WAIT_SECONDS,
) -> bool:
    """Run `command` in a worker and print the progress of its jobs, for at most `timeout` seconds,
    and for at most `patience` seconds while they wait and nothing comes.

    Returns False on a timeout; True if the command is done or the jobs wait for the user. Raises
    WorkerError, also if the worker refuses or cannot save a record, and Interrupted for Ctrl-C.
    """
    with worker() as follower:
        ended = follower.follow(command, job_ids, timeout=timeout, patience=patience)
    if error := ended.error or _unsaved_problem(follower.jobs, job_ids):
        raise WorkerError(error.id, error.message, error.hint)
    return not ended.timed_out


def _unsaved_problem(jobs: Mapping[str, JobSnapshot], job_ids: Iterable[str]) -> Problem | None:
    """The error of a waiting job that is missing in its record, as when the disk is full."""
    store = Store(paths.state_folder())
    for job in (jobs[job_id] for job_id in job_ids if job_id in jobs):
        if job.waiting and job.error and job.error != store.load(job.id).error:
            return job.error
    return None
