"""Builds the command line of the packer's Blender. Blender's own process imports this module."""

from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("trace.py")
SCAN = "scan-"
"""The prefix of folders with a saved copy for a scan, and SCAN_REQUEST beside it."""
SCAN_REQUEST = "scan.json"
"""{"request": the request for trace.py, "blender": the result of `blender`}"""
_MODULE = "-I"


def blender(binary_path: str, executable: str) -> list[str]:
    """The running Blender, as stored in a record: it contains no path of the extension's files.

    `binary_path` is `bpy.app.binary_path` ("" for the bpy module), `executable` is
    `sys.executable`. Returns [Blender's path], or [Python's path, "-I"] for the module.
    """
    return [binary_path] if binary_path else [executable, _MODULE]


def packer(blender: Sequence[str], script: Path | None = None) -> list[str]:
    """The command line that runs trace.py, or another script, in `blender`, without the request's
    path.

    Further members of `blender` are ignored: records of 0.1.0 hold a whole command line, with the
    path of a trace.py that may no longer exist.
    """
    program, *rest = blender
    script = script or SCRIPT
    if rest[:1] == [_MODULE]:
        return [program, _MODULE, str(script), "--"]
    return [
        *(program, "--background", "--factory-startup", "--disable-autoexec"),
        *("--offline-mode", "--python-exit-code", "3", "--python", str(script), "--"),
    ]
