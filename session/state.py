"""What this Blender knows of Renderjuice: one object, `state`, read by panels and operators.

It imports no bpy and does no I/O. Jobs stand here, not in the .blend, so they survive undo, New
and Open. Other modules of session/ fill it, and `reset` empties it when the extension is disabled.

Its classes are plain: to make dataclasses takes longer than to import all modules that are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .frames_shown import FramesShown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..jobs.protocol import Reply, ScanResult
    from ..jobs.snapshot import JobSnapshot
    from ..scene.checks import Check
    from .worker_process import Link


class Scan:
    """What is known of one scene of the open file: its settings, and what the last Check found.

    A stamp (`scan.stamp`) tells whether the scene has changed since something was looked at.
    """

    def __init__(self) -> None:
        self.checks: list[Check] = []
        """What its settings and data-blocks say, looked at anew after each change."""
        self.seen: object = None
        """The stamp of `checks`; None before the first look."""
        self.changing: object = None
        """The stamp when the scene was last seen to change."""
        self.on_disk: list[Check] = []
        """What the last press found of folders and disks."""
        self.pressed: object = None
        """The stamp of the last press, which `on_disk` and `result` are of; None for none."""
        self.started = ""
        """The time of day of the last press, as a clock shows it."""
        self.folder = ""
        """The name of the folder that the worker scans, which names the scan; "" for none."""
        self.step = "starting"
        """What the background Blender is doing."""
        self.seconds = 0
        """For how long it has been running."""
        self.result: ScanResult | None = None


class KeyTest:
    """A question about the key, and the worker's answer."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        """The number of the command that asks; 0 where nothing was asked."""
        self.answer: Reply | None = None


class State:
    """What is known now. Only Blender's main thread may touch it."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobSnapshot] = {}
        """Each job by its id."""
        self.changes = 0
        """Counts what may move, add or remove a row of the list of jobs."""
        self.damaged: list[str] = []
        """Sentences about records that cannot be shown."""
        self.news: dict[str, float] = {}
        """Jobs that ended a moment ago, and when (time.monotonic)."""
        self.trouble = ""
        """Why there is no worker, as a sentence; "" while nothing is wrong."""
        self.scans: dict[int, Scan] = {}
        """What is known of scenes of the open file, by their `session_uid`."""
        self.scan = Scan()
        """The one whose files the worker was told to scan."""
        self.edits = 0
        """Counts what may change which files the scene needs, since Blender was started."""
        self.frames = FramesShown()
        """The frames that panels show."""
        self.has_key: bool | None = None
        """Whether a key is stored; None before the disk was asked."""
        self.key_test = KeyTest()
        self.link: Link | None = None
        """The worker, while there is one."""
        self.ending: list[Link] = []
        """Workers that were told to end and have not yet."""
        self.crashes: list[float] = []
        """When workers ended by themselves lately (time.monotonic)."""
        self.loading: Iterator[None] | None = None
        """Reads the records after start-up, one a step."""
        self.outputs: dict[str, str] = {}
        """The folders of jobs whose records were read to plan another job; each is read once."""
        self.to_remove: list[str] = []
        """Jobs that have left the list and whose records are still on the disk."""
        self.listed = -1
        """The count of `changes` that the window manager's list shows."""

    def keep(self, job: JobSnapshot) -> None:
        """Know a job by its newest snapshot."""
        from ..jobs import sorting  # enabling the extension stays fast

        before = self.jobs.get(job.id)
        if before is None or sorting.row(before) != sorting.row(job):
            self.changes += 1
        self.jobs[job.id] = job

    def drop(self, job_id: str) -> bool:
        """Forget a job. Return whether it was known."""
        self.changes += 1
        return self.jobs.pop(job_id, None) is not None

    def reset(self) -> None:
        """Forget everything. `changes` goes on: panels keep what they made of an earlier count."""
        changes = self.changes + 1
        vars(self).update(vars(State()), changes=changes)


state = State()
"""The one State of this Blender."""
