"""Files: the artist's stay unchanged; a job's are complete, in its folder, with safe names."""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..seen import hashes
from .common import hashed

if TYPE_CHECKING:
    from ..drive import Run

CLAIM = ".renderjuice-job"
MOST_BYTES_OF_A_NAME = 255
DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{kind}{number}" for kind in ("com", "lpt") for number in "123456789¹²³"
}


def stay(run: "Run") -> Iterator[str]:
    """The artist's files stay unchanged."""
    replaced = {run.output(press) for press in run.plan.presses if press.overwrite}
    for path, data in run.decoys.items():
        if not path.is_file():
            yield f"files: a file of the artist is gone: {path.name!r}"
        elif path.read_bytes() != data and path.parent not in replaced:
            yield f"files: a file of the artist was replaced: {path.name!r}"


def no_way_out(run: "Run") -> Iterator[str]:
    """Nothing is written through the artist's links."""
    for path in run.outside.rglob("*"):
        if path not in run.decoys:
            yield f"files: {path.name!r} was written through a link, out of the folder"


def whole(run: "Run") -> Iterator[str]:
    """A file with a final name is complete, and no partial file is left."""
    good = {hashed(data) for data in run.decoys.values()}
    for farm in (run.farm, run.other_farm):
        for job in farm.jobs.values():
            good |= {hashed(body) for output in job.outputs for _, body in output.versions}
    over = all(run.users[press.user].ended(press.job) for press in run.plan.presses)
    for name, value in _found(run).items():
        path = run.project / name
        if value in good or path in run.decoys:
            continue
        if ".part" in path.name and over:
            yield f"files: {path.name!r} is left behind"
        elif ".part" not in path.name and path.name != CLAIM:
            size = path.stat().st_size
            yield f"files: {path.name!r} holds nothing that the farm has ({size} bytes)"


def one_job_a_folder(run: "Run") -> Iterator[str]:
    """No folder holds the frames of two jobs, unless the artist chose to replace."""
    owners = {
        hashed(body): job.id
        for job in run.farm.jobs.values()
        for output in job.outputs
        for _, body in output.versions
    }
    replaced = {run.output(press) for press in run.plan.presses if press.overwrite}
    for folder in {run.output(press) for press in run.plan.presses} - replaced:
        jobs = {owners[value] for value in hashes(folder).values() if value in owners}
        if len(jobs) > 1:
            yield f"files: the frames of {len(jobs)} jobs are in one folder"


def names(run: "Run") -> Iterator[str]:
    """No file name is hidden, a device, too long, or a duplicate on other file systems."""
    folded: dict[str, str] = {}
    for name in _found(run):
        path = run.project / name
        if path in run.decoys or path.name == CLAIM:
            continue
        for part in PurePosixPath(name).parts[1:]:
            if why := _harm(part):
                yield f"files: {part[:40]!r} is {why}"
        same = unicodedata.normalize("NFC", name).casefold()
        if other := folded.get(same):
            yield f"files: {name!r} and {other!r} are one file on other computers"
        folded[same] = name


def _harm(part: str) -> str:
    """Return what is wrong with one part of a path, or an empty string."""
    if part.startswith(".") and ".part" not in part:
        return "hidden"
    if part.split(".", maxsplit=1)[0].rstrip(" ").casefold() in DEVICES:
        return "a device"
    if len(part.encode()) > MOST_BYTES_OF_A_NAME:
        return "too long"
    if part != part.rstrip(". ") or any(letter in '<>:"|?*\\' for letter in part):
        return "no name on Windows"
    if any(unicodedata.category(letter) in ("Cc", "Cf") for letter in part):
        return "holding a letter that is not seen"
    return ""


def claims(run: "Run") -> Iterator[str]:
    """A folder with a job's frames has a claim file that names the job."""
    ours = {
        hashed(body): press
        for press in run.plan.presses
        for job in run.jobs_of(press)
        for output in job.outputs
        for _, body in output.versions
    }
    for press in run.plan.presses:
        folder = run.output(press)
        mine = [v for v in hashes(folder).values() if v in ours and ours[v] is press]
        if mine and _claimed_by(folder) not in {p.job for p in run.plan.presses}:
            yield "files: a folder with frames says not whose they are"
        elif mine and _claimed_by(folder) != press.job and folder not in _replaced(run):
            yield "files: a folder with a job's frames says that it is another's"


def _replaced(run: "Run") -> set[Path]:
    return {run.output(press) for press in run.plan.presses if press.overwrite}


def _claimed_by(folder: Path) -> str:
    try:
        return str(json.loads((folder / CLAIM).read_bytes()).get("job", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _found(run: "Run") -> dict[str, str]:
    """Return the hash of every file below the project, except behind the artist's links."""
    linked = {name.split("/")[1] for name in run.plan.links}
    return {
        name: value
        for name, value in hashes(run.project).items()
        if not (run.project / name).is_symlink() and name.split("/")[1] not in linked
    }
