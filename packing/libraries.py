"""Libraries whose paths do not fit the package: they are opened, and travel as rewritten copies."""

# Blender's paths are strings:
# ruff: noqa: PTH103, PTH118, PTH119, PTH120

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from . import needed, outputs, rewrite, walk
from .blendfile import open_file, save
from .find import Needs
from .layout import Layout
from .reference import Place, Reference


@dataclass(frozen=True)
class Doubtful:
    """The paths of libraries that may have to be rewritten, found while the scene is open."""

    misfits: frozenset[str]
    """Those with a path that does not fit, or an output that leads out."""
    linking: frozenset[str]
    """Those that link others: how they spell these paths shows only when they are opened."""


def doubtful(needs: Needs, names: Layout, folders: dict[Any, str], folder: str) -> Doubtful:
    """Which libraries of the open file to look into.

    `folders` gives each library's folder in the package, `folder` is what `//` means in the file.
    """
    misfits = {
        id.library for id in needs.ids if id.library is not None and any(outputs.nodes_outside(id))
    }
    for id, reference in needs.found:
        library = id.library
        if library is not None and not rewrite.settled(reference, names, folders[library]):
            misfits.add(library)
    linking = needed.libraries_with_links(needs.ids, bpy.data)
    return Doubtful(_paths_of(misfits, folder), _paths_of(linking, folder))


def _paths_of(libraries: Iterable[Any], folder: str) -> frozenset[str]:
    """Where they are; not the packed ones, whose data-blocks are in the open file itself."""
    return frozenset(walk.library_path(e, folder) for e in libraries if not walk.is_packed(e))


def rewrite_copies(these: Doubtful, sources: set[str], names: Layout, work: Path) -> dict[str, str]:
    """Open the libraries among `sources`; where paths do not fit, save a copy. {source: copy}."""
    rewritten = {}
    for number, path in enumerate(sorted(these.misfits | these.linking)):
        if path not in sources:
            continue  # missing: it has been reported
        misspells = path in these.linking and not _fits_in_its_place(path, sources, names, work)
        if not misspells and path not in these.misfits:
            continue
        scene = open_file(path)
        wrong = _wrong_paths(needed.all_ids(bpy.data), path, sources, names)
        for reference in wrong:
            rewrite.point(reference, names, os.path.dirname(names.place(path)))
        if outputs.keep_nodes_inside(needed.all_ids(bpy.data)) or wrong or misspells:
            rewritten[path] = save(work / f"library-{number}" / os.path.basename(path), scene)
    return rewritten


def _fits_in_its_place(path: str, sources: set[str], names: Layout, work: Path) -> bool:
    """Whether a library's paths to others would lead there in the package.

    Blender tidies these as it opens a file, by where that is. So it is opened in its place in the
    package, and as deep as at home, for no path leads further up than to the root.
    """
    depth = ["-"] * path.count(os.sep)
    look = os.path.join(work, "look", *depth, names.place(path))
    try:
        os.makedirs(os.path.dirname(look), exist_ok=True)
        rewrite.link(path, look)
        open_file(look)
    except (OSError, RuntimeError):
        return False  # too long a path, or a full disk
    return not _wrong_paths(bpy.data.libraries, path, sources, names)


def _wrong_paths(
    ids: Iterable[Any], path: str, sources: set[str], names: Layout
) -> list[Reference]:
    """Paths to `sources` that do not fit, of the open library's own `ids`; it lies at `path`."""
    place, here = Place("", "", bpy.app.version).at(path), os.path.dirname(names.place(path))
    return [
        reference
        for id in ids
        if id.library is None
        for reference in walk.references(id, place)
        if not sources.isdisjoint(reference.files) and not rewrite.settled(reference, names, here)
    ]
