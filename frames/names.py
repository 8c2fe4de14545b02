"""Where the farm's output files go below the job's folder.

Every name in an OutputFile is the server's: hostile.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..api.output_file import OutputFile, told
from ..system.names import MAX_NAME_BYTES, collision_key, path_length, safe_name

MAX_PATH_BYTES = 1000  # bytes, of 4,096 that a path may have
MAX_FOLDERS = 16
_SUFFIXES = {"left": "_L", "right": "_R"}  # of Blender's own two views


def place(output: OutputFile, room: int = MAX_PATH_BYTES) -> str:
    """Where the file goes below the job's folder, as a relative path with forward slashes.

    At most `room` long, as `system.names.path_length` counts: folders go first, then letters.
    """
    folders = [part for part in re.split(r"[\\/]+", output.relative_path or "") if part]
    name = output.file_name or "unnamed"
    if folders and folders[-1] == name:  # some relative paths end with the file's own name
        folders.pop()
    if output.composite_node_name and output.composite_node_name not in folders:
        folders.insert(0, output.composite_node_name)  # two nodes may have files of one name
    if output.view and not _tells_view(name, output.view):
        folders.append(output.view)
    parts = [safe_name(part) for part in [*folders[-MAX_FOLDERS:], name]]
    return _fitting(parts, min(room, MAX_PATH_BYTES))


def _tells_view(name: str, view: str) -> bool:
    """Whether the file's name tells its view: Blender writes `shot_0001_L.png` of the left one."""
    stem = name.rpartition(".")[0] or name
    return stem.endswith((view, _SUFFIXES.get(view, view))) or (len(view) > 2 and view in stem)


def _fitting(parts: list[str], room: int) -> str:
    parts = list(parts)
    while len(parts) > 1 and path_length("/".join(parts)) > room:
        parts.pop(0)
    if path_length(parts[0]) > room:
        parts[0] = safe_name(parts[0], room)
    return "/".join(parts)


def places(
    outputs: Sequence[OutputFile],
    room: int = MAX_PATH_BYTES,
    known: Mapping[str, str] | None = None,
) -> dict[str, OutputFile]:
    """The outputs by their places; two that would share one (on any system) get different ones.

    `known` has the identities of outputs of earlier lists by the places that these got and keep. An
    output that is listed twice has one place.
    """
    known = known or {}
    listed: dict[str, OutputFile] = {}
    for output in outputs:
        listed.setdefault(output.identity, output)
    kept = _kept(list(listed), known)
    wishes = {
        identity: place(output, room) for identity, output in listed.items() if identity not in kept
    }
    folders = {
        parent for one in (*known, *wishes.values()) for parent in _parents(collision_key(one))
    }
    taken = Counter(map(collision_key, known))
    result = {}
    for identity, output in listed.items():
        unique = kept.get(identity)
        if unique is None:
            unique = _free(wishes[identity], taken, folders, room)
        result[unique] = output
    return result


def _kept(identities: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """The places of outputs that earlier lists had: by all that is known of them, else, where a
    farm gives a file another address each time, by what it says of them."""
    places = {identity: place for place, identity in known.items()}
    kept = {one: places[one] for one in identities if one in places}
    left = defaultdict[str, deque[str]](deque)
    for identity, place in places.items():
        if identity not in kept:
            left[told(identity)].append(place)
    for one in identities:
        if one not in kept and left[told(one)]:
            kept[one] = left[told(one)].popleft()
    return kept


def _free(wish: str, taken: Counter[str], folders: set[str], room: int) -> str:
    """The wish, or one like it that nothing else has; it is taken then."""
    unique, key = wish, collision_key(wish)
    while taken[collision_key(unique)] or collision_key(unique) in folders:
        taken[key] += 1
        unique = _numbered(wish, taken[key], room)
    taken[collision_key(unique)] += 1
    return unique


def _numbered(place: str, number: int, room: int) -> str:
    """`beauty/0001 (2).png`: what stands between stem and suffix makes it another file."""
    folder, slash, name = place.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    end = f" ({number}){dot}{suffix}"
    most = min(MAX_NAME_BYTES, min(room, MAX_PATH_BYTES) - path_length(folder + slash))
    return f"{folder}{slash}{safe_name(stem, max(most - len(end.encode()), 1))}{end}"


def _parents(name: str) -> list[str]:
    """The folders that a place is in: a file of such a name would keep it from being made."""
    return [name[: slash.start()] for slash in re.finditer("/", name)]


def below(folder: Path, place: str) -> Path:
    """The path of a place in the job's folder: the one way from a name of the farm to a path.

    AssertionError: a place that `places` does not make.
    """
    parts = place.split("/")
    if any(part != safe_name(part) for part in parts):
        raise AssertionError(place)
    return folder.joinpath(*parts)
