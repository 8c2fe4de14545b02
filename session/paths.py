"""Where things are kept: job records and key, copies on their way to the farm, frames."""

import os
import sys
from pathlib import Path

import bpy

from . import preferences


def state_folder() -> Path:
    """The folder of job records and the key, which outlives updates of the extension."""
    chosen = os.environ.get("RENDERJUICE_STATE_DIR")
    if chosen:
        return Path(chosen).resolve()
    try:
        return Path(bpy.utils.extension_path_user(preferences.PACKAGE))
    except ValueError:  # not installed: where an installed one keeps it
        return Path(bpy.utils.user_resource("EXTENSIONS")) / ".user/user_default/renderjuice"


def log_file() -> Path:
    """Where the worker writes what went wrong."""
    return state_folder() / "worker.log"


def scratch_folder() -> Path:
    """Our folder for copies and packages, which lie there until they are uploaded."""
    chosen = preferences.get().scratch_folder
    if chosen:
        from ..system import files, scratch  # enabling the extension stays fast

        return files.absolute(bpy.path.abspath(chosen)) / scratch.FOLDER
    local = os.environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local:  # gigabytes do not belong into a roaming profile
        return Path(local) / "Renderjuice" / "scratch"
    return state_folder() / "scratch"


def site_packages() -> str:
    """Where Blender has put the extensions' wheels, or "" where it has not."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lib = Path(bpy.utils.user_resource("EXTENSIONS")) / ".local" / "lib"
    for folder in (lib / version / "site-packages", lib / "site-packages"):
        if folder.is_dir():
            return str(folder)
    return ""


def output_folder(title: str, number: int = 1) -> str:
    """The folder for the frames of a job, by the pattern in the preferences; "" where it is
    relative to a file that was never saved.

    A pattern without {title} names one folder for all jobs of a file: from `number` 2 on, a job has
    a folder of its own below it.
    """
    pattern = preferences.get().output_folder
    if pattern.startswith("//") and not bpy.data.filepath:
        return ""
    from ..system.files import absolute
    from ..system.names import safe_name  # enabling the extension stays fast

    name = Path(bpy.data.filepath).stem or "untitled"
    one = safe_name(title)
    folder = Path(bpy.path.abspath(pattern.replace("{file}", name).replace("{title}", one)))
    if number > 1 and "{title}" not in pattern:
        folder /= one
    return str(absolute(str(folder)))
