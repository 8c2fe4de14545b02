"""Assigns local paths to the farm's output files, relative to the job's folder.

Every name in an OutputFile is untrusted server data.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..api.output_file import OutputFile, metadata_part
from ..system.names import MAX_NAME_BYTES, collision_key, path_length, safe_name

MAX_PATH_BYTES = 1000  # of the 4,096 that Linux allows for a path
MAX_FOLDERS = 16
_SUFFIXES = {"left": "_L", "right": "_R"}  # of Blender's default views


def place(output: OutputFile, room: int = MAX_PATH_BYTES) -> str:
    """The file's path relative to the job's folder, with forward slashes.

    Its `path_length` is at most `room`: leading folders are dropped first, then the name is
    truncated.
    """
    folders = [
        part for part in re.split(r"[\\/]+", output.relative_path or "") if part not in ("", ".")
    ]
    name = output.file_name or "unnamed"
    if folders and folders[-1] == name:  # the relative path may include the file name
        folders.pop()
    if output.composite_node_name and output.composite_node_name not in folders:
        folders.insert(0, output.composite_node_name)  # files of two nodes may share a name
    if output.view and not _includes_view(name, output.view):
        folders.append(output.view)
    parts = [safe_name(part) for part in [*folders[-MAX_FOLDERS:], name]]
    return _shortened(parts, min(room, MAX_PATH_BYTES))


def _includes_view(name: str, view: str) -> bool:
    """Whether the file name includes its view, as `shot_0001_L.png` for the left one."""
    stem = name.rpartition(".")[0] or name
    return stem.endswith((view, _SUFFIXES.get(view, view))) or (len(view) > 2 and view in stem)


def _shortened(parts: list[str], room: int) -> str:
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
    """The outputs by their paths, which differ on any file system.

    `known` maps paths from earlier lists to the identities of their outputs, which keep them. An
    output that is listed twice has one path.
    """
    known = known or {}
    listed: dict[str, OutputFile] = {}
    for output in outputs:
        listed.setdefault(output.identity, output)
    kept = _kept(list(listed), known)
    proposals = {
        identity: place(output, room) for identity, output in listed.items() if identity not in kept
    }
    folders = {
        parent for one in (*known, *proposals.values()) for parent in _parents(collision_key(one))
    }
    taken = Counter(map(collision_key, known))
    result = {}
    for identity, output in listed.items():
        unique = kept.get(identity)
        if unique is None:
            unique = _unique(proposals[identity], taken, folders, room)
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
            left[metadata_part(identity)].append(place)
    for one in identities:
        if one not in kept and left[metadata_part(one)]:
            kept[one] = left[metadata_part(one)].popleft()
    return kept


def _unique(proposed: str, taken: Counter[str], folders: set[str], room: int) -> str:
    """The proposed path, numbered if it is taken; it is marked as taken."""
    unique, key = proposed, collision_key(proposed)
    while taken[collision_key(unique)] or collision_key(unique) in folders:
        taken[key] += 1
        unique = _numbered(proposed, taken[key], room)
    taken[collision_key(unique)] += 1
    return unique


def _numbered(place: str, number: int, room: int) -> str:
    """Insert a number before the suffix: `beauty/0001 (2).png`."""
    folder, slash, name = place.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    end = f" ({number}){dot}{suffix}"
    max_bytes = min(MAX_NAME_BYTES, min(room, MAX_PATH_BYTES) - path_length(folder + slash))
    return f"{folder}{slash}{safe_name(stem, max(max_bytes - len(end.encode()), 1))}{end}"


def _parents(name: str) -> list[str]:
    """The folders of a path. A file with such a name would conflict with them."""
    return [name[: slash.start()] for slash in re.finditer("/", name)]


def below(folder: Path, place: str) -> Path:
    """The absolute path of a place. Every path from the farm passes through this function.

    Raises AssertionError for a place that `places` cannot return.
    """
    parts = place.split("/")
    if any(part != safe_name(part) for part in parts):
        raise AssertionError(place)
    return folder.joinpath(*parts)
