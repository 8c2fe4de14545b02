"""Builds the public views of a job: the panel's snapshot and the command line's JSON document."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..api import fields
from ..frames.ranges import numbers
from . import codec, estimate
from .estimate import Estimate
from .record import ENDED, Problem, Record, Stage

# The job's overall progress at the start of each stage. Rendering takes most of the time.
_BEGINS = {
    Stage.SAVING: 0.0,
    Stage.PACKING: 0.0,
    Stage.UPLOADING: 0.02,
    Stage.CREATING: 0.1,
    Stage.VALIDATING: 0.1,
    Stage.STARTING: 0.12,
    Stage.RENDERING: 0.12,
    Stage.DOWNLOADING: 0.9,
    Stage.FINISHED: 1.0,
}
MAX_STAGES = 24
MAX_NOTES = 3
MAX_NAMED = 3
"""Names of files that a job was sent without."""
MAX_CHARACTERS = 60  # of a displayed setting or list of missing frames


@dataclass(frozen=True)
class LiveProgress:
    """Progress within the current stage, in its own unit. It is never saved to disk."""

    done: int = 0
    total: int = 0
    unit: str = ""
    """"bytes", "frames" or "files"."""
    rate: float = 0.0
    """Bytes per second, 0 without a transfer."""
    left: float | None = None
    """Estimated seconds until the stage ends, None while unknown."""
    fraction: float | None = None
    """Fraction done (0 to 1), if the farm reports it instead of counts."""
    step: str = ""
    """The current step, if there is nothing to count."""


@dataclass(frozen=True)
class FrameCounts:
    """Numbers of frames, each with a file per view; None if unknown.

    `files` are all downloaded files, and `others` those that are not frames.
    """

    expected: int | None = None
    downloaded: int = 0
    missing: int | None = None
    files: int = 0
    others: int = 0


@dataclass(frozen=True)
class JobSnapshot:
    """A job as panels show it. Its size is bounded, however many frames the job has.

    `progress` is the overall fraction done (0 to 1), None for a job that ended without success.
    """

    id: str
    title: str = ""
    stage: Stage = Stage.SAVING
    status: str = ""
    """The job's last known status on the farm."""
    farm_id: str = ""
    waiting: bool = False
    canceling: bool = False
    elsewhere: bool = False
    """Whether another worker of this state folder runs the job."""
    foreign: bool = False
    """Whether the record has another origin: no worker runs it here unless it is claimed."""
    late: bool = False
    """Whether the job has ended without frames that the farm may still list."""
    error: Problem | None = None
    notes: tuple[str, ...] = ()
    history: tuple[tuple[Stage, float], ...] = ()
    """The stages with their start times, in seconds since 1970."""
    differs: tuple[tuple[str, str, str], ...] = ()
    """Settings that the farm has changed: name, requested value, used value."""
    progress: float | None = None
    live: LiveProgress = LiveProgress()
    estimate: Estimate | None = None
    """What its test frames say of the whole job."""
    gpu_seconds: float | None = None
    """The farm's `normalizedSeconds`: a GPU minute has 60. None until it tells them."""
    frames: FrameCounts = FrameCounts()
    sent_without: tuple[str, ...] = ()
    """Names of missing files that the job was sent without, some of `sent_without_count`."""
    sent_without_count: int = 0
    output: str = ""
    blend: str = ""
    scene: str = ""
    created_at: str = ""
    updated_at: str = ""

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.stage in ENDED


@dataclass(frozen=True)
class JobChange:
    """The changed members of a JobSnapshot, as JSON."""

    id: str
    members: dict[str, object]

    def apply(self, before: JobSnapshot | None) -> JobSnapshot:
        """The snapshot after the change. Mistyped members keep their value from `before`."""
        values = codec.read_members(JobSnapshot, self.members)
        return replace(before or JobSnapshot(self.id), **{**values, "id": self.id})


def change(before: JobSnapshot | None, now: JobSnapshot) -> JobChange:
    """The JobChange that turns `before` into `now`."""
    was = vars(before or JobSnapshot(now.id))
    members = {name: codec.plain(one) for name, one in vars(now).items() if one != was[name]}
    return JobChange(now.id, members)


