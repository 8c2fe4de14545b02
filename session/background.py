"""A worker in background mode, where no timer runs: started, told one thing, heard to its end."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from ..jobs.protocol import Command
from ..jobs.record import Problem
from ..jobs.snapshot import JobSnapshot
from ..jobs.store import Store
from . import connection, paths
from .follow import Follower, WorkerGone

CHECKOUT = "From a checkout: python -m pip install pydantic requests"


class WorkerError(Exception):
    """Why the worker did not do what it was told: what an error of a job has."""

    def __init__(self, id: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


def not_started(error: OSError) -> WorkerError:
    """What keeps the worker from starting."""
    return WorkerError(
        "worker-not-started", f"Renderjuice's background process could not be started: {error}."
    )


@contextlib.contextmanager
def worker(key_to_use: str | None = None) -> Iterator[Follower]:
    """Start a worker, with the stored key unless another is given; it ends with the block.

    Raises WorkerError where it cannot start, or ends by itself.
    """
    try:
        link = connection.start_worker(key_to_use)
    except OSError as error:
        raise not_started(error) from error
    try:
        yield Follower(link)
    except WorkerGone as gone:
        if gone.unusable:
            raise WorkerError("worker-unusable", gone.unusable, CHECKOUT) from gone
        raise _ended() from gone
    except OSError as error:  # it does not read what it is told
        raise _ended() from error
    finally:
        link.close()


def _ended() -> WorkerError:
    log_file = paths.log_file()
    return WorkerError(
        "worker-gone", "Renderjuice's background process has ended.", f"Its log: {log_file}"
    )


def run(command: Command, job_ids: list[str], timeout: float | None = None) -> bool:
    """Have a worker carry out `command` and show how its jobs go on, for `timeout` seconds at most.

    Return whether it is done, or cannot go on without its owner. Raises WorkerError, also where the
    worker refuses, or the disk does not take what it has to say; and Interrupted for Ctrl-C.
    """
    with worker() as follower:
        ended = follower.follow(command, job_ids, timeout=timeout)
    if error := ended.error or _unsaved_problem(follower.jobs, job_ids):
        raise WorkerError(error.id, error.message, error.hint)
    return not ended.timed_out


def _unsaved_problem(jobs: Mapping[str, JobSnapshot], job_ids: Iterable[str]) -> Problem | None:
    """What a job waits for that does not stand in its record: the disk may be full."""
    store = Store(paths.state_folder())
    for job in (jobs[job_id] for job_id in job_ids if job_id in jobs):
        if job.waiting and job.error and job.error != store.load(job.id).error:
            return job.error
    return None
