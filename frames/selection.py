"""Selects the frames of a job that a panel shows, among its files.

Names and files are untrusted: a file is shown only after its header has been checked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .headers import picture_size, safe_to_show

MAX_FRAMES = 12
"""Frames shown per job."""
_FRAME = re.compile(r"^(.*?)(\d+)(\D*\.(?:png|jpe?g|tiff?|exr|webp))$", re.IGNORECASE)


def sequence(files: Sequence[str]) -> dict[int, str]:
    """The file names of a job's frames by number, in the order of `files`.

    Of several sequences, from views and File Output nodes, it is the longest; of equal ones the one
    in the fewest folders.
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


def select(frames: Sequence[int], *, newest: bool) -> list[int]:
    """Select MAX_FRAMES frames: the newest, or evenly spread ones."""
    if len(frames) <= MAX_FRAMES or newest:
        return sorted(frames[-MAX_FRAMES:])
    ordered = sorted(frames)
    return [ordered[round(i * (len(ordered) - 1) / (MAX_FRAMES - 1))] for i in range(MAX_FRAMES)]


@dataclass(frozen=True)
class FrameFile:
    """An image on disk that a panel may show. `width` and `height` are in pixels."""

    number: int
    name: str
    """The path relative to the job's folder."""
    width: int
    height: int
    changed: int
    """The mtime in nanoseconds since 1970."""


def inspect(folder: Path, files: Sequence[str], *, newest: bool) -> tuple[list[FrameFile], int]:
    """Select and check frames to show among `files`, which are paths relative to `folder`.

    Returns them, and the number of refused ones: missing, not images, or too large.
    """
    frames = sequence(files)
    wanted = select(list(frames), newest=newest)
    shown: list[FrameFile] = []
    for number in wanted:
        path = folder / frames[number]
        size = picture_size(path) if safe_to_show(path) else None
        if size:
            shown.append(FrameFile(number, frames[number], *size, path.lstat().st_mtime_ns))
    return shown, len(wanted) - len(shown)
