"""Creates folders and names files in a job's output folder, where files of others may be."""

import contextlib
import errno
import filecmp
import os
from pathlib import Path

from ..jobs.record import Record
from ..system import sharing
from ..system.files import rename_exclusive

_OF_ONE_PATH = frozenset(
    {
        *(errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
        *(errno.ENAMETOOLONG, errno.EILSEQ),
    }
)


class NameTaken(Exception):
    """A file that is not the job's own has the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was there before and is not this job's: it was not replaced.")


class ProjectGone(FileNotFoundError):
    """The folder of the job's .blend is gone, in which its output folder would have to be made."""


def check_project(record: Record) -> None:
    """Raise ProjectGone if the output folder is in the folder of the job's .blend and that is gone:
    renamed, moved, or on a disk that is not connected. Frames in a new one would be found by
    nobody."""
    project = Path(record.blend).parent
    if record.blend and Path(record.output).is_relative_to(project) and not project.is_dir():
        raise ProjectGone(errno.ENOENT, os.strerror(errno.ENOENT), str(project))


def is_of_one_path(error: OSError) -> bool:
    """Whether an error concerns one path only: something is in its way, such as a link or a file in
    place of a folder, or the file system does not accept its name."""
    return error.errno in _OF_ONE_PATH


def why_not(error: OSError, name: str, path: Path) -> str:
    """Why a file cannot be written, if `is_of_one_path`; messages call it `name`."""
    if error.errno == errno.ENAMETOOLONG:
        return f"{path} is too long for this system. Download to a folder with a shorter path."
    return f"{name} cannot be written: {error.strerror}."


def make_folder(folder: Path, output: Path) -> None:
    """Create a folder in the folder `output`, or nothing if it is that. Raises OSError if `output`
    is gone, or anything is in the way, such as a link that leads out of it."""
    if folder != output:
        way = (folder, *folder.parents)
        existing = next(one for one in way if one == output or os.path.lexists(one))
        if existing != output and not existing.is_dir():
            reason = f"{existing.name} is in the way and is no folder"
            raise OSError(errno.ENOTDIR, reason, str(folder))
        if not Path(os.path.realpath(existing)).is_relative_to(os.path.realpath(output)):
            reason = f"{existing.name} is a link that leads out of the job's folder"
            raise OSError(errno.ELOOP, reason, str(folder))
    if not output.is_dir():  # renamed since the job has claimed it
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(output))
    folder.mkdir(parents=True, exist_ok=True)


def rename(part: Path, path: Path, name: str, *, replace: bool) -> None:
    """Rename a complete file to `path`, which messages call `name`. Raises OSError, and NameTaken
    for another file there, unless `replace`. An identical file, left by a killed worker, counts as
    the job's own."""
    if replace:
        sharing.replace(part, path)
    elif not rename_exclusive(part, path):
        same = _is_same(part, path)
        part.unlink()
        if not same:
            raise NameTaken(name)


def _is_same(part: Path, path: Path) -> bool:
    """Whether a file of the same content is at `path`, not a link to one."""
    with contextlib.suppress(OSError):  # a file that may not be read is not this job's
        return path.is_file() and not path.is_symlink() and filecmp.cmp(part, path, False)
    return False
