"""Estimates the render time of a whole job from a job of a few test frames.

The API reports one figure per job, `normalizedSeconds`, without a breakdown by frame. The spread
comes from the render times in the files' metadata (frames/render_times.py). See docs/estimate.md.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from ..frames.ranges import as_text, numbers
from .record import Record

MAX_SECONDS = 1e12  # a larger figure is invalid: this is 30,000 years
MAX_NAMED = 6  # frames in a sentence
MAX_TEXT_LENGTH = 200


@dataclass(frozen=True)
class TestedFrame:
    """A test frame: its file, relative to the output folder, and its render time in seconds."""

    frame: int
    file: str | None = None
    render_seconds: float | None = None


@dataclass(frozen=True)
class Estimate:
    """The estimate of a whole job. Times are normalized seconds, None while unknown."""

    count: int
    """The number of frames of the whole job."""
    frames_text: str
    """These frames as a range ("1-250"); "" if it is too long for a panel."""
    tests: tuple[TestedFrame, ...]
    tests_seconds: float | None
    """`normalizedSeconds` of the test job."""
    total: float | None = None
    low: float | None = None
    high: float | None = None
    message: str = ""
    basis: str = ""

    def document(self) -> dict[str, Any]:
        """The `estimate` of the command line's documents. Keys may be added, never renamed."""
        tests = [
            {"frame": test.frame, "file": test.file, "renderSeconds": test.render_seconds}
            for test in self.tests
        ]
        return {
            "frames": {"count": self.count, "text": self.frames_text},
            "basedOn": {"frames": tests, "normalizedSeconds": self.tests_seconds},
            "normalizedSeconds": self.total,
            "low": self.low,
            "high": self.high,
            "message": self.message,
            "basis": self.basis,
        }


def of(record: Record) -> Estimate | None:
    """The estimate of a job of test frames; None for any other job."""
    if not record.test_of:
        return None
    all_frames = numbers(record.test_of)
    frames = numbers(record.frames or [])
    tests = tuple(_test_frame(record, frame) for frame in frames)
    estimate = Estimate(len(all_frames), as_text(all_frames), tests, normalized_seconds(record))
    return _projected(estimate, record, frames)


def for_panel(record: Record) -> Estimate | None:
    """The same, with a bounded number of test frames and a bounded text."""
    from ..frames import selection  # only the worker needs it: enabling the extension stays fast

    estimate = of(record)
    if estimate is None:
        return None
    shown = selection.select([test.frame for test in estimate.tests], newest=False)
    return replace(
        estimate,
        tests=tuple(test for test in estimate.tests if test.frame in shown),
        frames_text=estimate.frames_text if len(estimate.frames_text) <= MAX_TEXT_LENGTH else "",
    )


def pending(record: Record) -> bool:
    """Whether the test job is completed but `normalizedSeconds` has not been reported yet."""
    return bool(record.test_of) and _is_rendered(record) and normalized_seconds(record) is None


@dataclass(frozen=True)
class Projection:
    """Normalized seconds of a whole job; `low` and `high` are None if the spread is unknown."""

    total: float
    low: float | None
    high: float | None


def project(figure: float, seconds: list[float | None], count: int) -> Projection:
    """Project a job of `count` frames from `figure`, the normalized seconds of all test frames.

    `seconds` are their render times from the files. `low` and `high` assume that every frame is
    like the fastest or the slowest test frame.
    """
    share = figure * count
    total = share / len(seconds)
    known = [one for one in seconds if one is not None]
    if len(known) < len(seconds) or len(known) < 2 or not sum(known):
        return Projection(total, None, None)
    return Projection(total, share * min(known) / sum(known), share * max(known) / sum(known))


