"""What a whole job takes, projected from a job of a few test frames of it. Pure, no bpy.

Renderjuice documents one figure for a job, `normalizedSeconds`. How it divides among the frames is
not told; what Blender wrote into the pictures says it (render_times.py). docs/estimate.md has more.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from ..frames.ranges import numbers, written
from .record import Record

MAX_SECONDS = 1e12  # a figure above is none: 30,000 years
MAX_NAMED = 6  # frames in a sentence
MAX_TEXT_LENGTH = 200


@dataclass(frozen=True)
class TestedFrame:
    """A test frame: its file below the job's folder, and the seconds that it took to render."""

    frame: int
    file: str | None = None
    render_seconds: float | None = None


@dataclass(frozen=True)
class Estimate:
    """What test frames say of the whole job; times in normalized seconds, None while not known."""

    count: int
    """The number of frames of the whole job."""
    frames_text: str
    """These frames as an artist writes them, "" where that is too long for a panel."""
    tests: tuple[TestedFrame, ...]
    tests_seconds: float | None
    """What the farm says of the test frames together."""
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
    estimate = Estimate(len(all_frames), written(all_frames), tests, _figure(record))
    return _projected(estimate, record, frames)


def for_panel(record: Record) -> Estimate | None:
    """The same, bounded however many frames there are."""
    from ..frames import selection  # for the worker alone: enabling the extension stays fast

    estimate = of(record)
    if estimate is None:
        return None
    shown = selection.chosen([test.frame for test in estimate.tests], newest=False)
    return replace(
        estimate,
        tests=tuple(test for test in estimate.tests if test.frame in shown),
        frames_text=estimate.frames_text if len(estimate.frames_text) <= MAX_TEXT_LENGTH else "",
    )


def pending(record: Record) -> bool:
    """Whether the farm owes a figure: it is not known when it gives one."""
    return bool(record.test_of) and _is_rendered(record) and _figure(record) is None


@dataclass(frozen=True)
class Projection:
    """Normalized seconds of a whole job; `low` and `high` None where the spread is not known."""

    total: float
    low: float | None
    high: float | None


def project(figure: float, seconds: list[float | None], count: int) -> Projection:
    """`figure` is what the test frames took together, `seconds` what Blender says of each.

    The spread is what `count` frames take that are all like the quickest or the slowest.
    """
    share = figure * count
    total = share / len(seconds)
    known = [one for one in seconds if one is not None]
    if len(known) < len(seconds) or len(known) < 2 or not sum(known):
        return Projection(total, None, None)
    return Projection(total, share * min(known) / sum(known), share * max(known) / sum(known))


def _projected(estimate: Estimate, record: Record, frames: list[int]) -> Estimate:
    """The estimate with its figures and sentences; `frames` are those that were tested."""
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
    if _is_rendered(record) and _figure(record) is not None:
        return "All test frames are missing, so there is no estimate."
    if _is_rendered(record):
        return "The farm has given no figure for the test frames, so there is no estimate."
    if record.ended:
        return "The test frames were not rendered, so there is no estimate."
    return "The estimate comes when the farm has rendered the test frames."


def _total(estimate: Projection, count: int) -> str:
    words = f"All {count:,} frames: about {duration(estimate.total)} of normalized render time"
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
    """Frames in a sentence."""
    if len(frames) == 1:
        return f"frame {frames[0]}"
    if len(frames) > MAX_NAMED:
        return f"{len(frames):,} frames from {frames[0]} to {frames[-1]}"
    return f"frames {', '.join(map(str, frames[:-1]))} and {frames[-1]}"


def duration(seconds: float, beside: float = 0.0) -> str:
    """Two figures of it, since an estimate has no more: `7.5 s`, `42 s`, `12 min`, `1,300 h`.

    In the unit of the longer time `beside` it, where it has one of them at least.
    """
    for unit, size in (("h", 3600), ("min", 60)):
        enough = 99.5 * size / 60  # of the unit below
        if seconds >= enough or (beside >= enough and seconds >= size):
            return f"{_two_figures(seconds / size)} {unit}"
    return f"{_two_figures(seconds)} s"


def _two_figures(value: float) -> str:
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0")
    return f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"


def _test_frame(record: Record, frame: int) -> TestedFrame:
    return TestedFrame(frame, record.frame_files.get(str(frame)), _seconds(record, frame))


def _seconds(record: Record, frame: int) -> float | None:
    """What Blender says that a frame took, if it is a time."""
    seconds = record.frame_seconds.get(str(frame))
    return seconds if seconds is not None and 0 <= seconds < MAX_SECONDS else None


def _figure(record: Record) -> float | None:
    """What the farm says of the test frames together, if it is a time."""
    figure = record.farm.normalized_seconds
    return figure if figure is not None and 0 < figure < MAX_SECONDS else None


def _is_rendered(record: Record) -> bool:
    return record.farm.status == "completed"