def snapshot(
    record: Record,
    live: LiveProgress | None = None,
    *,
    elsewhere: bool = False,
    foreign: bool = False,
) -> JobSnapshot:
    """Make the snapshot of a record and its live progress."""
    live = live or LiveProgress()
    return JobSnapshot(
        id=record.id,
        title=record.title,
        stage=record.stage,
        status=record.farm.status,
        farm_id=record.farm.id,
        waiting=record.waiting,
        canceling=record.cancel_requested and not record.ended,
        elsewhere=elsewhere,
        foreign=foreign,
        late=record.late,
        error=record.error,
        notes=tuple(record.notes[-MAX_NOTES:]),
        history=history(record),
        differs=changed_settings(record.config, record.farm.final_config),
        progress=progress(record, live),
        live=live,
        estimate=estimate.for_panel(record),
        gpu_seconds=estimate.normalized_seconds(record),
        frames=FrameCounts(
            expected=count(record.frames),
            downloaded=frames_here(record),
            missing=None if record.missing is None else len(record.missing),
            files=len(record.files),
            others=len(record.others),
        ),
        sent_without=tuple(_name(path) for path in record.sent_without[:MAX_NAMED]),
        sent_without_count=len(record.sent_without),
        output=record.output,
        blend=record.blend,
        scene=record.scene,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _name(path: str) -> str:
    """The name of a file, whose path may be of another system."""
    return re.split(r"[/\\]", path)[-1]


def history(record: Record) -> tuple[tuple[Stage, float], ...]:
    """The stages with their start times, in seconds since 1970; repeated stages count once."""
    stages: list[tuple[Stage, float]] = []
    for entry in record.history[-MAX_STAGES:]:
        stage, at = _stage(entry[0] if entry else ""), _seconds(entry[-1] if entry else "")
        if stage and at >= 0 and not (stages and stages[-1][0] == stage):
            stages.append((stage, at))
    return tuple(stages)


def _stage(name: str) -> Stage | None:
    """The stage of this name; None if this version does not know it."""
    try:
        return Stage(name)
    except ValueError:
        return None


def _seconds(at: str) -> float:
    """A record's timestamp in seconds since 1970; -1 if it is invalid."""
    from datetime import datetime  # enabling the extension stays fast

    try:
        return datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError, OSError):
        return -1


def changed_settings(asked: dict[str, Any], final: Any) -> tuple[tuple[str, str, str], ...]:
    """Settings for which the farm used another value: name, requested value, used value.

    Settings that only one of the two configs contains are ignored.
    """
    if not isinstance(final, dict):
        return ()
    wanted, used = fields.flatten(asked), fields.flatten(final)
    both = [
        (name, display_value(wanted[name]), display_value(used[name]))
        for name in wanted
        if name in used
    ]
    return tuple((name, one, other) for name, one, other in both if one != other)


def display_value(value: Any) -> str:
    """A setting's value for display, truncated to MAX_CHARACTERS."""
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "none"}[value]
    value = fields.whole(value)
    if isinstance(value, list):
        text = (" x " if value and isinstance(value[0], int) else ", ").join(
            map(display_value, value)
        )
    else:
        text = str(value)
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 3]}..."


def as_document(record: Record) -> dict[str, Any]:
    """The `job` and `estimate` of the command line's JSON documents."""
    found = estimate.of(record)
    return {"job": document(record), **({"estimate": found.document()} if found else {})}


def document(record: Record, live: LiveProgress | None = None) -> dict[str, Any]:
    """The `job` of the command line's JSON documents. Keys may be added, never renamed."""
    return {
        "id": record.id,
        "farmId": record.farm.id or None,
        "title": record.title,
        "stage": record.stage,
        "status": record.farm.status or None,
        "waiting": record.waiting,
        "progress": progress(record, live or LiveProgress()),
        "error": asdict(record.error) if record.error else None,
        "config": record.config,
        "frames": {
            "expected": numbers(record.frames) if record.frames is not None else None,
            "downloaded": sorted(record.files.keys() - record.others),
            "missing": record.missing,
            "here": frames_here(record),
            "otherFiles": sorted(record.others),
        },
        "output": record.output,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "finalConfig": record.farm.final_config,
        "normalizedSeconds": record.farm.normalized_seconds,
        "notes": record.notes,
        "sentWithout": record.sent_without,
        "bake": record.bake,
    }


def progress(record: Record, live: LiveProgress) -> float | None:
    """The overall fraction done (0 to 1); None for a job that ended without success."""
    begin = _BEGINS.get(record.stage)
    if begin is None:
        return None
    share = live.fraction
    if share is None:
        share = live.done / live.total if live.total else 0.0
    following = [at for at in _BEGINS.values() if at > begin]
    end = min(following, default=1.0)
    return round(begin + (end - begin) * min(max(share, 0.0), 1.0), 4)


def count(frames: list[list[int]] | None) -> int | None:
    """The number of frames in [first, last] pairs."""
    if frames is None:
        return None
    return sum(last - first + 1 for first, last in frames)


def frames_here(record: Record) -> int:
    """How many frames are here in all of their views. Files that are no frames do not count."""
    expected = count(record.frames)
    if expected is not None and record.missing is not None:
        return expected - len(record.missing)
    views = sum(len(name) == 4 for name in record.output_names or ())
    here = (len(record.files) - len(record.others)) // max(views, 1)
    return here if expected is None else min(here, expected)
