"""What is asked of a farm that refuses the config of a render."""

from ..api import fields
from ..api.errors import ApiError
from .job import RunningJob


def fall_back(job: RunningJob, error: ApiError) -> None:
    """The farm refused the config, so nothing has started: go on with what is documented."""
    job.update(
        config=fields.documented_only(job.record.config),
        documented_only=True,
        notes=[
            *job.record.notes,
            f"The farm refused a setting ({error.message}). It was asked again with the "
            "documented settings only; the others stand in the uploaded scene.",
        ],
    )
