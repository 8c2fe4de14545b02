"""From one path as Blender stores it to the files on disk that it stands for."""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH113, PTH114, PTH118, PTH119, PTH120, PTH122, PTH123

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

UDIM, UVTILE = "<UDIM>", "<UVTILE>"
SHADERS = (".osl", ".oso", ".h", ".hosl", ".inc", ".glsl")
"""How files end that a script may have travel: it was written by others, and could name any."""
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+["<]([^">\n]+)[">]', re.MULTILINE)
MAX_CHARACTERS = 4 * 1024**2  # of a script


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
    """An OSL script, the .oso it was compiled to, and all that they include from beside them."""
    compiled = f"{os.path.splitext(path)[0]}.oso"
    found = [path] + ([compiled] if os.path.isfile(compiled) and compiled != path else [])
    for script in found:  # grows while it is read
        with open(script, encoding="utf-8", errors="replace") as lines:
            names = INCLUDE.findall(lines.read(MAX_CHARACTERS))
        for name in names:
            included = os.path.normpath(os.path.join(os.path.dirname(script), name))
            is_shader = included.lower().endswith(SHADERS)
            if is_shader and included not in found and os.path.isfile(included):
                found.append(included)  # else one of OSL's own
    return found


def frames(path: str) -> list[str]:
    """All files on disk of the sequence that `path` is one frame of, sorted; [] if there is none.

    As in Blender longer numbers than the given one have no leading zero.
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
    """The paths of the frames `numbers` of the sequence that `path` is one frame of."""
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
    """What stands before the frame number, it, and what stands after; the number may be "".

    As in Blender it is the last run of digits of the name without its extension.
    """
    stem, extension = os.path.splitext(name)
    number = re.search(r"\d+(?=\D*$)", stem)
    if number is None:
        return stem, "", extension
    return stem[: number.start()], number.group(), stem[number.end() :] + extension


@cache
def _sequences_in(folder: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The numbers and paths of the files directly in `folder` by what stands around the numbers.

    Hundreds of sequences may share a folder, which is read once.
    """
    found = defaultdict(list)
    for path in files_in(folder):
        before, number, after = _parts(os.path.basename(path))
        found[before, after].append((number, path))
    return found


def files_in(folder: str) -> list[str]:
    """The files directly in `folder`, sorted by name; [] if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_below(folder: str) -> tuple[list[str], list[str]]:
    """All files in `folder` and below it, and the links that lead out of it; each sorted.

    Nothing is there if the folder is not. What the scene does not name must not come from
    elsewhere by a link; pipes and devices are no files.
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
