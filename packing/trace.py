"""Runs in a background Blender: finds a saved copy's files and makes its paths fit the package.

The only argument after `--` is a JSON file: {"schema": 1, "blend": the saved copy, "original":
path of the file it is a copy of or "", "scene": name, "applied": {API field: value}, "frames":
[n], "work": folder for rewritten files, "manifest": path to write (see manifest.py)}.
The manifest is written last, so where it exists it is complete. Ends with code 4 when its parent
is gone, with 5 when it cannot write to the work folder.
"""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH103, PTH118, PTH119, PTH120

import json
import os
import runpy
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import bpy

runpy.run_path(str(Path(__file__).parents[1] / "bootstrap.py"))["provide"]()

from renderjuice.packing import (  # noqa: E402  # noqa: E402
    layout,
    limits,
    needed,
    outputs,
    pointcaches,
    rewrite,
    sequences,
    shown,
    walk,
)
from renderjuice.packing import manifest as manifests  # noqa: E402
from renderjuice.packing.layout import Layout, top_name  # noqa: E402
from renderjuice.packing.manifest import KINDS, File, Finding, Manifest, Missing  # noqa: E402
from renderjuice.packing.parent import step  # noqa: E402
from renderjuice.packing.walk import Place, Reference  # noqa: E402
from renderjuice.scene import apply  # noqa: E402

Found = list[tuple[Any, Reference]]
"""Data-blocks, and the paths in them."""


def main(request: dict[str, Any]) -> None:
    """Trace what `request` names and write the manifest."""
    work, original = Path(request["work"]), request["original"]
    open_file(request["blend"])
    folder = os.path.dirname(request["blend"])
    place = Place(folder, original or request["blend"], bpy.app.version)
    scene = show(request["scene"])
    refused = apply.apply(scene, request["applied"], request["frames"])

    step("finding files")
    needed.forget_tools(bpy.data)
    if bpy.app.version < (5, 0):  # later all nodes are used, and asking warns
        needed.forget_unused_nodes(bpy.data)
    ids = needed.reached(scene, bpy.data)
    drop_unneeded(ids, place)
    found = [(id, reference) for id in ids for reference in walk.references(id, home(id, place))]
    add_gaps(found, shown.numbers(ids, request["frames"]))
    missing = list_missing(ids, found, folder)
    stays = [each for id in ids for each in limits.of_nodes(id)]
    stays += [each for id, reference in found for each in limits.of_path(id, reference)]
    stays.sort(key=lambda each: (each.id, each.message))
    kinds = {path: KINDS.get(id.id_type, "other") for id, r in reversed(found) for path in r.files}
    sources = sorted(kinds)
    blend = top_name(original)
    names = Layout([*sources, *anchors(found)], fixed=caches_at_the_top(found, blend))
    heres = {id: os.path.dirname(names.place(r.path)) for id, r in found if id.id_type == "LIBRARY"}
    misfits = paths_of(libraries_that_do_not_fit(ids, found, names, heres), folder)
    linking = paths_of(needed.libraries_with_links(ids, bpy.data), folder)

    outputs.keep_scene_inside(scene)
    keep_nodes_inside(ids)
    for id, reference in found:
        if id.library is None or walk.is_packed(id.library):
            if reference.reads:
                rewrite.stand_in(reference, names, folder)
            rewrite.point(reference, names, heres.get(id.library, ""))
    top = save(work / "top" / blend)
    rewritten = rewrite_libraries(misfits, linking, set(sources), names, work)

    step("listing files")
    files = [manifests.file_on_disk(top, blend, "blend")]
    files += [member(source, names, rewritten, kinds[source]) for source in sources]
    findings = [Finding(c.id, c.level, c.message, c.datablock, c.path) for c in refused]
    manifests.write(
        Manifest(blend, tuple(files), tuple(missing), (*findings, *stays)),
        Path(request["manifest"]),
    )


def anchors(found: Found) -> Iterator[str]:
    """Paths that need a place in the package beside the files' own.

    Folders whose files may all lie deeper, and packed libraries: they do not travel, but the paths
    in them are relative to where they were.
    """
    for id, reference in found:
        if reference.is_folder and reference.files and not reference.beside:
            yield os.path.join(reference.path, "")
        elif reference.packed and id.id_type == "LIBRARY":
            yield reference.path


def caches_at_the_top(found: Found, blend: str) -> dict[str, str]:
    """Where the point caches go that Blender looks for beside the top-level `blend`."""
    name = layout.printable(pointcaches.folder_name(blend))
    return {r.path: name for id, r in found if r.beside and id.library is None}


def member(source: str, names: Layout, rewritten: dict[str, str], kind: str) -> File:
    """The member for `source`, taken from its rewritten copy if it has one."""
    return manifests.file_on_disk(rewritten.get(source, source), names.place(source), kind)


def open_file(path: str) -> None:
    """Open `path` without running its scripts."""
    step(f"opening {os.path.basename(path)}")
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)


def save(path: Path) -> str:
    """Save the open file to `path` with its paths as they are."""
    step(f"saving {path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        bpy.ops.wm.save_as_mainfile(
            filepath=str(path), copy=True, compress=True, relative_remap=False
        )
        libraries: Any = bpy.data.libraries
        with libraries.load(str(path)):
            pass  # on a full disk Blender 4.5 writes half a file without a word
    except (OSError, RuntimeError) as error:
        print(error)
        sys.exit(manifests.NOT_WRITTEN)
    return str(path)


