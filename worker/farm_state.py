"""What the farm says of a job, written into its record, and what it means for the job."""

from dataclasses import replace

from ..api.client import Client
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
    farm = replace(farm, workspace=farm.workspace or job.record.farm.workspace)
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
        workspace=farm_job.workspace_id or "",
    )


def of_another_account(job: RunningJob, client: Client) -> bool:
    """Whether the key is of another account than the job, as far as the farm's list tells.

    Such an account knows nothing of the job, which may be rendering all the same. Raises ApiError.
    """
    own = job.record.farm.workspace
    listed = {one.workspace_id for one in client.jobs(page=1).jobs if one.workspace_id}
    return bool(own and listed) and own not in listed


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
