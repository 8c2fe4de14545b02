"""What is asked of a farm that refuses the config of a render."""

from typing import Any

from ..api import fields
from ..api.errors import ApiError
from ..frames.ranges import numbers, progression
from ..jobs.record import Record
from .job import RunningJob

REFUSALS = (400, 422)
"""HTTP statuses that say no to a config."""
PRESET = "colorManagementPreset"
"""The one setting that a farm needs; it finds the others in the scene."""


def fall_back(job: RunningJob, error: ApiError) -> bool:
    """The farm refused the config, so nothing has started: go on with less of it, and say so.

    Whether there is less that says the same. Raises OSError.
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
    """The config without what is not documented, or without all that the scene says too."""
    documented = fields.documented_only(record.config)
    if documented != record.config:
        return documented
    alone = {name: value for name, value in documented.items() if name == PRESET}
    return alone if alone and alone != documented and _scene_has_frames(record) else None


def _scene_has_frames(record: Record) -> bool:
    """Whether start, end and step of the uploaded scene are exactly the frames of the job."""
    frames = numbers(record.frames or ())
    if not frames:
        return False
    first, last, step = progression(frames)
    return list(range(first, last + 1, step)) == frames
