"""The folders of job records and key, of scratch files and of frames."""

import os
import sys
from pathlib import Path

import bpy

from . import preferences


def state_folder() -> Path:
    """The folder of job records and the key. It survives updates of the extension."""
    chosen = os.environ.get("RENDERJUICE_STATE_DIR")
    if chosen:
        return Path(chosen).resolve()
    try:
        return Path(bpy.utils.extension_path_user(preferences.PACKAGE))
    except ValueError:  # not installed as an extension: use the same folder anyway
        return Path(bpy.utils.user_resource("EXTENSIONS")) / ".user/user_default/renderjuice"


def log_file() -> Path:
    """The worker's log file."""
    return state_folder() / "worker.log"


def scratch_folder() -> Path:
    """The folder for saved copies and packages until they are uploaded."""
    chosen = preferences.get().scratch_folder
    if chosen:
        from ..system import files, scratch  # enabling the extension stays fast

        return files.absolute(bpy.path.abspath(chosen)) / scratch.FOLDER
    local = os.environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local:  # keeps gigabytes out of a roaming profile
        return Path(local) / "Renderjuice" / "scratch"
    return state_folder() / "scratch"


def site_packages() -> str:
    """The folder into which Blender installs the extensions' wheels; "" if there is none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lib = Path(bpy.utils.user_resource("EXTENSIONS")) / ".local" / "lib"
    for folder in (lib / version / "site-packages", lib / "site-packages"):
        if folder.is_dir():
            return str(folder)
    return ""


def output_folder(title: str, number: int = 1, pattern: str = "") -> str:
    """The folder for the frames of a job, by a pattern, or else the one in the preferences.

    It is "" where the pattern is relative to a file that was never saved.

    With a pattern without {title}, jobs from `number` 2 on get a subfolder, named by their title.
    """
    pattern = pattern or preferences.get().output_folder
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
