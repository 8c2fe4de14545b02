"""Submit the shots of a spreadsheet: blender --online-mode -b --python shots.py -- shots.csv

Save the sheet as CSV with the columns file, scene, frames and samples; an empty cell is what the
file says. Files are looked for beside the sheet. Blender ends when all renders have begun; the
frames come with `blender --online-mode -b --command renderjuice resume`, or to the next Blender
with a window.
"""

import csv
import importlib
import sys
from pathlib import Path
from typing import Any

import bpy


def entrance() -> Any:
    """Renderjuice's module for scripts, from whichever repository it is installed."""
    for name in bpy.context.preferences.addons.keys():  # noqa: SIM118 (a Blender collection)
        if name.startswith("bl_ext.") and name.endswith(".renderjuice"):
            return importlib.import_module(f"{name}.scripting")
    sys.exit("The extension Renderjuice is not enabled in this Blender.")


scripting = entrance()


def submit(shot: dict[str, str], folder: Path) -> Any:
    """Send one line of the sheet; its job."""
    bpy.ops.wm.open_mainfile(filepath=str(folder / shot["file"]))
    scene = bpy.data.scenes[shot["scene"]] if shot["scene"] else None
    settings = {"sampleCount": int(shot["samples"])} if shot["samples"] else {}
    return scripting.submit(scene, frames=shot["frames"], settings=settings)


def main(sheet: Path) -> int:
    """Send all lines; how many of them could not be sent."""
    failed = 0
    with sheet.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets begin with a mark
        for shot in csv.DictReader(file):
            try:
                job = submit(shot, sheet.parent)
                print(f"{shot['file']} {shot['frames']}: rendering, frames go to {job.folder}")
            except (scripting.Error, RuntimeError, KeyError, ValueError) as error:
                print(f"{shot['file']} {shot['frames']}: {error}", file=sys.stderr)
                failed += 1
    return failed


if __name__ == "__main__":
    try:
        sys.exit(min(main(Path(sys.argv[-1]).resolve()), 100))
    except OSError as error:  # Blender would end with 0
        sys.exit(f"The sheet cannot be read: {error}")
