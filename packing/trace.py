"""Runs in a background Blender: finds a saved copy's files and rewrites its paths for the package.

The only argument after `--` is a JSON file: {"schema": 1, "blend": the saved copy, "original":
path of the file it is a copy of or "", "paths_kept": whether `//` in the copy is the original's
folder, "state": the extension's state folder, "scene": name, "applied": {API field: value},
"frames": [n], "bake": a baking.Mode ("none" if absent), "measure": whether only a few frames are
played to see if a bake would be made, "work": folder for rewritten files, "manifest": path to write
(see manifest.py)}.
The manifest is written last, so if it exists it is complete. Exit code 4: the worker is gone; 5:
the work folder is not writable.
"""

# ruff: noqa: E402, PTH118, PTH120 (Blender's paths are strings)

import json
import logging
import os
import runpy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import bpy

runpy.run_path(str(Path(__file__).parents[1] / "bootstrap.py"))["provide"]()

from renderjuice.packing import (
    bake,
    blendfile,
    last_look,
    libraries,
    outputs,
    parent,
    pointcaches,
    rewrite,
    views,
    walk,
)
from renderjuice.packing import manifest as manifests
from renderjuice.packing.find import Needs, find
from renderjuice.packing.layout import Layout, printable, top_name
from renderjuice.packing.manifest import File, Manifest
from renderjuice.packing.parent import step
from renderjuice.packing.reference import Place
from renderjuice.packing.refused import Private
from renderjuice.scene import apply
from renderjuice.system import session_folder


def main(request: dict[str, Any]) -> None:
    """Open the copy, find what its scene needs, rewrite the paths, and write the manifest."""
    work, copy, original = Path(request["work"]), request["blend"], request["original"]
    scene = blendfile.open_copy(copy, request["scene"])
    home = original if original and request.get("paths_kept") else copy
    shot, eyes = original or copy, views.of_scene(scene)
    place = Place(os.path.dirname(home), shot, bpy.app.version, eyes, shot)
    start = scene.frame_start
    refused = apply.apply(scene, request["applied"], request["frames"])

    step("finding files")
    played = bake.play(scene, request, start)
    private = Private(request.get("state", ""), original)
    needs = find(scene, place, request["frames"], private)
    blend, kinds = top_name(original), needs.kinds
    names = lay_out(needs, kinds, blend, shot)
    before = last_look.original(needs, names, place, needs.checks)

    folders = {library: os.path.dirname(names.place(r.path)) for library, r in needs.libraries}
    candidates = libraries.candidates(needs, names, folders, place.folder)
    outputs.redirect_scene(scene)
    outputs.redirect_nodes(needs.ids)
    with views.shown(place.eyes, bpy.context.scene):
        rewrite_paths(needs, names, folders, os.path.dirname(copy))
    top = blendfile.save(work / "top" / blend, scene)
    rewritten = libraries.rewrite_copies(candidates, {*kinds, shot}, names, work, place)

    step("listing files")
    files = [manifests.file_on_disk(top, blend, "blend"), *members(kinds, names, rewritten)]
    unread = {names.place(path): path for _, r in needs.found for path in r.unread}
    baked = bake.bake(files, unread, work / "bake", played)
    step("listing files")
    lost = last_look.look(baked.files, baked.expected(before), work / "package", place)
    checks = (*refused, *needs.checks, *baked.checks, *lost)
    manifest = Manifest(
        blend, tuple(baked.files), tuple(needs.missing), checks, tuple(needs.trimmed)
    )
    manifests.write(manifest, Path(request["manifest"]))


def lay_out(needs: Needs, sources: Mapping[str, str], blend: str, shot: str) -> Layout:
    """The Layout of the package with the `sources` and the top-level .blend, named `blend`.

    `shot` is the artist's file: a library that links back to it finds the top-level .blend.
    """
    fixed = {**top_cache_folders(needs, blend, shot), shot: blend}
    return Layout([*sorted(sources), *anchors(needs)], fixed=fixed)


def anchors(needs: Needs) -> Iterator[str]:
    """Paths that need a place in the package besides the files.

    These are folders, whose files may all be in subfolders, and packed libraries, whose paths are
    relative to their original location.
    """
    for id, reference in needs.found:
        if reference.is_folder and reference.files and not reference.beside:
            yield os.path.join(reference.path, "")
        elif reference.packed and id.id_type == "LIBRARY":
            yield reference.path


def top_cache_folders(needs: Needs, blend: str, shot: str) -> dict[str, str]:
    """The package folders of point caches that Blender looks for beside the top-level .blend.

    `shot` is the artist's file, beside which they are.
    """
    name = printable(pointcaches.folder_name(blend))
    at_home = pointcaches.folder_of(shot)
    return {r.path: name for _, r in needs.found if r.beside and r.path == at_home}


def rewrite_paths(needs: Needs, names: Layout, folders: Mapping[Any, str], folder: str) -> None:
    """Rewrite the paths of the open file, which is in `folder`, and of libraries packed in it.

    `folders` gives each library's folder in the package.
    """
    for id, reference in needs.found:
        if id.library is None or walk.is_packed(id.library):
            if reference.reads_file:
                rewrite.link_files(reference, names, folder)
            rewrite.set_path(reference, names, folders.get(id.library, ""))


def members(
    kinds: Mapping[str, str], names: Layout, rewritten: Mapping[str, str]
) -> Iterator[File]:
    """The members for the sources in `kinds`, from their rewritten copies if there are any.

    A file with two spellings, as on Windows, is one member.
    """
    seen: dict[str, str] = {}
    for source, kind in sorted(kinds.items()):
        other = seen.setdefault(names.place(source), source)
        if other != source and Path(other).samefile(source):
            continue
        yield manifests.file_on_disk(rewritten.get(source, source), names.place(source), kind)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, handlers=[parent.Log()])
    main(json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text(encoding="utf-8")))
    # Skip Blender's shutdown: the bpy module may hang there after a failure of the GPU driver.
    sys.stdout.flush()
    session_folder.remove(bpy.app.tempdir)
    os._exit(0)
