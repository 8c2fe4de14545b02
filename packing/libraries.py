"""Libraries whose paths do not fit the package: they are opened, and travel as rewritten copies."""

# Blender's paths are strings:
# ruff: noqa: PTH103, PTH118, PTH119, PTH120

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from . import needed, outputs, rewrite, strips, views, walk
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


@dataclass(frozen=True)
class Opened:
    """A library that is open: its `place`, and the names in the package of the `sources`."""

    place: Place
    sources: set[str]
    names: Layout

    @property
    def folder(self) -> str:
        """Its folder in the package."""
        return os.path.dirname(self.names.place(self.place.original))

    def wrong_paths(self, ids: Iterable[Any]) -> list[Reference]:
        """Paths to sources that do not fit, of the library's own among `ids`."""
        return [
            reference
            for id in ids
            if id.library is None
            for reference in walk.references(id, self.place)
            if not self.sources.isdisjoint(reference.files)
            and not rewrite.settled(reference, self.names, self.folder)
        ]

    def set_paths(self, wrong: Iterable[Reference], root: str) -> None:
        """Make these paths fit. The folder `root`, where the library lies, stands for the package:
        what Blender reads as its path is set is put there."""
        with views.shown(self.place.eyes, bpy.context.scene):
            for reference in wrong:
                if reference.reads:
                    rewrite.stand_in(reference, self.names, root)
                rewrite.point(reference, self.names, self.folder)


def doubtful(needs: Needs, names: Layout, folders: dict[Any, str], folder: str) -> Doubtful:
    """Which libraries of the open file to look into.

    `folders` gives each library's folder in the package, `folder` is what `//` means in the file.
    """
    misfits = {
        id.library
        for id in needs.ids
        if id.library is not None and (any(outputs.nodes_outside(id)) or strips.has_sounds(id))
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


def rewrite_copies(
    these: Doubtful, sources: set[str], names: Layout, work: Path, place: Place
) -> dict[str, str]:
    """Open the libraries among `sources`; where paths do not fit, save a copy. {source: copy}.

    `place` is that of the scene which links them.
    """
    rewritten = {}
    for number, path in enumerate(sorted(these.misfits | these.linking)):
        if path not in sources:
            continue  # missing: it has been reported
        opened = Opened(place.at(path), sources, names)
        misspells = path in these.linking and not _fits_in_its_place(opened, work)
        if not misspells and path not in these.misfits:
            continue
        scene = open_file(path)
        wrong, folder = opened.wrong_paths(needed.all_ids(bpy.data)), work / f"library-{number}"
        if any(reference.reads for reference in wrong):
            save(folder / "open" / names.place(path), scene, stay=False)
        opened.set_paths(wrong, str(folder / "open"))
        if _take_out() or wrong or misspells:
            rewritten[path] = save(folder / os.path.basename(path), scene)
    return rewritten


def _take_out() -> bool:
    """Take out of the open library what leads out of the package; whether there was any."""
    ids = list(needed.all_ids(bpy.data))
    sounds = [strips.take_sounds_out(id) for id in ids if strips.has_sounds(id) and not id.library]
    return outputs.keep_nodes_inside(ids) or any(sounds)


def _fits_in_its_place(opened: Opened, work: Path) -> bool:
    """Whether a library's paths to others would lead there in the package.

    Blender tidies these as it opens a file, by where that is. So it is opened in its place in the
    package, and as deep as at home, for no path leads further up than to the root.
    """
    path = opened.place.original
    depth = ["-"] * path.count(os.sep)
    look = os.path.join(work, "look", *depth, opened.names.place(path))
    try:
        os.makedirs(os.path.dirname(look), exist_ok=True)
        rewrite.link(path, look)
        open_file(look)
    except (OSError, RuntimeError):
        return False  # too long a path, or a full disk
    return not opened.wrong_paths(bpy.data.libraries)
