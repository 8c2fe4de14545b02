"""Submit the shots of a spreadsheet: blender --online-mode -b --python shots.py -- shots.csv

Save the sheet as CSV with the columns file, scene, frames and samples; an empty cell is what the
file says. Files are looked for beside the sheet. Blender ends when all renders have begun; the
frames come with `blender --online-mode -b --command renderjuice resume`, or to the next Blender
with a window.
"""

import csv
import sys
from pathlib import Path

import bpy


def submit(shot: dict[str, str], folder: Path) -> None:
    """Send one line of the sheet. Raises RuntimeError with the sentence that a panel would show."""
    bpy.ops.wm.open_mainfile(filepath=str(folder / shot["file"]))
    scene = bpy.data.scenes[shot["scene"]] if shot["scene"] else bpy.context.scene
    if shot["samples"]:
        scene.renderjuice.use_sample_count = True
        scene.renderjuice.sample_count = int(shot["samples"])
    with bpy.context.temp_override(scene=scene):
        if bpy.ops.renderjuice.submit(frames=shot["frames"]) != {"FINISHED"}:
            raise RuntimeError("Blender has not submitted it.")


def main(sheet: Path) -> int:
    """Send all lines; how many of them could not be sent."""
    failed = 0
    with sheet.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets begin with a mark
        for shot in csv.DictReader(file):
            try:
                submit(shot, sheet.parent)
                print(f"{shot['file']} {shot['frames']}: the render has begun")
            except (RuntimeError, KeyError, ValueError) as error:
                print(f"{shot['file']} {shot['frames']}: {error}", file=sys.stderr)
                failed += 1
    return failed


if __name__ == "__main__":
    if not hasattr(bpy.types.Scene, "renderjuice"):
        sys.exit("The extension Renderjuice is not enabled in this Blender.")
    try:
        sys.exit(min(main(Path(sys.argv[-1]).resolve()), 100))
    except OSError as error:  # Blender would end with 0
        sys.exit(f"The sheet cannot be read: {error}")
