"""Downloads frames that the farm lists while it is still rendering."""

from ..api.errors import ApiError
from ..api.responses import Downloads
from .context import Context
from .job import RunningJob
from .outputs import fetch


class EarlyDownload:
    """Reads the list at each new frame, or at exponentially growing intervals while it is empty.

    According to the API documentation, the list is empty until the outputs are ready.
    """

    def __init__(self) -> None:
        self._helps = True
        self._next = 1

    def look(self, job: RunningJob, context: Context) -> None:
        """Download the listed frames, if it is time. Raises OSError and Cancelled."""
        done = job.live.done
        if done >= self._next:
            self._helps = _bring(job, context)
            self._next = done + 1 if self._helps else done * 4


def _bring(job: RunningJob, context: Context) -> bool:
    """Download the listed frames; return whether there were any."""
    shown = job.live

    def frames() -> Downloads:
        listed = context.client().downloads(job.record.farm.id).outputs
        return Downloads([output for output in listed if output.kind == "frame"])

    try:
        found = fetch(job, context, frames, final=False).outputs
    except ApiError:
        return False  # a later download gets them
    job.show(shown.done, shown.total, shown.unit, shown.fraction)
    return bool(found)
