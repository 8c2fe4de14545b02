"""Finds the data-blocks and files that the scene of the open copy needs, and missing files."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import bpy

from ..scene.checks import Check
from . import (
    findings,
    imports,
    limits,
    needed,
    sequences,
    shown,
    strips,
    switched_off,
    trim,
    unseen,
    walk,
)
from .manifest import KINDS, Missing, Trimmed
from .reference import Place, Reference
from .refused import Private, remove_refused

Found = list[tuple[Any, Reference]]
"""Pairs of a data-block and one of its paths."""


@dataclass
class Needs:
    """The data-blocks and files that a render of one scene needs."""

    ids: set[Any]
    found: Found
    missing: list[Missing]
    checks: list[Check]
    trimmed: list[Trimmed]

    @property
    def kinds(self) -> dict[str, str]:
        """The files on disk with their KINDS; of several users the first counts."""
        return {
            path: KINDS.get(id.id_type, "other")
            for id, reference in reversed(self.found)
            for path in reference.files
        }

    @property
    def libraries(self) -> Found:
        """The libraries with their paths."""
        return [(id, reference) for id, reference in self.found if id.id_type == "LIBRARY"]


def find(scene: Any, place: Place, frames: Iterable[int], private: Private) -> Needs:
    """Find what `scene` needs, and remove from the open file what refers to other files.

    `place` says what `//` means in the open file, `frames` are the rendered frames (none: they are
    not known, and sequences travel whole), and `private` are files that are never packed.
    """
    needed.clear_tool_references(bpy.data)
    if bpy.app.version < (5, 0):  # since 5.0 `use_nodes` is always on and deprecated
        needed.clear_unused_node_trees(bpy.data)
    for each in bpy.data.scenes:
        if each.library is None:
            strips.remove_sound_strips(each)
    itself = _itself(place)
    ids = needed.reachable(scene, bpy.data, lambda used, _: used.library in itself)
    imported = imports.find(bpy.data, place)
    _remove_unneeded(ids | itself, place, {id for id, _ in imported.found})
    found = [(id, reference) for id in ids for reference in walk.references(id, home(id, place))]
    found += [(id, reference) for id, reference in imported.found if id in ids]
    _add_gaps(found, shown.numbers(ids, frames))
    trimmed = trim.trim(found, ids, bpy.data, frames)
    checks = findings.online_only(path for _, r in found for path in r.files)
    checks += [check for id, r in found for check in remove_refused(id, r, private)]
    checks += [check for id in ids for check in limits.of_nodes(id)]
    checks += [limits.of_import(tree, node) for tree, node in imported.computed if tree in ids]
    checks += [check for id, reference in found for check in limits.of_path(id, reference)]
    checks.sort(key=lambda check: (check.id, check.message))
    missing = _missing(ids, found, place.folder, _rendered(scene, ids, found))
    return Needs(ids, found, missing, checks, trimmed)


def _itself(place: Place) -> set[Any]:
    """The artist's file as a library, where one of its libraries links back to it.

    Blender reads nothing from there ("Data refers to main .blend file"): there and in the package
    it is the file that is open; here it is a copy.
    """
    shot = os.path.normcase(place.shot)
    return {
        library
        for library in bpy.data.libraries
        if os.path.normcase(walk.library_path(library, place.folder)) == shot
    }


def home(id: Any, place: Place) -> Place:
    """What `//` means for a data-block: its library's folder, if it is linked."""
    if id.library is None:
        return place
    return place.at(walk.library_path(id.library, place.folder))


def _remove_unneeded(ids: set[Any], place: Place, importing: set[Any]) -> None:
    """Remove data-blocks that refer to files and are not part of the render."""
    others = {id for id in needed.all_ids(bpy.data) if id not in ids and id.library is None}
    unneeded = [id for id in others if id in importing or any(walk.references(id, place))]
    libraries = [id for id in unneeded if id.id_type == "LIBRARY"]
    bpy.data.batch_remove([id for id in unneeded if id not in libraries])
    for library in libraries:
        bpy.data.libraries.remove(library)


def _add_gaps(found: Found, numbers: Mapping[Any, set[int]]) -> None:
    """Add what is missing of sequences: only what shows (else there is another check).

    Clips and caches have no length of their own: they begin and end with their files.
    """
    for id, reference in found:
        if id in numbers and reference.files:
            paths = reference.views or [reference.path]
            wanted = [each for path in paths for each in sequences.numbered(path, numbers[id])]
            if id.id_type in ("CACHEFILE", "MOVIECLIP"):
                wanted = sequences.inside(wanted, reference.files)
            there = set(reference.files)
            reference.missing = [path for path in wanted if path not in there]


def _rendered(scene: Any, ids: set[Any], found: Found) -> set[Any]:
    """The data-blocks that a pixel may depend on; all `ids` where nothing is missing."""
    if not any(reference.missing for _, reference in found) and not any(
        id.is_missing for id in ids
    ):
        return ids
    data: Any = bpy.data
    with unseen.without_custom_properties(ids):
        hidden, users = unseen.objects(data, ids), data.user_map()
        is_off = switched_off.SwitchedOff(scene, ids)
        return needed.reachable(
            scene,
            data,
            lambda used, user: (
                used in hidden
                or used not in ids
                or unseen.is_unplugged(used, user)
                or unseen.is_in_unused_slot(used, user, users)
                or (used.id_type == "SOUND" and user.id_type == "SPEAKER")
                or is_off(used, user)
            ),
        )


def _missing(ids: set[Any], found: Found, folder: str, rendered: set[Any]) -> list[Missing]:
    """Missing files, and data-blocks that are no longer in their library."""
    holders = {id for id, reference in found if reference.missing}
    off = [part for id in holders for part in _off(id)]
    missing = {
        Missing(
            path,
            id.name,
            needed.name(id, reference.part),
            id.id_type,
            rendered=id in rendered and reference.holder not in off,
        )
        for id, reference in found
        for path in reference.missing
    }
    for id in ids:  # with a missing library, each of its data-blocks is missing too
        if id.library is not None and id.is_missing and not id.library.is_missing:
            path = walk.library_path(id.library, folder)
            named = f'{id.bl_rna.name} "{id.name}"'
            missing.add(Missing(path, id.name, named, id.id_type, True, id in rendered))
    return sorted(missing, key=lambda entry: (entry.path, entry.datablock))


def _off(id: Any) -> list[Any]:
    """The parts of a data-block that do not show: muted strips, modifiers that are not rendered."""
    if id.id_type == "SCENE":
        return unseen.muted_strips(id)
    return switched_off.parts(id) if id.id_type == "OBJECT" else []
