"""Deletes Blender's folder for temporary files, which Blender deletes at a regular exit only."""

import shutil
from pathlib import Path


def remove(folder: str) -> None:
    """Delete the folder that `bpy.app.tempdir` names.

    Where Blender could not make its own, that is the folder of all programs, which stays.
    """
    if Path(folder).name.startswith("blender_"):
        shutil.rmtree(folder, ignore_errors=True)
