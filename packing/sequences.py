"""Expands a path as stored by Blender to the files on disk: tiles, sequences, includes, folders."""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH113, PTH114, PTH118, PTH119, PTH120, PTH122, PTH123

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

UDIM, UVTILE = "<UDIM>", "<UVTILE>"
SHADERS = (".osl", ".oso", ".h", ".hosl", ".inc", ".glsl")
"""Suffixes of files that a script may include. Others are refused: a script could name any file."""
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+["<]([^">\n]+)[">]', re.MULTILINE)
MAX_CHARACTERS = (
    4 * 1024**2
)  # of a script that are searched for includes that are searched for includes


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


def with_includes(path: str) -> list[str]:
    """An OSL script, its compiled .oso, and all files that they include by relative paths."""
    compiled = f"{os.path.splitext(path)[0]}.oso"
    found = [path] + ([compiled] if os.path.isfile(compiled) and compiled != path else [])
    for script in found:  # grows during the loop
        with open(script, encoding="utf-8", errors="replace") as lines:
            names = INCLUDE.findall(lines.read(MAX_CHARACTERS))
        for name in names:
            included = os.path.normpath(os.path.join(os.path.dirname(script), name))
            is_shader = included.lower().endswith(SHADERS)
            if is_shader and included not in found and os.path.isfile(included):
                found.append(included)  # others are OSL's own headers
    return found


def frames(path: str) -> list[str]:
    """All files on disk of the sequence that `path` belongs to, sorted; [] if there are none.

    As in Blender, numbers with more digits than the given one have no leading zeros.
    """
    folder, name = os.path.split(path)
    before, number, after = _parts(name)
    if not number:
        return [path] if os.path.isfile(path) else []
    return [
        entry
        for found, entry in _sequences_in(folder).get((before, after), ())
        if len(found) == len(number) or (len(found) > len(number) and found[0] != "0")
    ]


def numbered(path: str, numbers: Iterable[int]) -> list[str]:
    """The paths of the frames `numbers` in the sequence that `path` belongs to."""
    folder, name = os.path.split(path)
    before, number, after = _parts(name)
    if not number:
        return []
    names = [f"{before}{each:0{len(number)}}{after}" for each in sorted(numbers)]
    return [os.path.join(folder, each) for each in names]


def number(path: str) -> int | None:
    """The number of the frame that `path` names."""
    found = _parts(os.path.basename(path))[1]
    return int(found) if found else None


def pattern(path: str) -> str:
    """The path of the sequence that `path` belongs to, with `#` for each digit."""
    folder, name = os.path.split(path)
    before, number, after = _parts(name)
    return os.path.join(folder, f"{before}{'#' * len(number)}{after}")


def ends_in_number(path: str) -> bool:
    """Whether the number stands at the end, where caches have theirs."""
    return os.path.splitext(path)[0][-1:].isdecimal()


def inside(paths: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of `paths` with numbers between the first and the last of `others`."""
    there = [each for path in others if (each := number(path)) is not None]
    if not there:
        return []
    return [path for path in paths if min(there) <= (number(path) or 0) <= max(there)]


def _parts(name: str) -> tuple[str, str, str]:
    """Split a file name at its frame number, which may be "".

    As in Blender, this is the last run of digits in the stem.
    """
    stem, extension = os.path.splitext(name)
    number = re.search(r"\d+(?=\D*$)", stem)
    if number is None:
        return stem, "", extension
    return stem[: number.start()], number.group(), stem[number.end() :] + extension


@cache
def _sequences_in(folder: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Frame numbers and paths of the files in `folder`, by the text around the number.

    It is cached, because hundreds of sequences may share a folder.
    """
    found = defaultdict(list)
    for path in files_in(folder):
        before, number, after = _parts(os.path.basename(path))
        found[before, after].append((number, path))
    return found


def files_in(folder: str) -> list[str]:
    """The files in `folder`, sorted by name, without subfolders; [] if it does not exist."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_below(folder: str) -> tuple[list[str], list[str]]:
    """All files below `folder`, and the links that lead out of it; both sorted.

    Links that lead out are not followed, because the scene does not name their targets. Pipes and
    devices are skipped.
    """
    inside, leading_out = [], []
    home = os.path.realpath(folder)
    for place, folders, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in (*names, *folders)):
            if os.path.islink(path) and not _is_below(os.path.realpath(path), home):
                leading_out.append(path)
            elif os.path.isfile(path):
                inside.append(path)
    return sorted(inside), sorted(leading_out)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))
