"""Checks whether a .blend file is open whose scene can be submitted.

In background mode, Blender continues with its startup scene if it cannot read the named file: the
default cube would be rendered and paid for.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import bpy

_NAMES_A_FILE = re.compile(r"\.blend\d*$", re.IGNORECASE)
_ENDS = ("--", "--command", "-c")
"""Arguments after these are not for Blender itself."""


def why_not() -> str:
    """A sentence that says why there is no scene to submit; "" if there is one."""
    named = _named(sys.argv) if bpy.app.binary_path else []
    if len(set(named)) > 1:
        return f"More than one file is named: {', '.join(named)}. Name one."
    if bpy.data.filepath:
        return ""
    if not named:
        return "No .blend file is open. Name one before the command, or save the scene first."
    if not Path(named[0]).exists():
        return f"{named[0]} does not exist."
    return f"Blender could not read {named[0]}: it is damaged, or a newer Blender has saved it."


def _named(arguments: Sequence[str]) -> list[str]:
    """The .blend files among Blender's own arguments."""
    ends = [arguments.index(end) for end in _ENDS if end in arguments]
    own = arguments[1 : min(ends, default=len(arguments))]
    return [argument for argument in own if _NAMES_A_FILE.search(argument)]
