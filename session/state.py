"""Holds the session's state in one object, `state`, which panels and operators read.

It does not import bpy and does no I/O. Jobs are kept here, not in the .blend, so they survive undo,
New and Open. Other modules of session/ fill it; `reset` clears it when the extension is disabled.

Its classes are not dataclasses, because creating those is too slow for enabling the extension.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .frames_shown import FramesShown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..jobs.snapshot import JobSnapshot
    from ..jobs.worker_events import Reply, ScanResult
    from ..scene.checks import Check
    from ..scene.settings import Settings
    from .worker_process import Link


class Scan:
    """The check results of one scene of the open file.

    A stamp (`scan.stamp`) tells whether the scene has changed since a check.
    """

    def __init__(self) -> None:
        self.checks: list[Check] = []
        """The checks of settings and data-blocks, repeated after each change."""
        self.seen: object = None
        """The stamp of `checks`; None before the first check."""
        self.asked: tuple[Settings, dict[str, Any]] | None = None
        """The settings and overrides at the last draw (`scan.asked`)."""
        self.reach: object = None
        """Whether there was a key, and a network, at those checks."""
        self.changing: object = None
        """The stamp at the last detected change; None if there is no unchecked change."""
        self.place: Any = None
        """Where the next job would go (`scan.Place`), as of the last look; None before it."""
        self.placed: object = None
        """What `place` depends on, as it was then."""
        self.on_disk: list[Check] = []
        """The checks of folders and disks at the last press of Check or Submit."""
        self.pressed: object = None
        """The stamp of the last press, to which `on_disk` and `result` belong; None for none."""
        self.started = ""
        """The time of the last press, as HH:MM."""
        self.folder = ""
        """The name of the scanned folder, which identifies the scan; "" for none."""
        self.step = "starting"
        """The current step of the background Blender."""
        self.seconds = 0
        """Seconds since the scan started."""
        self.result: ScanResult | None = None


class KeyTest:
    """A test of the key: its command's number and the reply."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        """The number of the TestKey command; 0 for none."""
        self.answer: Reply | None = None


class SelfTestShown:
    """What the preferences show of the last self-test."""

    def __init__(self) -> None:
        self.running = False
        self.lines: list[tuple[str, bool | None, str]] = []
        """What was looked at, whether it held (None: it was left out), what was found instead."""
        self.report = ""
        """The path of the report."""
        self.problem = ""
        """Why it ended early."""


class State:
    """The session's state. Only Blender's main thread may access it."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobSnapshot] = {}
        """Each job by its id."""
        self.changes = 0
        """Counts changes that may add, remove or move a row of the job list."""
        self.damaged: list[str] = []
        """Sentences about unreadable records."""
        self.asked: dict[str, JobSnapshot] = {}
        """Jobs of which a button was pressed that the worker has not answered: each as it was."""
        self.news: dict[str, float] = {}
        """Jobs that have just ended, with the time (time.monotonic)."""
        self.sound: Any = None
        """The sound of the last job's end and its device: playing, until both are released."""
        self.trouble = ""
        """A sentence that says why there is no worker; "" if nothing is wrong."""
        self.scans: dict[int, Scan] = {}
        """The check results of the open file's scenes, by `session_uid`."""
        self.scan = Scan()
        """The one whose files were last sent to be scanned."""
        self.edits = 0
        """Counts edits that may change which files a scene needs."""
        self.frames = FramesShown()
        """The inspected frames of displayed jobs."""
        self.has_key: bool | None = None
        """Whether there is a key; None before it was read from disk."""
        self.key_test = KeyTest()
        self.selftest = SelfTestShown()
        self.link: Link | None = None
        """The worker, while there is one."""
        self.ending: list[Link] = []
        """Workers that are shutting down."""
        self.restarting = False
        """Whether unfinished jobs are resumed when all of them have exited."""
        self.crashes: list[float] = []
        """The times of recent crashes of workers (time.monotonic)."""
        self.loading: Iterator[None] | None = None
        """Loads the records after startup, one per step."""
        self.outputs: dict[str, str] = {}
        """Output folders of jobs that are not in `jobs`, by id: a cache for planning."""
        self.to_remove: list[str] = []
        """Jobs that were removed from the list and whose records are still on disk."""
        self.listed = -1
        """The value of `changes` that the WindowManager's list reflects."""

    def keep(self, job: JobSnapshot) -> None:
        """Store a job's newest snapshot."""
        from ..jobs import sorting  # enabling the extension stays fast

        before = self.jobs.get(job.id)
        if before is None or sorting.row(before) != sorting.row(job):
            self.changes += 1
        self.jobs[job.id] = job

    def drop(self, job_id: str) -> bool:
        """Remove a job; return whether it was there."""
        self.changes += 1
        return self.jobs.pop(job_id, None) is not None

    def reset(self) -> None:
        """Clear everything. `changes` keeps counting, because panels cache by its value."""
        changes = self.changes + 1
        vars(self).update(vars(State()), changes=changes)


state = State()
"""The one State of this Blender."""
