"""The files that the farm lists for a job: listed, fetched, and looked over."""

from collections.abc import Sequence

from ..api import fields
from ..api.errors import ApiError
from ..api.output_file import OutputFile
from ..api.transport import TIMEOUT, scaled
from ..frames.completeness import judge
from .context import Context
from .download import Download
from .job import RunningJob

LISTINGS = 5
SECONDS_BETWEEN_LISTINGS = 2.0


def complete_list(
    job: RunningJob, context: Context, expected: list[int] | None
) -> list[OutputFile]:
    """The outputs of a completed job; a list that lacks frames is asked for again for a while."""
    for attempt in range(LISTINGS):
        if attempt:
            job.pause(SECONDS_BETWEEN_LISTINGS * context.time_scale)
        outputs = context.client().downloads(job.record.farm.id).outputs
        if outputs and judge(expected, outputs, job.record.output_names).complete:
            break
    return list(outputs)


def fetch(job: RunningJob, context: Context, outputs: Sequence[OutputFile]) -> dict[str, str]:
    """Bring `outputs` home; why some cannot be had any more, by name."""
    for attempt in range(LISTINGS):
        download = Download(
            job,
            context.transfers,
            allow_local=context.client().allow_local,
            timeout=scaled(TIMEOUT, context.time_scale),
        )
        try:
            download.run(outputs)
            return download.lost
        except ApiError as error:
            if error.id != fields.EXPIRED_URL or attempt == LISTINGS - 1:
                raise
        outputs = context.client().downloads(job.record.farm.id).outputs
    raise AssertionError("unreachable: the last attempt returns or raises")


def deleted(job: RunningJob, context: Context) -> bool:
    """Whether the farm says that it has thrown the job's files away."""
    output = context.client().get_job(job.record.farm.id).output
    return output is not None and output.is_deleted_for_client is True
