"""Defines the record of a job: everything that must survive a crash, as plain data.

A record is saved before each external effect. It contains no secrets: no key, no signed URL.
"""

import os
import time
import uuid
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..packing.manifest import Package

SCHEMA = 1


class Stage(StrEnum):
    """The stage of a job. The values appear in records and in the command line's JSON."""

    SAVING = "saving"
    PACKING = "packing"
    UPLOADING = "uploading"
    CREATING = "creating"
    VALIDATING = "validating"
    STARTING = "starting"
    RENDERING = "rendering"
    DOWNLOADING = "downloading"
    CANCELING = "canceling"
    FINISHED = "finished"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELED = "canceled"


STAGE_ORDER = tuple(Stage)[: tuple(Stage).index(Stage.CANCELING)]
"""The regular stages, from Submit to the downloaded frames."""
ENDED = frozenset({Stage.FINISHED, Stage.INCOMPLETE, Stage.FAILED, Stage.CANCELED})


def reached(stage: Stage, wanted: Stage) -> bool:
    """Whether `stage` is the regular stage `wanted` or a later one."""
    return stage in STAGE_ORDER and STAGE_ORDER.index(stage) >= STAGE_ORDER.index(wanted)


class DamagedRecord(Exception):
    """An unreadable record. The text says what is wrong with it."""


@dataclass(frozen=True)
class Problem:
    """Why a job failed or waits: a stable id, a message, and a hint on what to do."""

    id: str
    message: str
    hint: str


@dataclass
class Farm:
    """The job's last known state on the farm. `id` is empty until the job is created there."""

    id: str = ""
    status: str = ""
    failed_reason: str = ""
    final_config: Any = None
    normalized_seconds: float | None = None
    workspace: str = ""
    """The account's workspace that the job belongs to; "" if unknown."""


