"""Rewrites libraries whose paths do not fit the package, as copies.

Start: `candidates` collects them while the scene is open. Then `rewrite_copies` opens each one and
saves a copy if paths, outputs or sound strips have to change.
"""

# Blender's paths are strings:
# ruff: noqa: PTH103, PTH118, PTH119, PTH120

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from . import imports, needed, outputs, rewrite, strips, views, walk
from .blendfile import open_file, save
from .find import Needs
from .layout import Layout
from .reference import Place, Reference


@dataclass(frozen=True)
class Candidates:
    """The paths of libraries that may have to be rewritten."""

    mismatched: frozenset[str]
    """Libraries with a path that does not fit, an output outside the package, or sound strips."""
    linking: frozenset[str]
    """Libraries that link others. Their stored paths are known only when they are opened."""


@dataclass(frozen=True)
class Opened:
    """An open library: its `place`, and the names of the `sources` in the package."""

    place: Place
    sources: set[str]
    names: Layout

    @property
    def folder(self) -> str:
        """The library's folder in the package."""
        return os.path.dirname(self.names.place(self.place.original))

    def wrong_paths(self, ids: Iterable[Any]) -> list[Reference]:
        """The paths to sources that do not fit, in the library's own data-blocks among `ids`."""
        own = [id for id in ids if id.library is None]
        found = [each for id in own for each in walk.references(id, self.place)]
        found += [each for id, each in imports.find(bpy.data, self.place).found if id in own]
        return [
            reference
            for reference in found
            if not self.sources.isdisjoint(reference.files)
            and not rewrite.fits_package(reference, self.names, self.folder)
        ]

    def set_paths(self, wrong: Iterable[Reference], root: str) -> None:
        """Set these paths. `root`, where the library was saved, mirrors the package: files that
        Blender reads when their path is set are linked there."""
        with views.shown(self.place.eyes, bpy.context.scene):
            for reference in wrong:
                if reference.reads_file:
                    rewrite.link_files(reference, self.names, root)
                rewrite.set_path(reference, self.names, self.folder)


def candidates(needs: Needs, names: Layout, folders: dict[Any, str], folder: str) -> Candidates:
    """The libraries of the open file that may have to be rewritten.

    `folders` gives each library's folder in the package; `folder` is what `//` means in the file.
    """
    mismatched = {
        id.library
        for id in needs.ids
        if id.library is not None
        and (any(outputs.nodes_outside(id)) or strips.has_sound_strips(id))
    }
    for id, reference in needs.found:
        library = id.library
        if library is not None and not rewrite.fits_package(reference, names, folders[library]):
            mismatched.add(library)
    linking = needed.libraries_with_links(needs.ids, bpy.data)
    return Candidates(_paths_of(mismatched, folder), _paths_of(linking, folder))


def _paths_of(libraries: Iterable[Any], folder: str) -> frozenset[str]:
    """The paths of libraries, except packed ones, whose data-blocks are in the open file."""
    return frozenset(walk.library_path(e, folder) for e in libraries if not walk.is_packed(e))


def rewrite_copies(
    candidates: Candidates, sources: set[str], names: Layout, work: Path, place: Place
) -> dict[str, str]:
    """Open the candidates among `sources` and save copies where needed; return {source: copy}.

    `place` is that of the scene that links them.
    """
    rewritten = {}
    for number, path in enumerate(sorted(candidates.mismatched | candidates.linking)):
        if path not in sources:
            continue  # missing, and reported as such
        opened = Opened(place.at(path), sources, names)
        changes_paths = path in candidates.linking and not _resolves_in_package(opened, work)
        if not changes_paths and path not in candidates.mismatched:
            continue
        scene = open_file(path)
        wrong, folder = opened.wrong_paths(needed.all_ids(bpy.data)), work / f"library-{number}"
        if any(reference.reads_file for reference in wrong):
            save(folder / "open" / names.place(path), scene, as_copy=False)
        opened.set_paths(wrong, str(folder / "open"))
        if _remove_unsent() or wrong or changes_paths:
            rewritten[path] = save(folder / os.path.basename(path), scene)
    return rewritten


def _remove_unsent() -> bool:
    """Redirect outputs and remove sound strips of the open library; return whether it changed."""
    ids = list(needed.all_ids(bpy.data))
    sounds = [
        strips.remove_sound_strips(id)
        for id in ids
        if strips.has_sound_strips(id) and not id.library
    ]
    name = os.path.basename(bpy.data.filepath).removesuffix(".blend")
    return outputs.redirect_nodes(ids, name) or any(sounds)


def _resolves_in_package(opened: Opened, work: Path) -> bool:
    """Whether a library's paths to other libraries are valid in the package.

    Blender rewrites these paths when it opens a file, depending on the file's location. The library
    is therefore opened at its place in the package, below as many folders as at its original
    location, because `..` stops at the root.
    """
    path = opened.place.original
    depth = ["-"] * path.count(os.sep)
    trial = os.path.join(work, "look", *depth, opened.names.place(path))
    try:
        os.makedirs(os.path.dirname(trial), exist_ok=True)
        rewrite.link(path, trial)
        open_file(trial)
    except (OSError, RuntimeError):
        return False  # the path is too long, or the disk is full
    return not opened.wrong_paths(bpy.data.libraries)
