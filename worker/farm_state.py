"""What the farm says of a job: waited for, written down, and what it means."""

from ..api.answers import FarmJob
from ..api.progress import Progress
from ..jobs import record as rec
from ..jobs.snapshot import count
from .job import Job
from .poller import Poller
from .problems import CANCELED_BY_FARM, failed_by_farm, problem_of


def hear(job: Job, poller: Poller) -> FarmJob:
    """The next answer of the farm; while it cannot be asked, the job waits and says why."""
    while True:
        news = poller.next(job)
        if news.job is not None:
            job.refusals = 0
            job.go_on()
            heard(job, news.job)
            if news.progress is not None:
                _show(job, news.progress)
            return news.job
        if news.error is not None and not news.error.retryable:
            raise news.error
        if news.error is not None:
            job.hold(problem_of(news.error))


def _show(job: Job, progress: Progress) -> None:
    total = progress.total or count(job.record.frames) or 0
    job.show(progress.done or 0, total, "frames", progress.fraction)


def heard(job: Job, farm_job: FarmJob) -> None:
    """Write down what the farm said, if it is new."""
    farm = as_record(farm_job)
    if farm != job.record.farm:
        job.update(farm=farm)


def as_record(farm_job: FarmJob) -> rec.Farm:
    """What the record keeps of an answer."""
    reason = farm_job.failed_reason
    words = [text for text in (reason.name, reason.type) if text] if reason else []
    return rec.Farm(
        id=farm_job.id,
        status=farm_job.status,
        failed_reason=": ".join(words),
        final_config=farm_job.final_config,
        normalized_seconds=farm_job.normalized_seconds,
    )


def ended(job: Job, farm_job: FarmJob) -> bool:
    """Whether the farm has failed or canceled the job, which ends it here too."""
    heard(job, farm_job)
    if farm_job.status == "failed":
        job.fail(failed_by_farm(job.record.farm.failed_reason))
        return True
    if farm_job.status == "canceled":
        job.enter(rec.CANCELED, error=CANCELED_BY_FARM)
        return True
    return False
