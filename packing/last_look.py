"""Opens the package in the packer's Blender, and compares what is found there with the original.

It trusts none of the rules by which paths are found and rewritten: Blender itself opens the .blend
files at their places in the package and lists their paths. Only the .blend files are laid out, as
links; whether another file is in the package is asked of the list of members.
"""

# Blender's paths are strings, and there may be thousands:
# ruff: noqa: PTH103, PTH112, PTH113, PTH118, PTH119, PTH120

import os
import posixpath
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..scene.checks import Check
from . import imports, limits, needed, pointcaches, rewrite, walk
from .blendfile import open_file
from .find import Needs, home
from .layout import Layout, absolute
from .manifest import File
from .reference import Place

DataBlock = tuple[str, str, str]
"""The type and name of a data-block, and its library's name in the package or ""."""
BRUSHES = "/datafiles/assets/brushes/"
"""Part of the paths of Blender's brushes. It links them into each file, by a relative path that may
lead nowhere from another folder."""
MAX_DATABLOCKS = 10
"""So many of the data-blocks that are gone are named."""


@dataclass(frozen=True)
class Original:
    """What the open copy has, in the names of the package."""

    datablocks: dict[DataBlock, str]
    """The data-blocks that are there, and their descriptions."""
    files: dict[str, set[str]]
    """The members that a path stands for: one file, or those of a pattern, a sequence, a folder."""
    absent: set[str]
    """Paths without a file, and of what is not needed: as stored, absolute, in the package."""


def original(needs: Needs, names: Layout, place: Place, said: Iterable[Check]) -> Original:
    """Describe the open copy before its paths are rewritten; `said` are the checks of its files."""
    files: dict[str, set[str]] = defaultdict(set)
    refused = [check.path for check in said if check.path]
    absent = {*refused, *(missing.path for missing in needs.missing)}
    absent |= {
        getattr(id, "filepath", "") for id in needed.all_ids(bpy.data) if id not in needs.ids
    }
    for id, reference in needs.found:
        absent.update(reference.unread)
        if reference.files:
            files[names.place(reference.path)].update(map(names.place, reference.files))
            continue
        absent.add(reference.path)
        if reference.is_folder:  # it is led to the folder of the .blend
            here = os.path.dirname(_library(id, names, place))
            gone = (*reference.missing, *refused)
            absent |= {posixpath.join(here, Path(path).name) for path in gone}
    whole = [path for path in absent if Path(path).is_absolute() and not path.startswith("//")]
    absent |= set(map(names.place, whole))
    for _, stored, path in _listed(place):
        if not _has_file(path):
            absent |= {stored, path, names.place(path)}
    return Original(_datablocks(needs.ids, names, place), dict(files), absent)


def look(files: Iterable[File], before: Original, folder: Path, place: Place) -> list[Check]:
    """Open the package of `files`, the top-level .blend first, below `folder`.

    Returns a check for each path that leads to no member, and each data-block that is gone.
    """
    files = list(files)
    root = str(folder)
    shutil.rmtree(folder, ignore_errors=True)  # left by a killed packer
    try:
        for file in files:
            if file.kind in ("blend", "library"):
                target = os.path.join(root, file.name)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                rewrite.link(file.source, target)
        top = os.path.join(root, files[0].name)
        scene = open_file(top)
    except (OSError, RuntimeError) as error:
        message = f"The package could not be opened for a last look: {error}"
        return [Check("package-not-opened", "warning", message)]
    here = Place(root, top, place.version, place.eyes, top)
    members = {file.name for file in files}
    return [*_lost_paths(scene, here, members, before), *_lost_datablocks(here, members, before)]


def _lost_paths(scene: Any, here: Place, members: set[str], before: Original) -> Iterator[Check]:
    """A check for each path that is read in the original and leads to no member.

    `here` is the package's Place.
    """
    seen = set()
    for id, part, stored, path in _paths(scene, here):
        name = _name(path, here.folder)
        if path in seen or BRUSHES in path.replace("\\", "/"):
            continue
        if _is_lost(stored, path, name, members, before):
            seen.add(path)
            named, lost = needed.name(id, part), name or path
            message = (
                f"{lost}, used by {named}, would not be found in the package. Pack it into"
                " the .blend with File > External Data, and tell Renderjuice of it."
            )
            yield limits.check("package-path", id, message, path=lost)


