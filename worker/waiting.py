"""Waits for the job's next state on the farm."""

from ..api.progress import Progress
from ..api.responses import FarmJob
from ..jobs.snapshot import count
from .farm_state import record_state
from .job import RunningJob
from .poller import Poller
from .problems import problem_of


def next_state(job: RunningJob, poller: Poller) -> FarmJob:
    """Wait for the job's next state; during temporary errors the job is marked as waiting.

    Raises ApiError for permanent errors, OSError and Cancelled.
    """
    while True:
        news = poller.next(job)
        if news.job is not None:
            job.refusals = 0
            job.resume()
            record_state(job, news.job)
            if news.progress is not None:
                _show(job, news.progress)
            return news.job
        if news.error is not None and not news.error.retryable:
            raise news.error
        if news.error is not None:
            job.wait(problem_of(news.error))


def _show(job: RunningJob, progress: Progress) -> None:
    total = progress.total or count(job.record.frames) or 0
    job.show(progress.done or 0, total, "frames", progress.fraction)
