"""Selects test frames: a few frames that are representative of a job. No bpy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..frames import ranges as frame_text
from ..frames.ranges import FrameError
from . import config
from .config import Requested
from .settings import Settings

CHECK_ID = "bad-test-frames"
"""The id of the check for invalid test frames."""
STEP_MARK = "x"


def requested(
    whole: Requested, settings: Settings, overrides: Mapping[str, Any], text: str
) -> Requested:
    """The request for test frames of the job `whole`. For invalid ones, see `frames_problem`."""
    if whole.frames_problem:
        return whole
    try:
        frames = select_frames(text, whole.frames)
    except FrameError as error:
        return replace(whole, frames_problem=(CHECK_ID, str(error)))
    return config.requested(settings, overrides, frames_text=frame_text.as_text(frames))


def select_frames(text: str, whole: Sequence[int]) -> list[int]:
    """Select test frames from the sorted frames `whole` of a job.

    An empty text selects the first, the middle and the last frame, `x20` every 20th frame, any
    other text the frames it lists. Raises FrameError, also if all frames are selected: the job
    would be paid for twice.
    """
    text = text.strip()
    if not text:
        chosen = sorted({whole[0], whole[(len(whole) - 1) // 2], whole[-1]})
    elif text.startswith(STEP_MARK):
        chosen = list(whole[:: _step(text)])
    else:
        chosen = frame_text.parse(text)
    others = set(chosen).difference(whole)
    if others:
        raise FrameError(
            f"Frame {min(others)} is none of the job's frames, {frame_text.as_text(whole)}.", 0
        )
    if len(chosen) == len(whole):
        raise FrameError(
            f"The job has {len(whole):,} frame{'' if len(whole) == 1 else 's'} and all of them "
            "would be test frames: submit the job itself, or choose fewer.",
            0,
        )
    return chosen


def _step(text: str) -> int:
    digits = text.removeprefix(STEP_MARK).strip()
    step = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 0
    if step < 1:
        raise FrameError(f"“{text}” names no test frames. For every 20th frame write x20.", 1)
    return step
