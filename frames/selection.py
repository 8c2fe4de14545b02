"""Which of a job's files are its frames, and which of them a panel may show.

Names come from the farm and files from the disk: nothing is shown whose header was not looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .headers import picture_size, safe_to_show

MAX_FRAMES = 12
"""So many frames of a job are shown."""
_FRAME = re.compile(r"^(.*?)(\d+)(\D*\.(?:png|jpe?g|tiff?|exr|webp))$", re.IGNORECASE)


def sequence(files: Sequence[str]) -> dict[int, str]:
    """The frames of a job by their numbers, in the order in which the files are named.

    Where there are several sequences, from views and File Output nodes, the one that has the most
    frames, and of equals the one that lies nearest to the job's folder.
    """
    found: dict[tuple[str, str], dict[int, str]] = {}
    for name in files:
        if match := _FRAME.match(name):
            begin, digits, end = match.groups()
            found.setdefault((begin, end), {})[int(digits[-9:])] = name
    if not found:
        return {}
    place = min(found, key=lambda key: (-len(found[key]), key[0].count("/"), key))
    return found[place]


def chosen(frames: Sequence[int], *, newest: bool) -> list[int]:
    """The frames to show: the ones that came last, or some that are spread over all of them."""
    if len(frames) <= MAX_FRAMES or newest:
        return sorted(frames[-MAX_FRAMES:])
    ordered = sorted(frames)
    return [ordered[round(i * (len(ordered) - 1) / (MAX_FRAMES - 1))] for i in range(MAX_FRAMES)]


@dataclass(frozen=True)
class FrameFile:
    """A picture on the disk that a panel may show. Its size is in pixels."""

    number: int
    name: str
    """Its path below the job's folder."""
    width: int
    height: int
    changed: int
    """The time of its last change, in nanoseconds since 1970."""


def inspect(folder: Path, files: Sequence[str], *, newest: bool) -> tuple[list[FrameFile], int]:
    """The frames to show of these `files`, which are names below `folder`.

    Beside them the count of those refused: gone, no pictures, or too large for a panel.
    """
    frames = sequence(files)
    wanted = chosen(list(frames), newest=newest)
    shown: list[FrameFile] = []
    for number in wanted:
        path = folder / frames[number]
        size = picture_size(path) if safe_to_show(path) else None
        if size:
            shown.append(FrameFile(number, frames[number], *size, path.lstat().st_mtime_ns))
    return shown, len(wanted) - len(shown)
