"""How the packer's Blender is started. Blender itself imports this: nothing heavy here."""

from pathlib import Path

SCRIPT = Path(__file__).with_name("trace.py")
SCAN = "scan-"
"""How folders begin that hold a saved copy which is only looked at, and SCAN_REQUEST beside it."""
SCAN_REQUEST = "scan.json"
"""{"request": what trace.py is asked, "blender": its command line}"""


def of(binary_path: str, executable: str) -> list[str]:
    """The command line that runs trace.py, all but the request.

    `binary_path` and `executable` are `bpy.app.binary_path` ("" with the bpy module) and
    `sys.executable` of the Blender whose scene is packed.
    """
    if not binary_path:
        return [executable, "-I", str(SCRIPT), "--"]
    return [
        *(binary_path, "--background", "--factory-startup", "--disable-autoexec"),
        *("--offline-mode", "--python-exit-code", "3", "--python", str(SCRIPT), "--"),
    ]