@dataclass
class Record:
    """One job. Paths are absolute, times ISO 8601 in UTC; `frames` holds [first, last] pairs."""

    id: str
    title: str
    origin: str
    """Where the record was made (origin.py). Its key on disk is `home`, as in 0.1.0."""
    output: str
    stage: Stage = Stage.SAVING
    schema: int = SCHEMA
    created_at: str = ""
    updated_at: str = ""
    waiting: bool = False
    error: Problem | None = None
    cancel_requested: bool = False
    api_url: str = ""
    """The API address that the job belongs to; "" in records of 0.1.0."""
    # What the artist requested.
    blend: str = ""
    scene: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    applied: dict[str, Any] = field(default_factory=dict)
    frames: list[list[int]] | None = None
    test_of: list[list[int]] | None = None  # for a job of test frames: the whole job's frames
    overwrite: bool = False
    allowed: list[str] = field(default_factory=list)
    """What the scene may be sent without (scene/check.py: is_allowed)."""
    sent_without: list[str] = field(default_factory=list)
    """What of it was missing when the package was written: paths, each once."""
    bake: str = "none"
    """What is baked in the copy (scene/baking.py: Mode)."""
    # How the package is built: scratch folder, saved copy, command line of the packing Blender.
    scratch: str = ""
    copy: str = ""
    paths_kept: bool = False
    """Whether `//` in the copy is relative to the folder of `blend`; not in copies of 0.1.0."""
    blender: list[str] = field(default_factory=list)
    package: "Package | None" = None
    slug: str = ""
    # What was sent to the farm and what has been received.
    farm: Farm = field(default_factory=Farm)
    documented_only: bool = False
    notes: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    """The downloaded files: bytes by path relative to `output` (frames/names.py)."""
    others: list[str] = field(default_factory=list)
    """Those of `files` that are not frames: outputs of File Output nodes, zips, videos."""
    sources: dict[str, str] = field(default_factory=dict)
    """The OutputFile.identity of each downloaded file, by path."""
    validators: dict[str, str] = field(default_factory=dict)
    """The validator (api/download.py: Version) of each downloaded file, by path."""
    missing: list[int] | None = None
    late: bool = False
    """Whether the farm may still list missing frames: the next session checks the job again."""
    output_names: list[list[str]] | None = None  # scene/output_names.py; None before it was read
    frame_files: dict[str, str] = field(default_factory=dict)  # of test frames, by their number
    frame_seconds: dict[str, float] = field(default_factory=dict)
    history: list[list[str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the job has ended."""
        return self.stage in ENDED

    @property
    def ended_before(self) -> bool:
        """Whether the job has ever ended, even if it is downloading again."""
        return any(entry[:1] and entry[0] in ENDED for entry in self.history)

    @property
    def may_be_rendering(self) -> bool:
        """Whether the farm may go on with a job that has failed here, such as after refusals of a
        proxy: it can still be canceled."""
        over = self.farm.status in ("", "completed", "failed", "canceled")
        return self.stage is Stage.FAILED and bool(self.farm.id) and not over

    @property
    def file_format(self) -> str:
        """The frames' format ("PNG") that the farm has set or was asked for; "" if unknown."""
        for config in (self.farm.final_config, self.config):
            found = config.get("outputFormat") if isinstance(config, dict) else None
            if isinstance(found, str):
                return found
        return ""

    def to_json(self) -> dict[str, Any]:
        """The record as stored in its file."""
        data = asdict(self)
        for name, on_disk in _NAMES_ON_DISK.items():
            data[on_disk] = data.pop(name)
        return data


_NAMES_ON_DISK = {"origin": "home", "test_of": "scout_of"}
"""Members whose key on disk is the one of version 0.1.0."""


def new(title: str, origin: str, output: str, **more: Any) -> Record:
    """Create the record of a new job."""
    now = timestamp()
    record = Record(id=uuid.uuid4().hex[:12], title=title, origin=origin, output=output, **more)
    record.created_at = record.updated_at = now
    record.history = [[record.stage, now]]
    return record


def from_json(data: Any) -> Record:
    """Parse the output of `to_json`, of this version or another. Raises DamagedRecord.

    Unknown members are ignored; missing ones get their default.
    """
    from ..packing.manifest import Package  # enabling the extension stays fast

    if not isinstance(data, dict):
        raise DamagedRecord("it holds no record")
    if not isinstance(data.get("schema"), int) or data["schema"] > SCHEMA:
        raise DamagedRecord("it was written by a later version of Renderjuice")
    names = {f.name: _NAMES_ON_DISK.get(f.name, f.name) for f in fields(Record)}
    values = {name: data[on_disk] for name, on_disk in names.items() if on_disk in data}
    try:
        values["error"] = _part(Problem, values.get("error"))
        values["package"] = _part(Package, values.get("package"))
        values["farm"] = _part(Farm, values.get("farm")) or Farm()
        record = Record(**values)
    except TypeError as error:
        raise DamagedRecord(f"a part of it is missing ({error})") from error
    _check(record)
    return record


def _part(kind: type, data: Any) -> Any:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise DamagedRecord(f"its {kind.__name__.lower()} is not readable")
    known = {f.name for f in fields(kind)}
    return kind(**{name: value for name, value in data.items() if name in known})


def _check(record: Record) -> None:
    """Raise DamagedRecord for a mistyped member: it would cause wrong actions or crashes later."""
    for part in (record, record.error, record.package, record.farm):
        for name, value in vars(part).items() if part else ():
            if not _fits(value, _SHAPES[type(part).__name__][name]):
                raise DamagedRecord(f"its {name} is not readable")
    try:
        record.stage = Stage(record.stage)
    except ValueError:
        raise DamagedRecord(f"its stage {record.stage!r} is not known") from None
    for ranges in (record.frames, record.test_of):
        if ranges and not all(_is_pair(pair) for pair in ranges):
            raise DamagedRecord("its frames are not readable")


def _is_pair(pair: list[int]) -> bool:
    from ..frames.ranges import FRAME_MAX  # enabling the extension stays fast

    return len(pair) == 2 and -FRAME_MAX <= pair[0] <= pair[1] <= FRAME_MAX


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value has a shape: a type, a tuple of shapes, a list or dict of one shape."""
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(one, shape[0]) for one in value)
    if isinstance(shape, tuple):
        return any(_fits(value, one) for one in shape)
    if isinstance(shape, dict):
        (one,) = shape.values()
        return isinstance(value, dict) and all(_fits(held, one) for held in value.values())
    if isinstance(value, bool):
        return shape in (bool, object)
    return isinstance(value, shape)


_SHAPES: dict[str, dict[str, Any]] = {
    "Record": {
        **dict.fromkeys(
            ("id", "title", "origin", "output", "stage", "blend", "scene", "bake"), str
        ),
        **dict.fromkeys(("created_at", "updated_at", "scratch", "copy", "slug", "api_url"), str),
        **dict.fromkeys(("waiting", "cancel_requested", "overwrite", "documented_only"), bool),
        **dict.fromkeys(("paths_kept", "late"), bool),
        **dict.fromkeys(("config", "applied"), dict),
        **dict.fromkeys(("error", "package", "farm"), object),  # have their own shapes
        "schema": int,
        **dict.fromkeys(("frames", "test_of"), ([[int]], type(None))),
        "missing": ([int], type(None)),
        "output_names": ([[str]], type(None)),
        "files": {str: int},
        "others": [str],
        "sources": {str: str},
        "validators": {str: str},
        "frame_files": {str: str},
        "frame_seconds": {str: (int, float)},
        "allowed": [str],
        "sent_without": [str],
        "blender": [str],
        "notes": [str],
        "history": [[str]],
    },
    "Problem": dict.fromkeys(("id", "message", "hint"), str),
    "Package": {"path": str, "kind": str, "bytes": int, "files": int},
    "Farm": {
        **dict.fromkeys(("id", "status", "failed_reason", "workspace"), str),
        "final_config": object,
        "normalized_seconds": (int, float, type(None)),
    },
}


def packing_request(record: Record, state: str) -> dict[str, Any]:
    """The request for packing/trace.py. Files in the folder `state` are never packed."""
    from ..frames import ranges

    return {
        "schema": 1,
        "blend": record.copy,
        "original": record.blend,
        "paths_kept": record.paths_kept,
        "state": state,
        "scene": record.scene,
        "applied": record.applied,
        "frames": ranges.numbers(record.frames or []),
        "bake": record.bake,
        "work": os.path.join(record.scratch, "work"),  # noqa: PTH118 (strings for JSON)
        "manifest": os.path.join(record.scratch, "manifest.json"),  # noqa: PTH118
    }


def timestamp() -> str:
    """The current time, ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
