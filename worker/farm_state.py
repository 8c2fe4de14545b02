"""What the farm says of a job, written into its record, and what it means for the job."""

from ..api.responses import FarmJob
from ..jobs import record as rec
from ..jobs.record import Stage
from .job import RunningJob
from .problems import CANCELED_BY_FARM, failed_by_farm

STARTED = frozenset({"booting", "rendering", "finalizing"})
"""Statuses that a job has only when its render was started."""
NOT_STARTED = frozenset({"created", "validating", "validated"})


def record_state(job: RunningJob, farm_job: FarmJob) -> None:
    """Write down what the farm said, if it is new. Raises OSError."""
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


def ended(job: RunningJob, farm_job: FarmJob) -> bool:
    """Whether the farm has failed or canceled the job, which ends it here too."""
    record_state(job, farm_job)
    if farm_job.status == "failed":
        job.fail(failed_by_farm(job.record.farm.failed_reason))
        return True
    if farm_job.status == "canceled":
        job.enter(Stage.CANCELED, error=CANCELED_BY_FARM)
        return True
    return False
