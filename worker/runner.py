"""Runs one job from stage to stage, and handles its errors.

Start: `run` acquires the job's lock, or shows the record while another worker holds it. Steady
state: stages run one after the other; temporary errors are retried with backoff. End: the job has
ended or reached `until`, or the worker stops; then the lock is released.
"""

import contextlib
import logging
import random
import time
from dataclasses import dataclass
from pathlib import Path

from ..api import fields
from ..api.errors import ApiError
from ..jobs import claim
from ..jobs import record as rec
from ..jobs.claim import Claimed
from ..jobs.record import DamagedRecord, Problem, Stage, reached
from ..jobs.store import Store
from ..packing.manifest import PackError
from ..system.cancellation import Cancelled
from ..system.locks import Lock
from . import late_outputs, on_end, permission
from .canceling import cancel_without_lock
from .context import Context
from .download import remove_partial_files
from .farm_state import of_another_account
from .job import Purpose, RunningJob
from .permission import Refused
from .problems import (
    ANOTHER_ACCOUNT,
    MISTAKE,
    cancel_not_sent,
    cancel_sent,
    disk_problem,
    folder_claimed,
    problem_of,
)
from .stages import STAGES, remove_scratch

FIRST_PAUSE = 2.0
MAX_PAUSE = 300.0
LOCK_POLL_SECONDS = 5.0
MAX_REFUSALS = 10
"""Consecutive refusals, in a quarter of an hour, that end a job that may have been paid for."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setback:
    """Why a stage failed, whether it is retried, and the Retry-After in seconds."""

    problem: Problem
    retryable: bool
    retry_after: float = 0.0


def run(job: RunningJob, context: Context, store: Store, until: Stage | None) -> None:
    """Run `job` until it ends, has reached the stage `until`, or the worker stops."""
    lock = _acquire_lock(job, store, context)
    if lock is None:
        return
    try:
        job.lock, job.elsewhere = lock, False
        job.record = store.load(job.record.id)  # the previous holder may have changed it
        before = len(job.record.history)
        _prepare(job, context, store)
        if job.record.late and job.purpose is Purpose.RESUME:
            late_outputs.recheck(job, context)
        run_stages(job, context, until)
        if job.over:
            store.forget_cancel(job.record.id)
            remove_scratch(job)
            remove_partial_files(job.record)
            if not job.record.files:  # another job may use the empty folder
                with contextlib.suppress(OSError):
                    claim.release(Path(job.record.output), job.record.id)
            on_end.run_command(job, context, store, before)
    finally:
        lock.release()


def _acquire_lock(job: RunningJob, store: Store, context: Context) -> Lock | None:
    """Acquire the job's lock, waiting if needed; None if there is nothing left to run."""
    time_scale = context.time_scale
    while True:
        try:
            lock = store.lock(job.record.id)
        except OSError as error:  # not saved, because another worker may own the record
            problem = cancel_without_lock(job, context, disk_problem(error))
            job.record.waiting, job.record.error = True, problem
            job.announce()
            _sleep(job, LOCK_POLL_SECONDS * time_scale)
            if job.stopping:
                return None
        else:
            if lock or not _follow_other_worker(job, store, time_scale):
                return lock


def _sleep(job: RunningJob, seconds: float) -> None:
    """Sleep. A cancel request does not end it, because the lock's holder handles it."""
    try:
        job.pause(seconds)
    except Cancelled:
        if not job.stopping:
            time.sleep(min(seconds, 0.2))


def _follow_other_worker(job: RunningJob, store: Store, time_scale: float) -> bool:
    """Show the record of a job that another worker runs; False if the job is gone or has ended."""
    try:
        job.record = store.load(job.record.id)
    except (FileNotFoundError, DamagedRecord):
        return False
    job.elsewhere = not job.record.ended
    job.announce()
    _sleep(job, LOCK_POLL_SECONDS * time_scale)
    return not job.stopping and not job.record.ended


def run_stages(job: RunningJob, context: Context, until: Stage | None) -> None:
    """Run the stages of a locked job, with backoff after setbacks.

    It returns when the job has ended, has reached `until`, is refused, or is stopped.
    """
    pause = FIRST_PAUSE
    while not job.stopping and not job.over and not (until and reached(job.record.stage, until)):
        try:
            setback = _step(job, context)
        except Refused as refused:
            _apply_refusal(job, refused)
            return
        if setback is None:
            pause = FIRST_PAUSE
            continue
        _report(job, setback)
        if job.over:
            return
        seconds = context.time_scale * pause * random.uniform(0.8, 1.2)
        with contextlib.suppress(Cancelled):
            job.pause(max(seconds, setback.retry_after))
            pause = min(pause * 2, MAX_PAUSE)


