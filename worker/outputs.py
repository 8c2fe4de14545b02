"""The files that the farm lists for a job, fetched; addresses that expire are asked for again."""

from collections.abc import Sequence

from ..api import fields
from ..api.errors import ApiError
from ..api.output_file import OutputFile
from ..api.transport import TIMEOUT, scaled_timeout
from .context import Context
from .download import Download
from .job import RunningJob

LISTINGS = 5
"""So often an address that is not good any more is asked for again."""


def fetch(job: RunningJob, context: Context, outputs: Sequence[OutputFile]) -> dict[str, str]:
    """Bring `outputs` home; why some cannot be had any more, by name."""
    for attempt in range(LISTINGS):
        download = Download(
            job,
            context.transfers,
            allow_local=context.client().allow_local,
            timeout=scaled_timeout(TIMEOUT, context.time_scale),
        )
        try:
            download.run(outputs)
            return download.lost
        except ApiError as error:
            if error.id != fields.EXPIRED_URL or attempt == LISTINGS - 1:
                raise
        outputs = context.client().downloads(job.record.farm.id).outputs
    raise AssertionError("unreachable: the last attempt returns or raises")
