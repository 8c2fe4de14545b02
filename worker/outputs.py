"""Downloads the listed outputs of a job, and reads the list again when URLs expire."""

from collections.abc import Callable
from dataclasses import dataclass

from ..api.output_file import OutputFile
from ..api.responses import Downloads
from ..api.transport import TIMEOUT, scaled_timeout
from .context import Context
from .download import Download
from .job import RunningJob


@dataclass(frozen=True)
class Fetched:
    """The `outputs` of the last list, and the reasons for `lost` ones, by path.

    `without_url` are the outputs that the list names and gives no URL for.
    """

    outputs: list[OutputFile]
    without_url: list[OutputFile]
    lost: dict[str, str]


def fetch(
    job: RunningJob, context: Context, listing: Callable[[], Downloads], *, final: bool
) -> Fetched:
    """Download the outputs of a list; read the list again if a URL is refused.

    `final`: the farm has completed the job. Raises ApiError for files that are tried again, OSError
    and Cancelled.
    """
    retried = False
    while True:
        listed = listing()
        download = Download(
            job,
            context.transfers,
            allow_local=context.client().allow_local,
            timeout=scaled_timeout(TIMEOUT, context.time_scale),
            final=final,
        )
        download.run(listed.outputs)
        if not download.faults.expired or (retried and not download.faults.succeeded):
            break
        retried = True
    if final:
        download.judge()
    return Fetched(listed.outputs, listed.without_url, download.lost)
