"""Canceling: the farm is told first, then the disk, until the farm says that the job has ended."""

import contextlib

from ..api import fields
from ..api.client import Client
from ..api.errors import ApiError
from ..api.responses import FarmJob
from ..jobs.record import Problem, Record, Stage
from ..system.cancellation import Cancelled
from .context import Context
from .farm_state import as_record, of_another_account, record_state
from .job import RunningJob
from .permission import other_farm
from .problems import cancel_not_done, cancel_not_sent, cancel_sent, problem_of

POLLS_PER_CANCEL = 5
"""After so many that say that the farm is still at it, it is told once more."""
MAX_NOT_FOUND = 3
"""So many answers in a row that the farm does not know the job are believed."""


def canceling(job: RunningJob, context: Context) -> None:
    """Tell the farm, if it has the job, and end here when it has ended there.

    The disk comes second: a full one must not let the farm go on. Raises ApiError, OSError.
    """
    if job.record.farm.id:
        try:
            _end_on_farm(job, context)
        except ApiError as error:
            if not _is_unknown(job, context, error):
                raise
            job.note("The farm does not have this job any more: nothing was left to cancel.")
        if job.record.farm.status == "completed":
            job.note("The farm had already finished: its frames can still be downloaded.")
    job.enter(Stage.CANCELED)


def cancel_at_once(record: Record, context: Context) -> None:
    """Have the farm cancel a job, whatever else goes on with it here.

    Where that does not work, the job's own thread tells it until it has.
    """
    if record.farm.id and not record.ended and not other_farm(record, context):
        with contextlib.suppress(ApiError):
            context.client().cancel(record.farm.id)


def cancel_without_lock(job: RunningJob, context: Context, problem: Problem) -> Problem:
    """Have the farm cancel a job whose lock cannot be had, which is the `problem`, if that is
    wanted. What is to be shown; nothing is written."""
    record = job.record
    if record.ended or not job.cancel_requested:
        return problem
    record.stage, record.cancel_requested = Stage.CANCELING, True
    if not record.farm.id or other_farm(record, context):
        return problem
    try:
        if record.farm.status not in fields.ENDED:
            record.farm = as_record(_cancel_and_read(context.client(), record.farm.id))
    except ApiError as error:
        return cancel_not_sent(problem_of(error))
    ended = record.farm.status in fields.ENDED
    return cancel_sent(problem) if ended else cancel_not_done(record.farm.status)


def _is_unknown(job: RunningJob, context: Context, error: ApiError) -> bool:
    """Whether the farm has not got the job any more, of the account that it belongs to."""
    if error.id != fields.NOT_FOUND:
        return False
    job.refusals += 1
    return job.refusals >= MAX_NOT_FOUND and not of_another_account(job, context.client())


def _end_on_farm(job: RunningJob, context: Context) -> None:
    """A farm may say yes and stay at it for a while, or for ever."""
    while job.record.farm.status not in fields.ENDED:
        _send_cancel(job, context)
        if job.record.farm.status in fields.ENDED:
            return
        with context.poller.listening(job):
            for _ in range(POLLS_PER_CANCEL):
                news = context.poller.next(job)
                if news.job is None:
                    raise news.error or Cancelled
                record_state(job, news.job)
                if news.job.status in fields.ENDED:
                    return
                job.wait(cancel_not_done(news.job.status))


def _send_cancel(job: RunningJob, context: Context) -> None:
    farm_job = _cancel_and_read(context.client(), job.record.farm.id)
    job.refusals = 0
    record_state(job, farm_job)


def _cancel_and_read(client: Client, farm_id: str) -> FarmJob:
    """Tell the farm; how the job stands then. It refuses to cancel what has ended, which is no
    reason to fail."""
    try:
        client.cancel(farm_id)
    except ApiError as error:
        farm_job = client.get_job(farm_id)
        if farm_job.status not in fields.ENDED:
            raise error from None
        return farm_job
    return client.get_job(farm_id)
