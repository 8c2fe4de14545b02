"""Render every .blend of a folder overnight: blender --online-mode -b --python nightly.py -- FOLDER

All files are sent first, so that the farm renders them side by side; then their frames come home.
Without a folder nothing new is sent, and what was interrupted goes on. What may pass, such as a
network that is down, is tried again TRIES times, every PAUSE seconds. Ends with 1 where a file was
not sent or a job did not finish.
"""

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import bpy

TRIES = int(os.environ.get("TRIES", "10"))
PAUSE = float(os.environ.get("PAUSE", "60"))


def entrance() -> Any:
    """Renderjuice's module for scripts, from whichever repository it is installed."""
    for name in bpy.context.preferences.addons.keys():  # noqa: SIM118 (a Blender collection)
        if name.startswith("bl_ext.") and name.endswith(".renderjuice"):
            return importlib.import_module(f"{name}.scripting")
    sys.exit("The extension Renderjuice is not enabled in this Blender.")


scripting = entrance()


def send(blend: Path) -> bool:
    """Submit one file, once; whether there is a job that `bring` goes on with."""
    try:
        bpy.ops.wm.open_mainfile(filepath=str(blend))
        scripting.submit()
    except RuntimeError as error:  # Blender cannot read it
        print(f"{blend.name}: {error}")
        return False
    except scripting.Error as error:
        print(f"{blend.name}: {error}")
        return error.job is not None and not error.job.ended
    print(f"{blend.name}: sent")
    return True


def bring() -> bool:
    """Go on with all jobs until they have ended; whether all have finished."""
    jobs = {}
    for left in reversed(range(TRIES)):
        try:
            jobs |= {job.id: job for job in scripting.resume()}
            again = not all(job.ended for job in jobs.values())
        except scripting.Error as error:
            print(error)
            again = True
        if not again or not left:
            break
        time.sleep(PAUSE)
    for job in jobs.values():
        lacks = f", missing: {job.missing}" if job.missing else ""
        why = f", {job.error}" if job.error else ""
        here = f"{job.frames_here} of {job.frames_of} frames"
        print(f"{job.name}: {job.stage}, {here} in {job.folder}{lacks}{why}")
    return not again and all(job.stage == "finished" for job in jobs.values())


def main(folders: list[str]) -> int:
    """Send all, bring all home; 0 where all went well."""
    blends = sorted(path for name in folders for path in Path(name).glob("*.blend"))
    sent = [send(blend.resolve()) for blend in blends]
    return 0 if bring() and all(sent) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []))
