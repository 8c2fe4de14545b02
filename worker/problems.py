"""Defines the Problems that stop a job or make it wait."""

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..api.errors import ApiError
from ..frames.ranges import compact
from ..jobs.claim import Claimed
from ..jobs.record import Problem
from ..jobs.store import no_locks
from ..packing.manifest import PackError
from ..scene import baking, checks
from ..scene.checks import Check
from .output_folder import ProjectGone

MAX_NAMED = 10
"""Files or nodes that are named in a sentence."""
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
SEND_ANYWAY = (
    "Press Check Files, then Find File, or Send Anyway to render without it (on the command line:"
    " --allow)."
)
CHOOSE_BAKES = "The choice is below the checks, on the command line it is --bake all or none."
CANCELED_BY_FARM = Problem(
    "farm-canceled",
    "The job was canceled on the farm.",
    "If it was not you, look into the Renderjuice dashboard.",
)
MADE_ELSEWHERE = Problem(
    "made-elsewhere",
    "This job was made in another state folder or on another computer, and may be running there.",
    "Continue Here (on the command line: claim) goes on with it here.",
)
UNKNOWN_FARM = Problem(
    "unknown-farm",
    "This job does not say at which address its farm is: an earlier version has made it.",
    "Continue Here (on the command line: claim) sends it to the address in the preferences.",
)
FARMS_OWN = Problem(
    "not-ours",
    "This job was not submitted from here, and the farm has not started it.",
    "Start it in the Renderjuice dashboard, then wait for it or download it here.",
)
ENDED_BEFORE = Problem(
    "never-rendered",
    "The farm has not rendered this job.",
    "Submit again: a job that has ended is not started anew.",
)
ANOTHER_ACCOUNT = Problem(
    "another-account",
    "The API key is of another account than this job.",
    "Enter the key with which the job was submitted, and it goes on.",
)
NOT_STARTED = Problem(
    "not-started",
    "The render of this job has not been started.",
    "Try Now (on the command line: resume) starts it.",
)
MISTAKE = Problem(
    "internal",
    "Something went wrong in Renderjuice; its log has the details.",
    "The job is kept. Please report it with the file worker.log of the state folder.",
)


def problem_of(error: ApiError | PackError) -> Problem:
    """Convert an error to a Problem."""
    return Problem(error.id, error.message, error.hint)


def disk_problem(error: OSError) -> Problem:
    """Convert an OSError to a Problem."""
    name = str(error.filename or "a file")
    if name.endswith((".part", ".etag")):  # temporary files, unknown to the artist
        name = str(Path(name).parent)
    if isinstance(error, ProjectGone):
        return Problem(
            "project-gone",
            f"{name} is gone, the folder in which the frames of this job were to be.",
            "Give it back its name, or connect its disk, and the job goes on by itself. `download"
            " --output` on the command line brings the frames to another folder.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            "disk-full",
            f"There is no space left on the disk of {name}.",
            "Make room on that disk: the job goes on by itself.",
        )
    if refused := no_locks(error):
        return refused
    return Problem(
        "disk",
        f"{name} cannot be used: {error.strerror or error}.",
        "See that the folder exists and may be written: the job goes on by itself.",
    )


def folder_claimed(error: Claimed) -> Problem:
    """The output folder belongs to another job."""
    return Problem(
        "folder-claimed",
        checks.folder_claimed(error.claim.label, str(error.folder)).message,
        "The frames stay on the farm: download them to another folder.",
    )


def stopped_by(errors: Sequence[Check], blend: str = "") -> Problem:
    """Check errors that prevent the upload. `blend` is the path of the job's file: missing files
    below its folder are named as Blender does."""
    files: dict[str, list[str]] = {}
    said = []
    for one in errors:
        folder, name = os.path.split(one.path or "")
        if one.id in ("missing-file", "missing-library"):
            files.setdefault(folder, []).append(name)
        else:
            said.append(one.message.replace(str(one.path), name) if one.missing else one.message)
    said = [_missing(folder, names, blend) for folder, names in files.items()] + said
    hints = [f"{len(said) - 5} more like these."] if len(said) > 5 else []
    if all(check.missing for check in errors):
        hints.append(SEND_ANYWAY)
    if errors[0].id in baking.ASKED:
        hints.append(CHOOSE_BAKES)
    return Problem(errors[0].id, " ".join(said[:5]), " ".join(hints))


