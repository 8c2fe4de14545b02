"""Saves the job's status on the farm in its record, and handles final statuses."""

from dataclasses import replace

from ..api.client import Client
from ..api.responses import FarmJob
from ..jobs import record as rec
from ..jobs.record import Stage
from .job import RunningJob
from .problems import CANCELED_BY_FARM, failed_by_farm

STARTED = frozenset({"booting", "rendering", "finalizing"})
"""Statuses after the start of the render."""
NOT_STARTED = frozenset({"created", "validating", "validated"})


def record_state(job: RunningJob, farm_job: FarmJob) -> None:
    """Save the farm's job in the record, if it has changed. Raises OSError."""
    farm = as_record(farm_job)
    farm = replace(farm, workspace=farm.workspace or job.record.farm.workspace)
    if farm != job.record.farm:
        job.update(farm=farm)


def as_record(farm_job: FarmJob) -> rec.Farm:
    """Convert the farm's job to the record's form."""
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
    """Whether the key belongs to another account than the job, judging by the list of jobs.

    The API then reports the job as "not found" although it may be rendering. Raises ApiError.
    """
    own = job.record.farm.workspace
    listed = {one.workspace_id for one in client.jobs(page=1).jobs if one.workspace_id}
    return bool(own and listed) and own not in listed


def ended(job: RunningJob, farm_job: FarmJob) -> bool:
    """End the job if the farm has failed or canceled it; return whether it has."""
    record_state(job, farm_job)
    if farm_job.status == "failed":
        job.fail(failed_by_farm(job.record.farm.failed_reason))
        return True
    if farm_job.status == "canceled":
        job.enter(Stage.CANCELED, error=CANCELED_BY_FARM)
        return True
    return False
