"""How the packer's Blender is started. Blender itself imports this: nothing heavy here."""

from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("trace.py")
SCAN = "scan-"
"""How folders begin that hold a saved copy which is only looked at, and SCAN_REQUEST beside it."""
SCAN_REQUEST = "scan.json"
"""{"request": what trace.py is asked, "blender": what `blender` gives}"""
_MODULE = "-I"


def blender(binary_path: str, executable: str) -> list[str]:
    """The Blender that is running, as a record keeps it: no path of a file of ours is in it.

    `binary_path` and `executable` are its `bpy.app.binary_path` ("" for the bpy module) and
    `sys.executable`. Gives [Blender's program], or [Python's program, "-I"] for the module.
    """
    return [binary_path] if binary_path else [executable, _MODULE]


def packer(blender: Sequence[str]) -> list[str]:
    """The command line that runs trace.py in `blender`, all but the request.

    What follows the program and "-I" is left out: records of 0.1.0 hold a whole command line, with
    the path of a trace.py that may be gone.
    """
    program, *rest = blender
    if rest[:1] == [_MODULE]:
        return [program, _MODULE, str(SCRIPT), "--"]
    return [
        *(program, "--background", "--factory-startup", "--disable-autoexec"),
        *("--offline-mode", "--python-exit-code", "3", "--python", str(SCRIPT), "--"),
    ]
