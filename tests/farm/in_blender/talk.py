"""How the scripts inside Blender get their request and give their answers."""

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
    """Send one message to the farm, on a line of its own whatever Blender prints."""
    sys.stdout.write(f"\n{MARK}{json.dumps(message)}\n")
    sys.stdout.flush()


def answer(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do the work that the request file (the last argument) asks for, and end the process."""
    request = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    try:
        result = {"result": work(request)}
    except Refuse as reason:
        result = {"refused": {"name": str(reason), "type": reason.type}}
    write(request, result)
    os._exit(0)  # the bpy module may crash while it tears itself down


def write(request: dict[str, Any], result: dict[str, Any]) -> None:
    """Write the answer where the farm looks for it."""
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
