"""Corrects records of version 0.1.0, which counted files: some are falsely `finished`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import Problem, Stage

if TYPE_CHECKING:
    from .record import Record

NO_FRAMES = (".zip", ".avi", ".mkv", ".mov", ".mp4", ".ogv", ".webm")
"""Suffixes of files that may contain any frames."""
VIEWS = {"left", "right"}
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