def show(name: str) -> bpy.types.Scene:
    """Make the scene `name` the one that opens with the file."""
    scene = bpy.data.scenes.get((name, None))  # None: the file's own, not a linked one
    if scene is None:
        linked = bpy.data.scenes.get(name)
        if linked is None:
            sys.exit(f'The saved copy has no scene "{name}".')
        scene = linked.make_local()  # or nothing of it could be set
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            window.scene = scene
    return scene


def home(id: Any, place: Place) -> Place:
    """What `//` means for a data-block: its library's folder, if it is linked."""
    if id.library is None:
        return place
    return place.at(walk.library_path(id.library, place.folder))


def drop_unneeded(ids: set[Any], place: Place) -> None:
    """Remove what refers to files and is not reached by the render: they do not travel."""
    others = {id for id in needed.all_ids(bpy.data) if id not in ids and id.library is None}
    unneeded = [id for id in others if any(walk.references(id, place))]
    libraries = [id for id in unneeded if id.id_type == "LIBRARY"]
    bpy.data.batch_remove([id for id in unneeded if id not in libraries])
    for library in libraries:
        bpy.data.libraries.remove(library)


def add_gaps(found: Found, numbers: dict[Any, set[int]]) -> None:
    """Add what is missing of image sequences: only what shows (else there is another check)."""
    for id, reference in found:
        if id in numbers and reference.files:
            there = set(reference.files)
            wanted = sequences.numbered(reference.path, numbers[id])
            reference.missing = [path for path in wanted if path not in there]


def list_missing(ids: set[Any], found: Found, folder: str) -> list[Missing]:
    """What is not on disk, and data-blocks that are not in their library any more."""
    missing = {
        Missing(path, id.name, needed.name(id, reference.part), id.id_type)
        for id, reference in found
        for path in reference.missing
    }
    gone = {entry.path for entry in missing}
    for id in ids:
        if id.library is not None and id.is_missing:
            path = walk.library_path(id.library, folder)
            if path not in gone:  # else every data-block of a missing library would be listed
                missing.add(Missing(path, id.name, needed.name(id), id.id_type))
    return sorted(missing, key=lambda entry: (entry.path, entry.datablock))


def keep_nodes_inside(ids: Iterable[Any]) -> bool:
    """Point the File Output nodes of the open file's own `ids` inside; whether any was outside."""
    nodes = [n for id in ids if id.library is None for n in outputs.nodes_outside(id)]
    for node in nodes:
        outputs.keep_node_inside(node)
    return bool(nodes)


def libraries_that_do_not_fit(
    ids: set[Any], found: Found, names: Layout, heres: dict[Any, str]
) -> set[Any]:
    """The libraries with a path that does not fit, or an output that leads out.

    `heres`: each library's folder in the package.
    """
    misfits = {
        id.library for id in ids if id.library is not None and any(outputs.nodes_outside(id))
    }
    for id, reference in found:
        library = id.library
        if library is not None and not rewrite.settled(reference, names, heres[library]):
            misfits.add(library)
    return misfits


def paths_of(libraries: set[Any], folder: str) -> set[str]:
    """Where they are; not the packed ones, whose data-blocks are in the open file itself."""
    return {walk.library_path(each, folder) for each in libraries if not walk.is_packed(each)}


def rewrite_libraries(
    misfits: set[str], linking: set[str], sources: set[str], names: Layout, work: Path
) -> dict[str, str]:
    """Open libraries; where paths to `sources` do not fit, save a copy. {source: copy}.

    `misfits`: what seemed not to fit. `linking`: how they spell the paths of other libraries shows
    only when they are opened.
    """
    rewritten = {}
    for number, path in enumerate(sorted(misfits | linking)):
        if path not in sources:
            continue  # missing: it has been reported
        misspells = path in linking and not fits_in_its_place(path, sources, names, work)
        if not misspells and path not in misfits:
            continue
        open_file(path)
        wrong = wrong_paths(needed.all_ids(bpy.data), path, sources, names)
        for reference in wrong:
            rewrite.point(reference, names, os.path.dirname(names.place(path)))
        if keep_nodes_inside(needed.all_ids(bpy.data)) or wrong or misspells:
            rewritten[path] = save(work / f"library-{number}" / os.path.basename(path))
    return rewritten


def fits_in_its_place(path: str, sources: set[str], names: Layout, work: Path) -> bool:
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
    return not wrong_paths(bpy.data.libraries, path, sources, names)


def wrong_paths(ids: Iterable[Any], path: str, sources: set[str], names: Layout) -> list[Reference]:
    """Paths to `sources` that do not fit, of the open library's own `ids`; it lies at `path`."""
    place, here = Place("", "", bpy.app.version).at(path), os.path.dirname(names.place(path))
    return [
        reference
        for id in ids
        if id.library is None
        for reference in walk.references(id, place)
        if not sources.isdisjoint(reference.files) and not rewrite.settled(reference, names, here)
    ]


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text(encoding="utf-8")))
    # All is written. Blender as a module may hang in its own end, where a driver has failed.
    sys.stdout.flush()
    os._exit(0)
