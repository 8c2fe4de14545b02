"""Which jobs' frames a panel shows, and what the worker has to be asked about them."""

from collections.abc import Mapping
from typing import Any

SECONDS_BETWEEN_LOOKS = 1.0
MOST = 8
"""Of so many jobs the frames are remembered."""


class Looks:
    """What was asked of the worker and what it has said, as pictures.look says it."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[str, Any]] = {}
        self._at = ""
        self._asked: dict[str, int] = {}  # with how many files
        self._time = float("-inf")

    def at(self, job_id: str) -> None:
        """A panel shows the frames of this job."""
        self._at = job_id

    def wanted(self, jobs: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether there are files of the job that nobody has asked about."""
        job = jobs.get(self._at)
        return job is not None and job["frames"]["downloaded"] != self._asked.get(self._at, 0)

    def due(self, jobs: Mapping[str, Mapping[str, Any]], now: float) -> str:
        """The job to ask about at this moment, or "": not more often than an eye can follow."""
        if not self.wanted(jobs) or now - self._time < SECONDS_BETWEEN_LOOKS:
            return ""
        self._time = now
        self._asked[self._at] = jobs[self._at]["frames"]["downloaded"]
        return self._at

    def answered(self, said: dict[str, Any]) -> None:
        """The worker has looked. What was seen longest ago is forgotten."""
        self.seen.pop(said["job"], None)
        self.seen[said["job"]] = said
        for job_id in list(self.seen)[:-MOST]:
            del self.seen[job_id]
            self._asked.pop(job_id, None)

    def unanswered(self) -> None:
        """The worker is gone: ask the next one what this one has not said."""
        for job_id in self._asked.keys() - self.seen.keys():
            del self._asked[job_id]

    def forget(self) -> None:
        """Begin anew."""
        self.seen.clear()
        self._asked.clear()
