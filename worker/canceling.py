"""Canceling: the farm is told first, then the disk, until the farm says that the job has ended."""

import contextlib

from ..api import fields
from ..api.errors import ApiError
from ..jobs.record import Record, Stage
from ..system.cancellation import Cancelled
from .context import Context
from .farm_state import record_state
from .job import RunningJob
from .permission import other_farm
from .problems import still_at_it

ANSWERS = 5
"""After so many that say that the farm is still at it, it is told once more."""


def canceling(job: RunningJob, context: Context) -> None:
    """Tell the farm, if it has the job, and end here when it has ended there.

    The disk comes second: a full one must not let the farm go on. Raises ApiError, OSError.
    """
    if job.record.farm.id:
        _end_on_farm(job, context)
        if job.record.farm.status == "completed":
            job.note("The farm had already finished: its frames can still be downloaded.")
    job.enter(Stage.CANCELED)


def tell_at_once(record: Record, context: Context) -> None:
    """Have the farm cancel a job, whatever else goes on with it here.

    Where that does not work, the job's own thread tells it until it has.
    """
    if record.farm.id and not record.ended and not other_farm(record, context):
        with contextlib.suppress(ApiError):
            context.client().cancel(record.farm.id)


def _end_on_farm(job: RunningJob, context: Context) -> None:
    """A farm may say yes and stay at it for a while, or for ever."""
    while job.record.farm.status not in fields.ENDED:
        _tell(job, context)
        if job.record.farm.status in fields.ENDED:
            return
        with context.poller.listening(job):
            for _ in range(ANSWERS):
                news = context.poller.next(job)
                if news.job is None:
                    raise news.error or Cancelled
                record_state(job, news.job)
                if news.job.status in fields.ENDED:
                    return
                job.wait(still_at_it(news.job.status))


def _tell(job: RunningJob, context: Context) -> None:
    """The farm refuses to cancel what has ended, which is no reason to fail."""
    client, farm_id = context.client(), job.record.farm.id
    try:
        client.cancel(farm_id)
    except ApiError as error:
        farm_job = client.get_job(farm_id)
        if farm_job.status not in fields.ENDED:
            raise error from None
    else:
        farm_job = client.get_job(farm_id)
    record_state(job, farm_job)