def _prepare(job: RunningJob, context: Context, store: Store) -> None:
    """Apply the purpose to the record, and clear its waiting mark."""
    with contextlib.suppress(OSError):  # see RunningJob.flush
        if job.purpose is Purpose.CLAIM:
            address = job.record.api_url or context.api_url
            job.update(origin=store.origin, api_url=address)
        if job.to_cancel and not job.record.ended:
            job.update(cancel_requested=True)
        elif job.to_cancel and job.record.may_be_rendering:
            job.enter(Stage.CANCELING, cancel_requested=True)
        if job.purpose is Purpose.DOWNLOAD:
            if job.output not in ("", job.record.output):
                # What lies in the new folder is not this job's, nor was it meant by `overwrite`.
                job.update(output=job.output, files={}, validators={}, others=[], overwrite=False)
            if job.record.ended and job.record.farm.id:
                _restart_download(job, store)
        job.resume()


def _restart_download(job: RunningJob, store: Store) -> None:
    """Return an ended job to the stage that gets its frames."""
    store.forget_cancel(job.record.id)
    completed = job.record.farm.status == "completed"
    stage = Stage.DOWNLOADING if completed else Stage.RENDERING
    job.enter(stage, cancel_requested=False, missing=None)


def _apply_refusal(job: RunningJob, refused: Refused) -> None:
    """Handle a refusal: a job that has ended before ends again, others wait."""
    if refused.problem is None:
        return  # another worker owns the job and its record
    ends = [Stage(entry[0]) for entry in job.record.history if entry[0] in rec.ENDED]
    with contextlib.suppress(OSError):  # the next run repeats it
        if ends:
            job.enter(ends[-1], error=refused.problem)
        else:
            job.wait(refused.problem)


def _step(job: RunningJob, context: Context) -> Setback | None:
    """Run the job's current stage; return a Setback if it fails, else None."""
    setback = None
    try:
        with contextlib.suppress(Cancelled):
            _stage(job, context)
    except Refused:
        raise
    except ApiError as error:
        setback = _setback_of(job, context, error)
    except PackError as error:
        setback = Setback(problem_of(error), retryable=False)
    except OSError as error:
        problem = disk_problem(error)
        canceled = job.record.stage is Stage.CANCELING and job.record.farm.status in fields.ENDED
        setback = Setback(cancel_sent(problem) if canceled else problem, retryable=True)
    except Claimed as error:
        setback = Setback(folder_claimed(error), retryable=True)
    except Exception:
        logger.exception("A stage has failed: %s", job.record.stage)
        setback = Setback(MISTAKE, retryable=bool(job.record.farm.id))
    return setback


def _stage(job: RunningJob, context: Context) -> None:
    ending = job.record.ended or job.record.stage is Stage.CANCELING
    if not ending and job.cancel_requested:
        with contextlib.suppress(OSError):  # a full disk must not delay the cancel request
            job.enter(Stage.CANCELING, cancel_requested=True)
    if job.record.stage is not Stage.CANCELING:
        job.flush()
    if problem := permission.other_farm(job.record, context):
        raise Refused(problem)
    if not job.record.ended:
        STAGES[job.record.stage](job, context)


def _report(job: RunningJob, setback: Setback) -> None:
    """Save why the job waits or ends. If the record cannot be saved, RunningJob.flush does it
    later."""
    try:
        if job.record.ended:
            return
        if setback.retryable:
            job.wait(setback.problem)
        else:
            job.fail(setback.problem)
    except OSError:
        job.announce()


def _setback_of(job: RunningJob, context: Context, error: ApiError) -> Setback:
    """The Setback for an ApiError."""
    problem, is_temporary = problem_of(error), _is_temporary(error, job)
    if error.id == fields.NOT_FOUND and job.record.farm.id:
        with contextlib.suppress(ApiError):
            if of_another_account(job, context.client()):
                problem, is_temporary = ANOTHER_ACCOUNT, True
    if job.record.stage is Stage.CANCELING and job.record.farm.id:
        problem = cancel_not_sent(problem)
    return Setback(problem, is_temporary, error.retry_after or 0.0)


def _is_temporary(error: ApiError, job: RunningJob) -> bool:
    """Whether the stage is retried after an error.

    An expired URL is replaced when the stage runs again. A job that may be rendering is not given
    up for a few wrong responses, such as a proxy's 404. A refusal to start something is final.
    """
    if error.retryable or error.id == fields.EXPIRED_URL:
        return True
    if job.record.stage is Stage.CANCELING:
        return True  # the farm may still be rendering
    begun = job.record.stage in (Stage.RENDERING, Stage.DOWNLOADING)
    if not begun and not (error.read_only and job.record.farm.id):
        return False
    job.refusals += 1
    return job.refusals < MAX_REFUSALS
