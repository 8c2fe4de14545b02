"""Which jobs' frames panels show, and when the worker has to inspect their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..jobs.protocol import FramesInspected
    from ..jobs.snapshot import JobSnapshot

SECONDS_BETWEEN_INSPECTIONS = 1.0
MAX_JOBS = 8
"""So many jobs' frames are remembered."""


class FramesShown:
    """What the worker was asked about frame files, and what it answered.

    `found` holds the answers by job id.
    """

    def __init__(self) -> None:
        self.found: dict[str, FramesInspected] = {}
        self._shown = ""
        self._asked: dict[str, int] = {}  # with how many files
        self._time = float("-inf")

    def show(self, job_id: str) -> None:
        """A panel shows the frames of this job."""
        self._shown = job_id

    def wanted(self, jobs: Mapping[str, JobSnapshot]) -> bool:
        """Whether the job has files that nobody has asked about."""
        job = jobs.get(self._shown)
        return job is not None and job.frames.files != self._asked.get(self._shown, 0)

    def due(self, jobs: Mapping[str, JobSnapshot], now: float) -> str:
        """The job to ask about now, or "": not more often than an eye can follow."""
        if not self.wanted(jobs) or now - self._time < SECONDS_BETWEEN_INSPECTIONS:
            return ""
        self._time = now
        self._asked[self._shown] = jobs[self._shown].frames.files
        return self._shown

    def answered(self, answer: FramesInspected) -> None:
        """Keep the worker's answer; the job that was inspected longest ago is forgotten."""
        self.found.pop(answer.job, None)
        self.found[answer.job] = answer
        for job_id in list(self.found)[:-MAX_JOBS]:
            del self.found[job_id]
            self._asked.pop(job_id, None)

    def unanswered(self) -> None:
        """The worker is gone: the next one is asked what this one has not answered."""
        for job_id in self._asked.keys() - self.found.keys():
            del self._asked[job_id]
