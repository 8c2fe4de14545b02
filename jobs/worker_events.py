"""Defines the events that the worker sends to Blender; jobs/protocol.py encodes them."""

from dataclasses import dataclass
from typing import ClassVar

from ..frames.selection import FrameFile
from ..packing.manifest import FilesByKind
from ..scene.check import Check
from .record import Problem
from .snapshot import JobChange


@dataclass(frozen=True)
class JobChanges:
    """The changed members of some jobs."""

    kind: ClassVar[str] = "jobs"
    changes: tuple[JobChange, ...]


@dataclass(frozen=True)
class Removed:
    """The records of these jobs have been deleted."""

    kind: ClassVar[str] = "removed"
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Damaged:
    """Sentences about unreadable records."""

    kind: ClassVar[str] = "damaged"
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """The result of the command with this number; success if `error` is None."""

    kind: ClassVar[str] = "reply"
    number: int
    error: Problem | None = None
    job: str = ""
    """The local id of the job that Adopt created."""


@dataclass(frozen=True)
class ScanProgress:
    """The scan's current step. `scan` is the name of its folder.

    It is sent at each step, and repeatedly during a long one.
    """

    kind: ClassVar[str] = "scan-progress"
    scan: str
    step: str
    seconds: int = 0
    """Seconds since the scan started."""


@dataclass(frozen=True)
class ScanResult:
    """The result of a scan: the package's files and the checks, or an error.

    `left_out` counts the checks beyond the limit.
    """

    kind: ClassVar[str] = "scan-result"
    scan: str
    files: FilesByKind | None = None
    checks: tuple[Check, ...] = ()
    left_out: int = 0
    error: Problem | None = None


@dataclass(frozen=True)
class FramesInspected:
    """The frames of a job that Blender can display, and the number of refused files."""

    kind: ClassVar[str] = "frames-inspected"
    job: str
    frames: tuple[FrameFile, ...]
    refused: int


@dataclass(frozen=True)
class Idle:
    """The worker has nothing left to do; `number` is that of the last executed command."""

    kind: ClassVar[str] = "idle"
    number: int


@dataclass(frozen=True)
class Unusable:
    """A sentence that says why the worker cannot run. The worker exits."""

    kind: ClassVar[str] = "unusable"
    text: str
    address: bool = False
    """Whether the API's address is the reason, and not a Python package."""
