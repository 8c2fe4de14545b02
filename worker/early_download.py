"""Frames that the farm lists while it still renders: home as soon as they are there."""

from ..api.errors import ApiError
from ..api.output_file import OutputFile
from .context import Context
from .job import RunningJob
from .outputs import fetch


class EarlyDownload:
    """Looks at each new frame, as long as looking helps, else more and more seldom.

    The documentation says that nothing is listed before the end.
    """

    def __init__(self) -> None:
        self._helps = True
        self._next = 1

    def look(self, job: RunningJob, context: Context) -> None:
        """Bring what is listed, if it is time to look. Raises OSError, Cancelled."""
        done = job.live.done
        if done >= self._next:
            self._helps = _bring(job, context)
            self._next = done + 1 if self._helps else done * 4


def _bring(job: RunningJob, context: Context) -> bool:
    """Fetch the frames that are listed; whether there were any."""
    shown = job.live

    def frames() -> list[OutputFile]:
        listed = context.client().downloads(job.record.farm.id).outputs
        return [output for output in listed if output.kind == "frame"]

    try:
        found = fetch(job, context, frames, final=False).outputs
    except ApiError:
        return False  # the next look, or the end, brings it
    job.show(shown.done, shown.total, shown.unit, shown.fraction)
    return bool(found)
