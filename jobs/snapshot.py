"""What others see of a job: the snapshot for the panel, and the document of the command line."""

from dataclasses import asdict, dataclass
from typing import Any

from ..api import fields
from ..frames.ranges import numbers
from .record import Record, Stage

# How far along a job is when a stage begins, of 1. Rendering is what takes the time.
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
MOST_STAGES = 24
MOST_NOTES = 3
MOST_LETTERS = 60  # of a setting's value, and of what a panel shows of missing frames


@dataclass
class Live:
    """What moves too fast for the disk: how much of the present stage is done, in its own unit."""

    done: int = 0
    total: int = 0
    unit: str = ""  # "bytes", "frames" or "files"
    rate: float = 0.0  # bytes a second, 0 where nothing is transferred
    left: float | None = None  # seconds until the stage is done, None before any is measured
    fraction: float | None = None  # where the farm gives a share and no counts
    step: str = ""  # what is being done where nothing can be counted


def snapshot(
    record: Record, live: Live | None = None, *, elsewhere: bool = False
) -> dict[str, Any]:
    """A job in a few hundred bytes, however many frames it has."""
    live = live or Live()
    return {
        "id": record.id,
        "title": record.title,
        "stage": record.stage,
        "status": record.farm.status,
        "farmId": record.farm.id,
        "waiting": record.waiting,
        "canceling": record.cancel_requested and not record.ended,
        "elsewhere": elsewhere,
        "error": asdict(record.error) if record.error else None,
        "notes": record.notes[-MOST_NOTES:],
        "history": history(record),
        "differs": differing(record.config, record.farm.final_config),
        "progress": progress(record, live),
        "live": asdict(live),
        "estimate": _estimate(record),
        "frames": {
            "expected": count(record.frames),
            "downloaded": len(record.files),
            "missing": len(record.missing) if record.missing is not None else None,
        },
        "output": record.output,
        "blend": record.blend,
        "scene": record.scene,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
    }


def _estimate(record: Record) -> dict[str, Any] | None:
    from . import estimate  # enabling the extension stays fast

    return estimate.for_panel(record)


def history(record: Record) -> list[tuple[Stage, float]]:
    """When the job came to its stages, in seconds since 1970; a stage tried again counts once."""
    stages: list[tuple[Stage, float]] = []
    for entry in record.history[-MOST_STAGES:]:
        stage, at = _stage(entry[0] if entry else ""), _seconds(entry[-1] if entry else "")
        if stage and at >= 0 and not (stages and stages[-1][0] == stage):
            stages.append((stage, at))
    return stages


def _stage(name: str) -> Stage | None:
    """The stage of that name, None for none that this version knows."""
    try:
        return Stage(name)
    except ValueError:
        return None


def _seconds(at: str) -> float:
    """A record's time in seconds since 1970; -1 for what is none: nothing is shown of it then."""
    from datetime import datetime  # enabling the extension stays fast

    try:
        return datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError, OSError):
        return -1


def differing(asked: dict[str, Any], final: Any) -> list[tuple[str, str, str]]:
    """Settings with which the farm has not rendered as asked: name, asked for, used.

    What the farm does not mention, and what nobody asked for, is no difference.
    """
    if not isinstance(final, dict):
        return []
    wanted, used = fields.flatten(asked), fields.flatten(final)
    both = [(name, in_words(wanted[name]), in_words(used[name])) for name in wanted if name in used]
    return [(name, one, other) for name, one, other in both if one != other]


def in_words(value: Any) -> str:
    """A setting's value as an artist reads it, shortened."""
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "none"}[value]
    value = fields.whole(value)
    if isinstance(value, list):
        text = (" x " if value and isinstance(value[0], int) else ", ").join(map(in_words, value))
    else:
        text = str(value)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def told(record: Record) -> dict[str, Any]:
    """What a command's document says of one job, and what its test frames say of the whole."""
    from . import estimate  # enabling the extension stays fast

    found = estimate.of(record)
    return {"job": document(record), **({"estimate": found} if found else {})}


def document(record: Record, live: Live | None = None) -> dict[str, Any]:
    """The `job` of the command line's JSON documents. Keys may be added, never renamed."""
    return {
        "id": record.id,
        "farmId": record.farm.id or None,
        "title": record.title,
        "stage": record.stage,
        "status": record.farm.status or None,
        "waiting": record.waiting,
        "progress": progress(record, live or Live()),
        "error": asdict(record.error) if record.error else None,
        "config": record.config,
        "frames": {
            "expected": numbers(record.frames) if record.frames is not None else None,
            "downloaded": sorted(record.files),
            "missing": record.missing,
        },
        "output": record.output,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "finalConfig": record.farm.final_config,
        "normalizedSeconds": record.farm.normalized_seconds,
        "notes": record.notes,
    }


def progress(record: Record, live: Live) -> float | None:
    """How much of the whole job is done, 0..1; None where it ended without reaching its goal."""
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
    """How many frames [first, last] pairs hold."""
    if frames is None:
        return None
    return sum(last - first + 1 for first, last in frames)
