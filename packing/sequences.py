"""From one path as Blender stores it to the files on disk that it stands for."""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH113, PTH118, PTH119, PTH122

import os
import re
from collections.abc import Iterable

UDIM, UVTILE = "<UDIM>", "<UVTILE>"


def tiles(pattern: str, numbers: Iterable[int]) -> list[str]:
    """The paths of a tiled image: `numbers` are UDIM numbers such as 1001."""
    folder, name = os.path.split(pattern)
    if UDIM in name:
        names = [name.replace(UDIM, str(number)) for number in numbers]
    elif UVTILE in name:
        names = [name.replace(UVTILE, _uv(number)) for number in numbers]
    else:
        names = [name]
    return [os.path.join(folder, each) for each in names]


def _uv(number: int) -> str:
    return f"u{(number - 1001) % 10 + 1}_v{(number - 1001) // 10 + 1}"


def frames(path: str) -> list[str]:
    """All files on disk of the sequence that `path` is one frame of, sorted; [] if there is none.

    As in Blender the frame number is the last run of digits of the name without its extension,
    and longer numbers than the given one have no leading zero.
    """
    folder, name = os.path.split(path)
    stem, extension = os.path.splitext(name)
    number = re.search(r"\d+(?=\D*$)", stem)
    if number is None:
        return [path] if os.path.isfile(path) else []
    digits = len(number.group())
    wanted = re.compile(
        re.escape(stem[: number.start()])
        + rf"(\d{{{digits}}}|[1-9]\d{{{digits},}})"
        + re.escape(stem[number.end() :] + extension)
    )
    return [entry for entry in files_in(folder) if wanted.fullmatch(os.path.basename(entry))]


def files_in(folder: str) -> list[str]:
    """The files directly in `folder`, sorted by name; [] if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_below(folder: str) -> list[str]:
    """All files in `folder` and below it, sorted; [] if it is not there."""
    return sorted(
        os.path.join(place, name) for place, _, names in os.walk(folder) for name in names
    )
