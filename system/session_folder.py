"""Deletes Blender's folder for temporary files, which Blender deletes at a regular exit only."""

import os
import re
import shutil
from pathlib import Path

_NAME = re.compile(r"blender_\w{6}")
_VARIABLES = ("TEMP", "TMP", "TMPDIR")


def remove(folder: str, preferred: str = "") -> None:
    """Delete the folder that `bpy.app.tempdir` names, if Blender has made it for this process.

    Where Blender could not make one, as on a full disk, that is the folder of all programs, which
    stays whatever its name is: the one of the environment, or `preferred`, the folder for temporary
    files in Blender's preferences.
    """
    path = Path(folder)
    if not _NAME.fullmatch(path.name):
        return
    shared = [preferred, *(os.environ.get(name, "") for name in _VARIABLES)]
    if not any(one and _is_same(path, Path(one)) for one in shared):
        shutil.rmtree(path, ignore_errors=True)


def _is_same(path: Path, other: Path) -> bool:
    """Whether two paths are one folder; where that cannot be known, they are."""
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return False
    except OSError:
        return True
