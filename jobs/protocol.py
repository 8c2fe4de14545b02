"""What Blender and its worker say to each other: commands to the worker, events from it.

A message is a line of JSON with a `kind`. Either end may be of another version: what it does not
know becomes Unknown, never an error, and members that it does not know are left out (codec.py).
The first line to the worker is its WorkerConfig.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ..frames.selection import FrameFile
from ..packing.manifest import FilesByKind
from ..scene.checks import Check
from . import codec
from .record import Problem, Stage
from .snapshot import JobChange, JobSnapshot


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker needs before its first command. `transfers` is a number of connections.

    Tests shorten every wait and timeout by `time_scale`.
    """

    kind: ClassVar[str] = "config"
    site_packages: str
    """The folder of the extensions' Python packages; "" where Python finds them by itself."""
    state: str
    """The state folder."""
    key: str = field(repr=False)
    api_url: str
    transfers: int
    time_scale: float = 1.0


# -- commands -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Command:
    number: int = 0
    """Replies and Idle name it; whoever sends the command sets it."""


@dataclass(frozen=True)
class Start(_Command):
    """Run a job that was submitted here, to its end or `until` it has come to a stage."""

    kind: ClassVar[str] = "start"
    job: str
    until: Stage | None = None


@dataclass(frozen=True)
class Wait(_Command):
    """Follow a job to its end or `until` a stage; nothing begins that is not begun."""

    kind: ClassVar[str] = "wait"
    job: str
    until: Stage | None = None


@dataclass(frozen=True)
class Resume(_Command):
    """Run every job of this state folder that has not ended."""

    kind: ClassVar[str] = "resume"
    until: Stage | None = None


@dataclass(frozen=True)
class Cancel(_Command):
    """Cancel a job on the farm and here, whoever runs it."""

    kind: ClassVar[str] = "cancel"
    job: str


@dataclass(frozen=True)
class Retry(_Command):
    """Try again now, if the job waits; run it, if nobody does."""

    kind: ClassVar[str] = "retry"
    job: str


@dataclass(frozen=True)
class Remove(_Command):
    """Delete the record of a job that does not run. Its frames stay."""

    kind: ClassVar[str] = "remove"
    job: str


@dataclass(frozen=True)
class Download(_Command):
    """Fetch the frames of a job that are not here, also once more; to `output`, if it is given.

    Nothing begins that is not begun.
    """

    kind: ClassVar[str] = "download"
    job: str
    output: str = ""


@dataclass(frozen=True)
class Claim(_Command):
    """Run a job here that was made elsewhere, to its end or `until` a stage."""

    kind: ClassVar[str] = "claim"
    job: str
    until: Stage | None = None


@dataclass(frozen=True)
class Scan(_Command):
    """List what travels with the scene that was saved into `folder`: ScanProgress, ScanResult."""

    kind: ClassVar[str] = "scan"
    folder: str


@dataclass(frozen=True)
class StopScan(_Command):
    """End a scan, which is named by its folder, if it is the one that runs. Nothing answers."""

    kind: ClassVar[str] = "stop-scan"
    scan: str


@dataclass(frozen=True)
class RefreshJob(_Command):
    """Ask the farm about a job that nobody runs, and write down what it says."""

    kind: ClassVar[str] = "refresh-job"
    job: str


@dataclass(frozen=True)
class InspectFrames(_Command):
    """Say which of a job's frames on the disk can be shown: FramesInspected."""

    kind: ClassVar[str] = "inspect-frames"
    job: str


@dataclass(frozen=True)
class Adopt(_Command):
    """Make a record of a job that only the farm knows; the Reply names it."""

    kind: ClassVar[str] = "adopt"
    farm: str
    """The farm's id of the job."""
    output: str


@dataclass(frozen=True)
class TestKey(_Command):
    """Ask the farm whether it takes a key."""

    kind: ClassVar[str] = "test-key"
    key: str = field(repr=False)


