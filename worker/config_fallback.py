"""Reduces the config of a render that the farm has refused."""

from typing import Any

from ..api import fields
from ..api.errors import ApiError
from ..frames.ranges import numbers, progression
from ..jobs.record import Record
from .job import RunningJob

REFUSALS = (400, 422)
"""Status codes with which the farm refuses a config."""
PRESET = "colorManagementPreset"
"""The only required setting; the farm takes the others from the scene."""


def fall_back(job: RunningJob, error: ApiError) -> bool:
    """Reduce the config after the farm has refused it, so that no render has started.

    Returns whether there was an equivalent smaller config. Raises OSError.
    """
    if error.status not in REFUSALS:
        return False
    config = _reduced_config(job.record)
    if config is None:
        return False
    note = (
        f"The farm refused a setting ({error.message}). It was asked again with the documented "
        "settings only; the others stand in the uploaded scene."
    )
    if not config.keys() - {PRESET}:
        note = (
            f"The farm refused a setting ({error.message}). It was asked again with the colour "
            "management only; all else stands in the uploaded scene."
        )
    job.update(config=config, documented_only=True, notes=[*job.record.notes, note])
    return True


def _reduced_config(record: Record) -> dict[str, Any] | None:
    """The config with documented values only, or with the preset only if the scene has the rest."""
    documented = fields.documented_only(record.config)
    if documented != record.config:
        return documented
    alone = {name: value for name, value in documented.items() if name == PRESET}
    return alone if alone and alone != documented and _scene_has_frames(record) else None


def _scene_has_frames(record: Record) -> bool:
    """Whether the job's frames can be expressed by start, end and step of the uploaded scene."""
    frames = numbers(record.frames or ())
    if not frames:
        return False
    first, last, step = progression(frames)
    return list(range(first, last + 1, step)) == frames
