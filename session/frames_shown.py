"""Decides when the worker inspects the frame files of the displayed job.

Start: a panel calls `show`. Steady state: `due` returns the job when it has new files, at most once
per SECONDS_BETWEEN_INSPECTIONS. End: `answered` keeps the results of the last MAX_JOBS jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..jobs.snapshot import JobSnapshot
    from ..jobs.worker_events import FramesInspected

SECONDS_BETWEEN_INSPECTIONS = 1.0
MAX_JOBS = 8
"""Jobs whose results are kept."""


class FramesShown:
    """The requested inspections and their results. `found` maps job ids to results."""

    def __init__(self) -> None:
        self.found: dict[str, FramesInspected] = {}
        self._shown = ""
        self._asked: dict[str, int] = {}  # number of files at the last request, by job id
        self._time = float("-inf")

    def show(self, job_id: str) -> None:
        """Set the job whose frames a panel displays."""
        self._shown = job_id

    def wanted(self, jobs: Mapping[str, JobSnapshot]) -> bool:
        """Whether the displayed job has files that have not been inspected."""
        job = jobs.get(self._shown)
        return job is not None and job.frames.files != self._asked.get(self._shown, 0)

    def due(self, jobs: Mapping[str, JobSnapshot], now: float) -> str:
        """The id of the job to inspect now, or "" if none is wanted or it is too early."""
        if not self.wanted(jobs) or now - self._time < SECONDS_BETWEEN_INSPECTIONS:
            return ""
        self._time = now
        self._asked[self._shown] = jobs[self._shown].frames.files
        return self._shown

    def answered(self, answer: FramesInspected) -> None:
        """Store a result and drop the oldest ones."""
        self.found.pop(answer.job, None)
        self.found[answer.job] = answer
        for job_id in list(self.found)[:-MAX_JOBS]:
            del self.found[job_id]
            self._asked.pop(job_id, None)

    def unanswered(self) -> None:
        """Forget pending requests after a crash, so that the next worker gets them."""
        for job_id in self._asked.keys() - self.found.keys():
            del self._asked[job_id]