@dataclass(frozen=True)
class UseKey(_Command):
    """Use this key from now on."""

    kind: ClassVar[str] = "use-key"
    key: str = field(repr=False)


# -- events ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobChanges:
    """What has changed of some jobs."""

    kind: ClassVar[str] = "jobs"
    changes: tuple[JobChange, ...]


@dataclass(frozen=True)
class Removed:
    """These jobs have no record any more."""

    kind: ClassVar[str] = "removed"
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Damaged:
    """Sentences about records that cannot be read."""

    kind: ClassVar[str] = "damaged"
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """The answer to the command of that number: it worked where there is no error."""

    kind: ClassVar[str] = "reply"
    number: int
    error: Problem | None = None
    job: str = ""
    """Our id of the job that Adopt has made."""


@dataclass(frozen=True)
class ScanProgress:
    """What the background Blender is doing for the scan. `scan` is the name of its folder.

    It comes with each step, and again while a step takes long.
    """

    kind: ClassVar[str] = "scan-progress"
    scan: str
    step: str
    seconds: int = 0
    """Since the scan was started."""


@dataclass(frozen=True)
class ScanResult:
    """The end of a scan: what travels and what was found, or why neither is known.

    `left_out` counts the checks that are more than a panel needs.
    """

    kind: ClassVar[str] = "scan-result"
    scan: str
    files: FilesByKind | None = None
    checks: tuple[Check, ...] = ()
    left_out: int = 0
    error: Problem | None = None


@dataclass(frozen=True)
class FramesInspected:
    """The frames of a job that can be shown, and how many of those looked at cannot."""

    kind: ClassVar[str] = "frames-inspected"
    job: str
    frames: tuple[FrameFile, ...]
    refused: int


@dataclass(frozen=True)
class Idle:
    """Nothing is left to do; `number` is that of the last command that was carried out."""

    kind: ClassVar[str] = "idle"
    number: int


@dataclass(frozen=True)
class Unusable:
    """Why the worker cannot work, as a sentence. It ends."""

    kind: ClassVar[str] = "unusable"
    text: str


# -- either way -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unknown:
    """A message of a kind that this version does not know, or that it cannot read.

    `data` is all that the line says, "kind" too. It may hold a key.
    """

    kind: str
    data: Mapping[str, object] = field(repr=False)

    @property
    def number(self) -> int:
        """The number, where it is a command that has one."""
        number = self.data.get("number")
        return number if isinstance(number, int) else 0


@dataclass(frozen=True)
class Jobs:
    """Whole jobs, newest state last: JobChanges, put together by whoever hears them."""

    jobs: tuple[JobSnapshot, ...]


Command = (
    Start | Wait | Resume | Cancel | Retry | Remove | Download | Claim
    | Scan | StopScan | RefreshJob | InspectFrames | Adopt | TestKey | UseKey
)  # fmt: skip
_WorkerEvent = (
    Removed | Damaged | Reply | ScanProgress | ScanResult | FramesInspected | Idle | Unusable
)  # fmt: skip
Event = JobChanges | _WorkerEvent
"""What the worker writes."""
ReceivedEvent = Jobs | _WorkerEvent | Unknown
"""What Blender's side makes of it."""
Message = WorkerConfig | Command | Event | Unknown

_KINDS: Mapping[str, type] = {
    shape.kind: shape for shape in (WorkerConfig, *Command.__args__, *Event.__args__)
}


def encode(message: Message) -> bytes:
    """`message` as a line, with its end."""
    if isinstance(message, Unknown):
        data = message.data
    else:
        data = {"kind": message.kind, **codec.plain(message)}
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """What a line says. Never an error: Unknown for what is no message of this version."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return Unknown("", {})
    kind = data.get("kind")
    shape = _KINDS.get(kind) if isinstance(kind, str) else None
    if shape is not None:
        try:
            return codec.read(shape, data)
        except codec.TypeMismatch:
            pass
    return Unknown(kind if isinstance(kind, str) else "", data)