def _missing(folder: str, names: Sequence[str], blend: str) -> str:
    """The missing files of a folder, in a sentence."""
    project = Path(blend).parent
    if blend and Path(folder).is_relative_to(project):
        folder = f"//{Path(folder).relative_to(project).as_posix()}".removesuffix(".")
    names = list(dict.fromkeys(names))  # several data-blocks may use one
    count, named = len(names), _names(names)
    if count == 1:
        return f"{count} file is missing in {folder}: {named}."
    return f"{count} files are missing in {folder}: {named}."


def another_farm(its: str, ours: str) -> Problem:
    """The job belongs to another API address than the current one."""
    return Problem(
        "another-farm",
        f"This job is for the farm at {its}, and the address in the preferences is {ours}.",
        "Set the address back to go on with it, or submit the scene again.",
    )


def cancel_not_done(status: str) -> Problem:
    """The farm accepted the cancel request, but the status is still active."""
    return Problem(
        "cancel-not-done",
        f"The farm was told to cancel the job and says that it is still {status}.",
        "It is told again. Look into the Renderjuice dashboard if that does not end.",
    )


def cancel_not_sent(problem: Problem) -> Problem:
    """The cancel request could not be sent yet, because of `problem`."""
    return Problem(
        "cancel-not-told",
        f"The farm has not been told to cancel yet. {problem.message}",
        "It is told as soon as it can be reached.",
    )


def cancel_sent(problem: Problem) -> Problem:
    """The cancel request was sent, but the record could not be saved because of `problem`."""
    return Problem(problem.id, f"The farm was told to cancel. {problem.message}", problem.hint)


def failed_by_farm(reason: str) -> Problem:
    """The farm failed to render. `reason` is its message, or ""."""
    return Problem(
        "farm-failed",
        f"The farm could not render the scene: {reason or 'it gave no reason'}.",
        "Fix the scene, then render again: a failed job cannot be resumed.",
    )


def incomplete(
    missing: list[int] | None,
    lost: Mapping[str, str],
    *,
    deleted: bool = False,
    unclear: bool = False,
    nodes: Sequence[str] = (),
) -> Problem:
    """The farm has completed the job, but files are missing.

    `lost` gives reasons by path; `deleted`: the farm has deleted the outputs; `unclear`: file names
    do not tell the frames; `nodes` are the File Output nodes with missing files.
    """
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
    written = f"File Output nodes lack files: {_names(nodes)}." if nodes else ""
    if not missing and not lost and not unclear and not nodes:
        return Problem(
            "no-outputs",
            "The farm completed the job and lists no files.",
            "Look into the Renderjuice dashboard, then press Download Again.",
        )
    files = f"{len(lost)} files" if len(lost) > 1 else "A file"
    why = next(iter(lost.values()), "")
    gone = f"{files} cannot be had: {why}" if lost else ""
    more = f"Nor can {_names([*lost][1:])}." if len(lost) > 1 else ""
    return Problem(
        "frames-missing",
        " ".join(filter(None, ("The farm is done.", frames, written, wrong, gone, more))),
        "Press Download Again to look once more, or submit just these frames.",
    )


def frames_late(problem: Problem) -> Problem:
    """Files are missing that the farm may still list."""
    return Problem(
        "frames-late",
        problem.message,
        "They are looked for again for ten minutes, then at each start of Blender.",
    )


def _names(names: Sequence[str]) -> str:
    """List about MAX_NAMED names in a sentence; a single other one is named, too."""
    if len(names) <= MAX_NAMED + 1:
        return ", ".join(names)
    more = f" and {len(names) - MAX_NAMED} more"
    return f"{', '.join(names[:MAX_NAMED])}{more}"


def _ranges(frames: list[int]) -> str:
    """Format frames, at most ten ranges."""
    ranges = compact(frames)
    more = f" and {len(ranges) - 10} more" if len(ranges) > 10 else ""
    return f"{', '.join(ranges[:10])}{more}"
