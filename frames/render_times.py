"""Reads each frame's render time, which Blender writes into the metadata of PNG, JPEG and OpenEXR.

It has a precision of 0.01 s. It is that of the machine that rendered the frame, and is lost when
another program rewrites the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .completeness import frame_number
from .headers import safe_to_show

if TYPE_CHECKING:
    from ..api.output_file import OutputFile

MAX_HEADER_BYTES = 64 * 1024  # metadata precedes the pixels
# A text chunk of PNG, a comment of JPEG, or a string attribute of OpenEXR.
_STAMP = re.compile(
    rb"RenderTime(?:\0|:|\0string\0.{4})(?:(\d{1,4}):)?(\d\d):(\d\d\.\d\d)", re.DOTALL
)


def of_frames(folder: Path, outputs: Mapping[str, OutputFile]) -> dict[str, Any]:
    """The record's members for test frames: an image and the render time in seconds of each.

    `outputs` maps paths relative to `folder` to the farm's outputs.
    """
    files: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for name, output in outputs.items():
        frame = str(frame_number(name))
        path = folder / name
        if output.kind != "frame":
            continue
        if frame not in files and safe_to_show(path):
            files[frame] = name
        took = read(path)
        if took is not None:
            seconds.setdefault(frame, took)
    return {"frame_files": files, "frame_seconds": seconds}


def read(path: Path) -> float | None:
    """The frame's render time in seconds; None if the file does not have it."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            found = _STAMP.search(file.read(MAX_HEADER_BYTES))
    except OSError:
        return None
    if found is None:
        return None
    hours, minutes, seconds = found.groups(b"0")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