def _projected(estimate: Estimate, record: Record, frames: list[int]) -> Estimate:
    """Fill in the estimate's figures and sentences. `frames` are the test frames."""
    figure = estimate.tests_seconds
    missing = set(record.missing or ())
    rendered = [frame for frame in frames if frame not in missing]
    if not _is_rendered(record) or figure is None or not rendered:
        return replace(estimate, message=_no_estimate(record))
    seconds = [_seconds(record, frame) for frame in rendered]
    projection = project(figure, seconds, estimate.count)
    basis = [
        f"Based on {_frames(rendered)}, which took {duration(figure)}"
        f"{' together' if len(rendered) > 1 else ''}.",
        _about_spread(record, projection, len(rendered)),
        f"Not in it, because missing: {_frames(sorted(missing))}." if missing else "",
    ]
    return replace(
        estimate,
        total=round(projection.total, 3),
        low=None if projection.low is None else round(projection.low, 3),
        high=None if projection.high is None else round(projection.high, 3),
        message=_total(projection, estimate.count),
        basis=" ".join(filter(None, basis)),
    )


def _no_estimate(record: Record) -> str:
    if _is_rendered(record) and normalized_seconds(record) is not None:
        return "All test frames are missing, so there is no estimate."
    if _is_rendered(record):
        return "The farm has given no figure for the test frames, so there is no estimate."
    if record.ended:
        return "The test frames were not rendered, so there is no estimate."
    return "The estimate comes when the farm has rendered the test frames."


def _total(estimate: Projection, count: int) -> str:
    words = f"All {count:,} frames: about {duration(estimate.total)} of GPU time"
    if estimate.low is None or estimate.high is None:
        return f"{words}."
    low, high = duration(estimate.low, beside=estimate.high), duration(estimate.high)
    if low == high:
        return f"{words}; the test frames hardly differ."
    return f"{words}, {low} to {high} if all were like the quickest or the slowest test frame."


def _about_spread(record: Record, estimate: Projection, rendered: int) -> str:
    if estimate.low is not None:
        return "The spread is that of the render times in the pictures."
    if rendered == 1:
        return "One frame says nothing about the spread."
    if not record.files:
        return "How far the frames differ is seen when they are here: download them."
    return "The farm gives one figure for all of them, so the spread is not known."


def _frames(frames: list[int]) -> str:
    """Frame numbers as named in a sentence."""
    if len(frames) == 1:
        return f"frame {frames[0]}"
    if len(frames) > MAX_NAMED:
        return f"{len(frames):,} frames from {frames[0]} to {frames[-1]}"
    return f"frames {', '.join(map(str, frames[:-1]))} and {frames[-1]}"


def duration(seconds: float, beside: float = 0.0) -> str:
    """A time with two significant digits: `7.5 s`, `42 s`, `12 min`, `1,300 h`.

    It uses the unit of the longer time `beside` it, if it is at least one of that unit.
    """
    for unit, size in (("h", 3600), ("min", 60)):
        enough = 99.5 * size / 60  # of the unit below
        if seconds >= enough or (beside >= enough and seconds >= size):
            return f"{_two_figures(seconds / size)} {unit}"
    return f"{_two_figures(seconds)} s"


def gpu_minutes(seconds: float, *, estimated: bool = False) -> str:
    """Normalized seconds in GPU minutes: `0.8`, `94`, `1,234`; with two digits if `estimated`."""
    minutes = seconds / 60
    if minutes < 0.05:
        return "< 0.1"
    return _two_figures(minutes) if estimated or minutes < 9.95 else f"{minutes:,.0f}"


def _two_figures(value: float) -> str:
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0")
    return f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"


def _test_frame(record: Record, frame: int) -> TestedFrame:
    return TestedFrame(frame, record.frame_files.get(str(frame)), _seconds(record, frame))


def _seconds(record: Record, frame: int) -> float | None:
    """A frame's render time from its file; None if it is invalid."""
    seconds = record.frame_seconds.get(str(frame))
    return seconds if seconds is not None and 0 <= seconds < MAX_SECONDS else None


def normalized_seconds(record: Record) -> float | None:
    """`normalizedSeconds` of the job; None if it is invalid."""
    figure = record.farm.normalized_seconds
    return figure if figure is not None and 0 < figure < MAX_SECONDS else None


def _is_rendered(record: Record) -> bool:
    return record.farm.status == "completed"
