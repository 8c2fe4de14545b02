"""How long each frame took: Blender writes it into PNG, JPEG and OpenEXR files, to 1/100 s.

Only of the machine that rendered the frame, and only as long as nobody has written the file anew.
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

MAX_HEADER_BYTES = 64 * 1024  # the time stands before the pixels
# A text chunk of PNG, a comment of JPEG, an attribute of OpenEXR with its type and length.
_STAMP = re.compile(
    rb"RenderTime(?:\0|:|\0string\0.{4})(?:(\d{1,4}):)?(\d\d):(\d\d\.\d\d)", re.DOTALL
)


def of_frames(folder: Path, outputs: Mapping[str, OutputFile]) -> dict[str, Any]:
    """What the record keeps of test frames: a picture of each, and how long it took, if it says so.

    `outputs` have the names of their files below `folder`.
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
    """Seconds that the frame in the file took; None where the file does not say."""
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
