"""How the scripts inside Blender read their request and write their messages and results."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARK = "RENDERJUICE-FARM "


class Refuse(Exception):
    """The job fails for this reason."""

    def __init__(self, name: str, type_: str):
        super().__init__(name)
        self.type = type_


def tell(**message: Any) -> None:
    """Send one message to the farm, on its own line even if Blender prints a partial line."""
    sys.stdout.write(f"\n{MARK}{json.dumps(message)}\n")
    sys.stdout.flush()


def answer(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do the work for the request file (the last argument), then end the process."""
    request = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    try:
        result = {"result": work(request)}
    except Refuse as reason:
        result = {"refused": {"name": str(reason), "type": reason.type}}
    write(request, result)
    os._exit(0)  # the bpy module may crash during its shutdown


def write(request: dict[str, Any], result: dict[str, Any]) -> None:
    """Write the result to the file that the farm reads."""
    Path(request["answer"]).write_text(json.dumps(result), encoding="utf-8")
    sys.stdout.flush()


def open_blend(path: str) -> None:
    """Open the .blend without running its scripts."""
    import bpy

    try:
        bpy.ops.wm.open_mainfile(filepath=path, use_scripts=False)
    except RuntimeError as error:
        words = str(error).replace(path, Path(path).name).strip()
        version = bpy.app.version_string
        raise Refuse(f"Blender {version} cannot open it: {words}", "CANNOT_OPEN") from error
