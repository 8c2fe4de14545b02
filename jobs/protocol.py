"""Defines the messages between Blender and its worker: commands to the worker, events from it.

A message is one line of JSON with a `kind`. The two ends may be of different versions: a message of
an unknown kind is decoded as Unknown, and unknown members are ignored (codec.py). The first line to
the worker is its WorkerConfig.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from . import codec
from .record import Stage
from .snapshot import JobSnapshot
from .worker_events import (
    Damaged,
    FramesInspected,
    Idle,
    JobChanges,
    Removed,
    Reply,
    ScanProgress,
    ScanResult,
    Unusable,
)


@dataclass(frozen=True)
class WorkerConfig:
    """The worker's settings. `transfers` is the number of parallel connections.

    `time_scale` multiplies every wait and timeout; tests shorten them.
    """

    kind: ClassVar[str] = "config"
    site_packages: str
    """The folder of the extensions' wheels; "" if they are on sys.path already."""
    state: str
    """The state folder."""
    key: str = field(repr=False)
    api_url: str
    transfers: int
    time_scale: float = 1.0
    on_end: str = ""
    """The artist's command for the end of a job; "" for none."""


# -- commands -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Command:
    number: int = 0
    """Sequence number, set by the sender. Reply and Idle refer to it."""


@dataclass(frozen=True)
class Start(_Command):
    """Run a job that was submitted here, to its end or `until` a stage."""

    kind: ClassVar[str] = "start"
    job: str
    until: Stage | None = None


@dataclass(frozen=True)
class Wait(_Command):
    """Follow a job to its end or `until` a stage, without starting validation or rendering."""

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
    """Retry a waiting job now; run a job that no worker runs."""

    kind: ClassVar[str] = "retry"
    job: str


@dataclass(frozen=True)
class Remove(_Command):
    """Delete the record of a job that is not running. Its frames stay."""

    kind: ClassVar[str] = "remove"
    job: str


@dataclass(frozen=True)
class Download(_Command):
    """Download the missing frames of a job, to `output` if given.

    It does not start validation or rendering.
    """

    kind: ClassVar[str] = "download"
    job: str
    output: str = ""


@dataclass(frozen=True)
class Claim(_Command):
    """Take over a job that was made elsewhere; run it to its end or `until` a stage."""

    kind: ClassVar[str] = "claim"
    job: str
    until: Stage | None = None


@dataclass(frozen=True)
class Scan(_Command):
    """List the files that the scene saved in `folder` needs: ScanProgress, ScanResult."""

    kind: ClassVar[str] = "scan"
    folder: str


@dataclass(frozen=True)
class StopScan(_Command):
    """End the scan of this folder name, if it is running. There is no reply."""

    kind: ClassVar[str] = "stop-scan"
    scan: str


@dataclass(frozen=True)
class RefreshJob(_Command):
    """Read a job that no worker runs from the farm, and update its record."""

    kind: ClassVar[str] = "refresh-job"
    job: str


@dataclass(frozen=True)
class InspectFrames(_Command):
    """List a job's frames on disk that Blender can display: FramesInspected."""

    kind: ClassVar[str] = "inspect-frames"
    job: str


@dataclass(frozen=True)
class Adopt(_Command):
    """Create a record for a job that exists only on the farm; the Reply has its id."""

    kind: ClassVar[str] = "adopt"
    farm: str
    """The farm's id of the job."""
    output: str


@dataclass(frozen=True)
class TestKey(_Command):
    """Test a key with a read-only request."""

    kind: ClassVar[str] = "test-key"
    key: str = field(repr=False)


@dataclass(frozen=True)
class UseKey(_Command):
    """Use this key from now on."""

    kind: ClassVar[str] = "use-key"
    key: str = field(repr=False)


@dataclass(frozen=True)
class UseOnEnd(_Command):
    """Start this command of the artist's at the end of a job from now on; "" for none."""

    kind: ClassVar[str] = "use-on-end"
    command: str


@dataclass(frozen=True)
class Notify(_Command):
    """Show a notification of the system."""

    kind: ClassVar[str] = "notify"
    title: str
    text: str


# -- either way -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unknown:
    """A message of an unknown kind, or an invalid one.

    `data` is the whole line, "kind" included. It may contain an API key.
    """

    kind: str
    data: Mapping[str, object] = field(repr=False)

    @property
    def number(self) -> int:
        """The command's number; 0 if there is none."""
        number = self.data.get("number")
        return number if isinstance(number, int) else 0


@dataclass(frozen=True)
class Jobs:
    """Complete snapshots, assembled from JobChanges by the receiver. The newest is last."""

    jobs: tuple[JobSnapshot, ...]


Command = (
    Start | Wait | Resume | Cancel | Retry | Remove | Download | Claim
    | Scan | StopScan | RefreshJob | InspectFrames | Adopt | TestKey | UseKey
    | UseOnEnd | Notify
)  # fmt: skip
_WorkerEvent = (
    Removed | Damaged | Reply | ScanProgress | ScanResult | FramesInspected | Idle | Unusable
)  # fmt: skip
Event = JobChanges | _WorkerEvent
"""What the worker sends."""
ReceivedEvent = Jobs | _WorkerEvent | Unknown
"""What Blender receives: JobChanges are assembled into Jobs."""
Message = WorkerConfig | Command | Event | Unknown

_KINDS: Mapping[str, type] = {
    shape.kind: shape for shape in (WorkerConfig, *Command.__args__, *Event.__args__)
}


def encode(message: Message) -> bytes:
    """Encode a message as a line, with its line end."""
    if isinstance(message, Unknown):
        data = message.data
    else:
        data = {"kind": message.kind, **codec.plain(message)}
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Decode a line. It never raises: an invalid or unknown message gives Unknown."""
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