def _is_lost(stored: str, path: str, name: str | None, members: set[str], before: Original) -> bool:
    """Whether the original reads files at a path, `name` in the package, which has not all."""
    if name is not None and name in before.files:
        return not before.files[name] <= members
    if name in members or not {stored, path, name}.isdisjoint(before.absent):
        return False
    return not os.path.isdir(path) or (name is None and _has_file(path))


def _paths(scene: Any, here: Place) -> Iterator[tuple[Any, str, str, str]]:
    """All paths of the open package: its user and the part of it, as stored, and absolute.

    Those that Blender alone lists come last, as paths of the scene where it does not tell more.
    """
    elsewhere = {each.filepath for each in bpy.data.libraries if walk.is_packed(each)}
    for id in needed.all_ids(bpy.data):
        if getattr(id, "library_weak_reference", None):  # where it was appended from, a mere note
            elsewhere.add(id.library_weak_reference.filepath)
        if id.id_type not in needed.NOT_RENDERED:
            for reference in walk.references(id, home(id, here)):
                if not reference.packed:
                    yield id, reference.part, reference.stored, reference.path
                if reference.content == "points":  # Blender lists it in the library's folder
                    elsewhere.add(reference.stored)
    for id, reference in imports.find(bpy.data, here).found:
        yield id, reference.part, reference.stored, reference.path
    caches = {pointcaches.folder_name(blend) for blend in _blends()}  # of particles in memory, too
    for id, stored, path in _listed(here):
        if stored not in elsewhere and os.path.basename(path.rstrip("/\\")) not in caches:
            yield id or scene, "", stored, path


def _blends() -> list[str]:
    """The open .blend and its libraries."""
    return [bpy.data.filepath, *(each.filepath for each in bpy.data.libraries)]


def _listed(place: Place) -> Iterator[tuple[Any, str, str]]:
    """The paths that Blender lists in the open file: the user, as stored, and absolute.

    `place` says what `//` means in it, which Blender takes for the folder of the open file. Before
    4.4 Blender does not tell the user.
    """
    users: dict[str, Any] = {}
    if hasattr(bpy.data, "file_path_map"):  # since 4.4
        for id, paths in bpy.data.file_path_map().items():
            users |= dict.fromkeys(paths, id)
    short = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    long = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
    opened = os.path.dirname(bpy.data.filepath)
    for stored, by_blender in zip(short, long, strict=True):
        path = absolute(by_blender, opened)
        is_own = stored.startswith("//") and path == absolute(stored, opened)
        yield users.get(stored), stored, absolute(stored, place.folder) if is_own else path


def _has_file(path: str) -> bool:
    """Whether there is a file at `path`, or in the folder."""
    if os.path.isdir(path):
        return any(files for _, _, files in os.walk(path))
    return os.path.isfile(path)


def _name(path: str, root: str) -> str | None:
    """The name in the package of a path in `root`; None if it is outside."""
    below, path = os.path.join(root, ""), os.path.join(path, "")
    is_inside = os.path.normcase(path).startswith(os.path.normcase(below))
    return path[len(below) : -1].replace("\\", "/") if is_inside else None


def _datablocks(ids: Iterable[Any], names: Layout, place: Place) -> dict[DataBlock, str]:
    """The data-blocks that are there, with their descriptions."""
    return {
        (id.id_type, id.name, _library(id, names, place)): needed.name(id)
        for id in ids
        if id.id_type not in ("LIBRARY", *needed.NOT_RENDERED) and not id.is_missing
    }


def _library(id: Any, names: Layout, place: Place) -> str:
    return names.place(walk.library_path(id.library, place.folder)) if id.library else ""


def _lost_datablocks(here: Place, members: set[str], before: Original) -> Iterator[Check]:
    """A check for each data-block that is gone, where its library is in the package."""
    there = set()
    for id in needed.all_ids(bpy.data):
        if not id.is_missing:
            path = walk.library_path(id.library, here.folder) if id.library else ""
            there.add((id.id_type, id.name, _name(path, here.folder) or ""))
    lost = [key for key in before.datablocks if key not in there and key[2] in {"", *members}]
    for id_type, name, library in sorted(lost)[:MAX_DATABLOCKS]:
        named = before.datablocks[id_type, name, library]
        message = (
            f"{named} would be missing in the package. Save the file, open it again, and tell"
            " Renderjuice of it if this stays."
        )
        yield Check("package-datablock", "warning", message, name, id_type=id_type)
