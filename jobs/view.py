"""What others see of a job: the snapshot for the panel, and the document of the command line."""

from dataclasses import asdict, dataclass
from typing import Any

from . import record as rec
from .record import Record

# How far along a job is when a stage begins, of 1. Rendering is what takes the time.
_BEGINS = {
    rec.SAVING: 0.0,
    rec.PACKING: 0.0,
    rec.UPLOADING: 0.02,
    rec.CREATING: 0.1,
    rec.VALIDATING: 0.1,
    rec.STARTING: 0.12,
    rec.RENDERING: 0.12,
    rec.DOWNLOADING: 0.9,
    rec.FINISHED: 1.0,
}


@dataclass
class Live:
    """What moves too fast for the disk: how much of the present stage is done, in its own unit."""

    done: int = 0
    total: int = 0
    unit: str = ""  # "bytes", "frames" or "files"
    rate: float = 0.0  # units a second, 0 where it is not known
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
        "note": record.notes[-1] if record.notes else "",
        "progress": progress(record, live),
        "live": asdict(live),
        "frames": {
            "expected": count(record.frames),
            "downloaded": len(record.files),
            "missing": len(record.missing) if record.missing is not None else None,
        },
        "output": record.output,
        "blend": record.blend,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
    }


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
            "expected": rec.numbers(record.frames) if record.frames is not None else None,
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
