"""What this Blender knows of Renderjuice: one object, `state`, read by panels and operators.

It imports no bpy and does no I/O. Jobs stand here, not in the .blend, so they survive undo, New
and Open. Other modules of session/ fill it, and `reset` empties it when the extension is disabled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .frames_shown import FramesShown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .plan import Plan
    from .worker_process import Link


@dataclass
class Scan:
    """The last Check: what it found in the scene, and what the worker found in its files."""

    plan: Plan | None = None
    """The scene's settings, checked."""
    scene: str = ""
    """The scene whose files the worker scans."""
    started: str = ""
    """The time of day when the scan started, as a clock shows it."""
    files: dict[str, Any] = field(default_factory=dict)
    """The scan's "id", and what the worker says of it (see worker/scan.py)."""


@dataclass
class KeyTest:
    """A question about the key, and the worker's answer."""

    number: int = 0
    """The number of the command that asks; 0 where nothing was asked."""
    answer: dict[str, Any] | None = None


@dataclass
class State:
    """What is known now. Only Blender's main thread may touch it."""

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The snapshot of each job, by its id, as jobs/snapshot.py makes it."""
    changes: int = 0
    """Counts what may move, add or remove a row of the list of jobs."""
    damaged: list[str] = field(default_factory=list)
    """Sentences about records that cannot be shown."""
    news: dict[str, float] = field(default_factory=dict)
    """Jobs that ended a moment ago, and when (time.monotonic)."""
    trouble: str = ""
    """Why there is no worker, as a sentence; "" while nothing is wrong."""
    scan: Scan = field(default_factory=Scan)
    frames: FramesShown = field(default_factory=FramesShown)
    """The frames that panels show."""
    has_key: bool | None = None
    """Whether a key is stored; None before the disk was asked."""
    key_test: KeyTest = field(default_factory=KeyTest)

    link: Link | None = None
    """The worker, while there is one."""
    ending: list[Link] = field(default_factory=list)
    """Workers that were told to end and have not yet."""
    crashes: list[float] = field(default_factory=list)
    """When workers ended by themselves lately (time.monotonic)."""
    loading: Iterator[None] | None = None
    """Reads the records after start-up, one a step."""
    outputs: dict[str, str] = field(default_factory=dict)
    """The folders of jobs whose records were read to plan another job; each is read once."""
    to_remove: list[str] = field(default_factory=list)
    """Jobs that have left the list and whose records are still on the disk."""
    listed: int = -1
    """The count of `changes` that the window manager's list shows."""

    def keep(self, job: dict[str, Any]) -> None:
        """Know a job by its newest snapshot."""
        from ..jobs import sorting  # enabling the extension stays fast

        before = self.jobs.get(job["id"])
        if before is None or sorting.row(before) != sorting.row(job):
            self.changes += 1
        self.jobs[job["id"]] = job

    def drop(self, job_id: str) -> bool:
        """Forget a job. Return whether it was known."""
        self.changes += 1
        return self.jobs.pop(job_id, None) is not None

    def reset(self) -> None:
        """Forget everything. `changes` goes on: panels keep what they made of an earlier count."""
        vars(self).update(vars(State(changes=self.changes + 1)))


state = State()
"""The one State of this Blender."""
