"""Waits for outputs that the farm lists only after the status `completed`."""

import time

from ..api.errors import ApiError
from ..jobs.record import Problem, Stage
from .context import Context
from .download import by_place
from .job import RunningJob
from .problems import frames_late

WAIT_SECONDS = 600.0
"""Maximum wait of a job that has just been completed."""
SHORT_WAIT_SECONDS = 8.0
"""Maximum wait of a job that has ended before; it is checked again at each start and Download."""
MIN_PAUSE = 2.0
MAX_PAUSE = 30.0


def wait(job: RunningJob, context: Context, problem: Problem) -> bool:
    """Pause before the list is read again; False if the maximum wait is over.

    `problem` says what is missing; it is shown after SHORT_WAIT_SECONDS. Raises OSError and
    Cancelled.
    """
    job.lacking_since = job.lacking_since or time.monotonic()
    waited = waited_for(job, context)
    if waited >= (SHORT_WAIT_SECONDS if job.record.ended_before else WAIT_SECONDS):
        return False
    if waited >= SHORT_WAIT_SECONDS:
        job.wait(frames_late(problem))
    job.pause(context.time_scale * min(max(waited / 2, MIN_PAUSE), MAX_PAUSE))
    return True


def waited_for(job: RunningJob, context: Context) -> float:
    """Return the seconds since an output was first missing, 0.0 if none ever was."""
    if job.lacking_since is None:
        return 0.0
    return (time.monotonic() - job.lacking_since) / context.time_scale


def recheck(job: RunningJob, context: Context) -> None:
    """Return an ended job to the download if the farm now lists files that never came.

    Otherwise the record is unchanged, and the next start checks again: files that the artist has
    moved away are not fetched. Raises OSError.
    """
    try:
        listed = context.client().downloads(job.record.farm.id).outputs
    except ApiError:
        return
    if any(name not in job.record.files for name in by_place(job.record, listed)):
        job.enter(Stage.DOWNLOADING, missing=None)
