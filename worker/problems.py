"""What stops a job or holds it up, in an artist's words."""

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..api.errors import ApiError
from ..frames.ranges import compact
from ..jobs.claim import Claimed
from ..jobs.record import Problem
from ..packing.manifest import PackError
from ..scene import checks
from ..scene.checks import Check

NOT_SAVED = Problem(
    "not-saved",
    "Blender ended before the scene was saved for the farm.",
    "Nothing was sent and nothing is paid: submit again.",
)
PACKAGE_GONE = Problem(
    "package-gone",
    "The packed scene is not on this disk any more.",
    "Nothing is paid: submit again.",
)
CANCELED_BY_FARM = Problem(
    "farm-canceled",
    "The job was canceled on the farm.",
    "If it was not you, look into the Renderjuice dashboard.",
)
SENT_ELSEWHERE = Problem(
    "elsewhere",
    "Another Blender is sending this job to the farm.",
    "Cancel it there, or here as soon as the farm has it.",
)
MISTAKE = Problem(
    "internal",
    "Renderjuice has made a mistake; its log has the details.",
    "The job is kept. Please report it with the file worker.log of the state folder.",
)


def problem_of(error: ApiError | PackError) -> Problem:
    """An error as the record keeps it."""
    return Problem(error.id, error.message, error.hint)


def disk_problem(error: OSError) -> Problem:
    """What the system said of a file, as an artist reads it."""
    name = str(error.filename or "a file")
    if name.endswith((".part", ".etag")):  # ours, and gone again before anybody looks
        name = str(Path(name).parent)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            "disk-full",
            f"There is no space left on the disk of {name}.",
            "Make room on that disk: the job goes on by itself.",
        )
    return Problem(
        "disk",
        f"{name} cannot be used: {error.strerror or error}.",
        "See that the folder exists and may be written: the job goes on by itself.",
    )


def folder_claimed(error: Claimed) -> Problem:
    """The output folder has been given to another job meanwhile."""
    return Problem(
        "folder-claimed",
        checks.folder_claimed(error.claim.words, str(error.folder)).message,
        "The frames stay on the farm: download them to another folder.",
    )


def stopped_by(errors: Sequence[Check]) -> Problem:
    """All that must be mended before anything is uploaded."""
    return Problem(
        errors[0].id,
        " ".join(check.message for check in errors[:5]),
        f"{len(errors) - 5} more like these." if len(errors) > 5 else "",
    )


def failed_by_farm(reason: str) -> Problem:
    """The farm says that it could not render; `reason` are its words, or "" for none."""
    return Problem(
        "farm-failed",
        f"The farm could not render the scene: {reason or 'it gave no reason'}.",
        "Mend the scene and submit again: a failed job cannot be started anew.",
    )


def incomplete(
    missing: list[int] | None,
    lost: Mapping[str, str],
    *,
    deleted: bool = False,
    unclear: bool = False,
) -> Problem:
    """The farm is done and frames are not here: `lost` says why by name, `deleted` that the farm
    says that it has none of the job's files any more, `unclear` that names do not tell frames."""
    frames = f"These frames are missing: {_ranges(missing)}." if missing else ""
    if deleted:
        return Problem(
            "outputs-deleted",
            f"The farm has deleted the files of this job. {frames}".strip(),
            "They cannot be fetched any more: submit these frames again.",
        )
    wrong = ""
    if unclear:
        wrong = "Its files are not the frames that were asked for, as far as their names tell."
    if not missing and not lost and not unclear:
        return Problem(
            "no-outputs",
            "The farm completed the job and lists no files.",
            "Look into the Renderjuice dashboard, then press Download.",
        )
    files = f"{len(lost)} files" if len(lost) > 1 else "A file"
    why = next(iter(lost.values()), "")
    gone = f"{files} cannot be had: {why}" if lost else ""
    return Problem(
        "frames-missing",
        " ".join(filter(None, ("The farm is done.", frames, wrong, gone))),
        "Press Download to look once more, or submit just these frames.",
    )


def _ranges(frames: list[int]) -> str:
    """Frames as an artist writes them, ten ranges at most."""
    ranges = compact(frames)
    more = f" and {len(ranges) - 10} more" if len(ranges) > 10 else ""
    return f"{', '.join(ranges[:10])}{more}"
