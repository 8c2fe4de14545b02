"""Outputs that a farm lists later than it says `completed`: for a while, and at later starts."""

import time

from ..api.errors import ApiError
from ..jobs.record import Problem, Stage
from .context import Context
from .download import by_place, is_downloaded
from .job import RunningJob
from .problems import frames_late

WAIT_SECONDS = 600.0
"""How long a job that has just been rendered waits for what its list lacks."""
SHORT_WAIT_SECONDS = 8.0
"""And one that has been incomplete before: it is asked again at each start and each Download."""
MIN_PAUSE = 2.0
MAX_PAUSE = 30.0


def wait(job: RunningJob, context: Context, problem: Problem) -> bool:
    """Let some time pass before the list is read again; False when it has been long enough.

    `problem` says what it lacks, and is shown unless it comes within seconds. Raises OSError,
    Cancelled.
    """
    now = time.monotonic()
    job.lacking_since = job.lacking_since or now
    waited = (now - job.lacking_since) / context.time_scale
    if waited >= (SHORT_WAIT_SECONDS if job.record.ended_before else WAIT_SECONDS):
        return False
    if waited >= SHORT_WAIT_SECONDS:
        job.wait(frames_late(problem))
    job.pause(context.time_scale * min(max(waited / 2, MIN_PAUSE), MAX_PAUSE))
    return True


def recheck(job: RunningJob, context: Context) -> None:
    """At a start: go back to the download of a job whose list has what is not here. Raises OSError.

    Where it has not, nothing is written, and the next start looks again.
    """
    try:
        listed = context.client().downloads(job.record.farm.id).outputs
    except ApiError:
        return
    if any(not is_downloaded(job.record, name) for name in by_place(job.record, listed)):
        job.enter(Stage.DOWNLOADING, missing=None)
