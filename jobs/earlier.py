"""Corrects records of version 0.1.0, which counted files: some are falsely `finished`."""

from __future__ import annotations

from string import digits
from typing import TYPE_CHECKING

from .record import Problem, Stage

if TYPE_CHECKING:
    from .record import Record

NO_FRAMES = (".zip", ".avi", ".mkv", ".mov", ".mp4", ".ogv", ".webm")
"""Suffixes of files that may contain any frames."""
VIEWS = {"left", "right"}
MAX_DIGITS = 9
FALSELY_FINISHED = Problem(
    "frames-missing",
    "Version 0.1.0 of Renderjuice called this job finished, and frames of it are missing.",
    "Press Download Again to look once more, or submit just these frames.",
)


def correct(record: Record) -> None:
    """Change a record that is falsely `finished` to `incomplete`. Other records stay unchanged.

    Later versions know where each file is from (`sources`), and judge by more than names.
    """
    if record.stage is not Stage.FINISHED or record.sources or not record.frames:
        return
    names = [name for name in record.files if name not in record.others]
    if not names or any(name.lower().endswith(NO_FRAMES) for name in names):
        return
    if _is_sequence(names, record.frames):
        return
    from ..api.output_file import OutputFile  # enabling the extension stays fast
    from ..frames.completeness import judge
    from ..frames.ranges import numbers

    files = []
    for name in names:
        folder, _, file_name = name.rpartition("/")
        view = folder if folder in VIEWS else ""
        files.append(OutputFile("here", file_name, folder, view, "", "frame"))
    found = judge(numbers(record.frames), files, record.output_names, record.file_format)
    if not found.complete:
        record.stage, record.missing, record.error = (
            Stage.INCOMPLETE,
            found.missing,
            FALSELY_FINISHED,
        )


def _is_sequence(names: list[str], frames: list[list[int]]) -> bool:
    """Whether the names are one sequence with all frames, and not of one eye: most jobs are, and
    judging by less is slow where Blender starts with many jobs."""
    begin = _common(min(names), max(names)).rstrip(digits)
    backwards = [name[::-1] for name in names]
    end = _common(min(backwards), max(backwards))[::-1].lstrip(digits)
    if end.startswith(("_L", "_R")) or begin.startswith(tuple(VIEWS)):
        return False
    runs = [name[len(begin) : len(name) - len(end)] for name in names]
    if not all(run.isascii() and run.isdigit() and len(run) <= MAX_DIGITS for run in runs):
        return False
    found = set(map(int, runs))
    return all(found.issuperset(range(first, last + 1)) for first, last in frames)


def _common(one: str, other: str) -> str:
    """The beginning that two texts share; of the first and last in order, what all share."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[:same]
