"""The files that the farm lists for a job, fetched; addresses that expire are asked for again."""

from collections.abc import Callable
from dataclasses import dataclass

from ..api.output_file import OutputFile
from ..api.transport import TIMEOUT, scaled_timeout
from .context import Context
from .download import Download
from .job import RunningJob


@dataclass(frozen=True)
class Fetched:
    """The `outputs` of the list that was read last, and why some of them are `lost`, by name."""

    outputs: list[OutputFile]
    lost: dict[str, str]


def fetch(
    job: RunningJob, context: Context, listing: Callable[[], list[OutputFile]], *, final: bool
) -> Fetched:
    """Bring the outputs of a list home, and read it again where an address is refused.

    `final` where the farm has completed the job. Raises ApiError for what may come yet, also
    OSError, Cancelled.
    """
    retried = False
    while True:
        outputs = listing()
        download = Download(
            job,
            context.transfers,
            allow_local=context.client().allow_local,
            timeout=scaled_timeout(TIMEOUT, context.time_scale),
            final=final,
        )
        download.run(outputs)
        if not download.faults.expired or (retried and not download.faults.succeeded):
            break
        retried = True
    if final:
        download.judge()
    return Fetched(outputs, download.lost)
