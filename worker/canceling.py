"""Cancels jobs: sends the request to the farm first, then saves the record.

The request is repeated until the farm reports a final status.
"""

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
"""Polls with an active status after which the cancel request is sent again."""
MAX_NOT_FOUND = 3
"""Consecutive "not found" responses after which the job is considered deleted on the farm."""


def canceling(job: RunningJob, context: Context) -> None:
    """Cancel the job on the farm, wait for a final status, and end it here.

    The record is saved afterwards, because a full disk must not delay the request. Raises ApiError
    and OSError.
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
    """Send a cancel request at once. If it fails, the job's thread repeats it."""
    over = record.ended and not record.may_be_rendering
    if record.farm.id and not over and not other_farm(record, context):
        with contextlib.suppress(ApiError):
            context.client().cancel(record.farm.id)


def cancel_without_lock(job: RunningJob, context: Context, problem: Problem) -> Problem:
    """Cancel a job on the farm, if requested, although its lock failed with `problem`.

    Returns the Problem to show. The record is not saved.
    """
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
    """Whether the farm no longer has the job, and the key belongs to the job's account."""
    if error.id != fields.NOT_FOUND:
        return False
    job.refusals += 1
    return job.refusals >= MAX_NOT_FOUND and not of_another_account(job, context.client())


def _end_on_farm(job: RunningJob, context: Context) -> None:
    """Send cancel requests until the status is final: the farm may accept one and continue."""
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
    """Send a cancel request and read the job. A refusal because the job has ended is no error."""
    try:
        client.cancel(farm_id)
    except ApiError as error:
        farm_job = client.get_job(farm_id)
        if farm_job.status not in fields.ENDED:
            raise error from None
        return farm_job
    return client.get_job(farm_id)
