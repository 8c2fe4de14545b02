"""Runs in a background Blender: finds a saved copy's files and makes its paths fit the package.

The only argument after `--` is a JSON file: {"schema": 1, "blend": the saved copy, "original":
path of the file it is a copy of or "", "scene": name, "applied": {API field: value}, "frames":
[n], "work": folder for rewritten files, "manifest": path to write (see manifest.py)}.
Ends with code 0 when the manifest is written, 4 when its parent is gone.
"""

# ruff: noqa: PTH (Blender's paths are strings, often patterns, and there are thousands)

import json
import os
import runpy
import select
import stat
import sys
from pathlib import Path
from typing import Any

import bpy

runpy.run_path(str(Path(__file__).parents[1] / "standalone.py"))["provide"]()

from renderjuice.packing import manifest as manifests  # noqa: E402
from renderjuice.packing import needed, outputs, rewrite, walk  # noqa: E402
from renderjuice.packing.layout import Layout, absolute  # noqa: E402
from renderjuice.packing.manifest import File, Manifest, Missing  # noqa: E402
from renderjuice.packing.walk import Place, Reference  # noqa: E402


def main(request: dict[str, Any]) -> None:
    """Trace what `request` names and write the manifest."""
    walk.BAKE_FOLDERS_REMAPPED = bpy.app.version >= (5, 1)
    work = Path(request["work"])
    original = request["original"]
    open_file(request["blend"])
    folder = os.path.dirname(request["blend"])
    scene = show(request["scene"])
    apply(scene, request["applied"], request["frames"])
    ids = needed.reached(scene, bpy.data)
    drop_unneeded(ids, Place(folder, os.path.dirname(original) or folder))

    step("finding files")
    place = Place(folder, os.path.dirname(original) or folder)
    found = [(id, reference) for id in ids for reference in walk.references(id, home(id, place))]
    missing = [
        Missing(path, needed.name(id)) for id, reference in found for path in reference.missing
    ]
    sources = sorted({path for _, reference in found for path in reference.files})
    names = Layout(sources)
    libraries = libraries_to_look_at(ids, found, names, folder)

    step("rewriting paths")
    outputs.keep_inside(scene, ids)
    local = [r for id, r in found if id.library is None]
    rewrite.point(local, names, "")
    blend = os.path.basename(original) or "untitled.blend"
    rewritten = {"": save(work / "top" / blend)}
    for number, library in enumerate(libraries):
        changed = rewrite_library(library, names, work / f"library-{number}")
        if changed is not None:
            rewritten[library] = changed

    step("listing files")
    files = [manifests.file_on_disk(rewritten[""], blend)]
    files += [file(source, names, rewritten) for source in sources]
    manifests.write(Manifest(blend, tuple(files), tuple(missing)), Path(request["manifest"]))


def file(source: str, names: Layout, rewritten: dict[str, str]) -> File:
    """The member for `source`, taken from its rewritten copy if it has one."""
    return manifests.file_on_disk(rewritten.get(source, source), names.place(source))


def step(name: str) -> None:
    """Say what comes next, and end if nobody is listening any more."""
    if parent_is_gone():
        os._exit(4)
    print("renderjuice:" + json.dumps({"step": name}), flush=True)


def parent_is_gone() -> bool:
    """Whether the pipe on stdin has ended; False where stdin is no pipe (run by hand)."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return False
    except OSError:
        return False
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        handle = msvcrt.get_osfhandle(0)
        return not ctypes.windll.kernel32.PeekNamedPipe(handle, None, 0, None, None, None)
    return bool(select.select([0], [], [], 0)[0]) and os.read(0, 1) == b""


def open_file(path: str) -> None:
    """Open `path` without running its scripts."""
    step(f"opening {os.path.basename(path)}")
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)


def show(name: str) -> bpy.types.Scene:
    """Make the scene `name` the one that opens with the file."""
    scene = bpy.data.scenes[name]
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            window.scene = scene
    return scene


def apply(scene: bpy.types.Scene, applied: dict[str, Any], frames: list[int]) -> None:
    """Write the values that the artist asked for into the copy."""
    if applied or frames:
        from renderjuice.scene import apply as scene_apply

        scene_apply.apply(scene, applied, frames)


def home(id: Any, place: Place) -> Place:
    """What `//` means for a data-block: its library's folder, if it is linked."""
    if id.library is None:
        return place
    path = absolute(id.library.filepath, place.folder)
    return Place(os.path.dirname(path), os.path.dirname(path))


def drop_unneeded(ids: set[Any], place: Place) -> None:
    """Remove what the render does not reach and what refers to files: they do not travel."""
    others = [id for id in needed.all_ids(bpy.data) if id not in ids and id.library is None]
    unneeded = [id for id in others if any(walk.references(id, place))]
    bpy.data.batch_remove(unneeded)


def libraries_to_look_at(
    ids: set[Any], found: list[tuple[Any, Reference]], names: Layout, folder: str
) -> list[str]:
    """The paths of libraries that may have to change.

    Those with a path that does not fit, and those that link from others: how they spell the
    others' paths shows only when they are opened.
    """
    look = needed.libraries_with_links(ids, bpy.data)
    place = Place(folder, folder)
    for id, reference in found:
        if id.library is not None and id.library not in look:
            here = os.path.dirname(names.place(absolute(id.library.filepath, place.folder)))
            if not rewrite.settled(reference, names, here):
                look.add(id.library)
    return sorted({absolute(library.filepath, folder) for library in look})


def rewrite_library(path: str, names: Layout, folder: Path) -> str | None:
    """Open the library `path`; if a path in it does not fit, save a copy that does."""
    if not os.path.isfile(path):
        return None
    open_file(path)
    here = os.path.dirname(names.place(path))
    place = Place(os.path.dirname(path), os.path.dirname(path))
    local = [
        reference
        for id in needed.all_ids(bpy.data)
        if id.library is None
        for reference in walk.references(id, place)
        if any(reference.files) and not rewrite.settled(reference, names, here)
    ]
    if not local:
        return None
    rewrite.point(local, names, here)
    return save(folder / os.path.basename(path))


def save(path: Path) -> str:
    """Save the open file to `path` with its paths as they are."""
    step(f"saving {path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, compress=True, relative_remap=False)
    return str(path)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text(encoding="utf-8")))
