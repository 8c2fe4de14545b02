"""Saves the open file as a copy and changes nothing: not the session, not a file beside the copy.

Blender itself would, in two ways. Where it makes a path relative to the copy it tags the data-block
as changed, and what is tagged forgets what it has simulated: a fluid domain of type Replay at the
first frame of its cache removes the cache from the disk. So no path is remapped, and `//` in the
copy means the folder of the artist's file; only libraries, which Blender looks for as it opens the
copy, have absolute paths while it is saved. And where resources are packed automatically, saving a
copy packs them into the open file.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..system import disk


def save_copy(filepath: str) -> None:
    """Write the open file, as it is now, to `filepath`.

    Raises RuntimeError, with Blender's words or ours, when it cannot be written.
    """
    import bpy

    with _without_preview(), _without_autopack(), _absolute_libraries():
        bpy.ops.wm.save_as_mainfile(
            filepath=filepath,
            check_existing=False,
            copy=True,
            compress=True,
            relative_remap=False,
        )
    # On a full disk every Blender may leave half a file and call it saved.
    if full := disk.out_of_space(str(Path(filepath).parent)):
        raise RuntimeError(full)


@contextlib.contextmanager
def _without_preview() -> Iterator[None]:
    """Blender draws a picture of what it saves, and keeps it among the desktop's small pictures:
    nobody looks at that of a copy, and a heavy scene takes its time."""
    import bpy

    preferences = bpy.context.preferences
    before, dirty = preferences.filepaths.file_preview_type, preferences.is_dirty
    preferences.filepaths.file_preview_type = "NONE"
    try:
        yield
    finally:
        preferences.filepaths.file_preview_type = before
        preferences.is_dirty = dirty


@contextlib.contextmanager
def _without_autopack() -> Iterator[None]:
    """File > External Data > Automatically Pack Resources holds for the artist's own saves."""
    import bpy

    data = bpy.data
    before = data.use_autopack
    data.use_autopack = False
    try:
        yield
    finally:
        data.use_autopack = before


@contextlib.contextmanager
def _absolute_libraries() -> Iterator[None]:
    """Setting a library's path tags nothing, and loads nothing."""
    import bpy

    relative = {
        library: library.filepath
        for library in bpy.data.libraries
        if library.filepath.startswith("//") and not _is_packed(library)
    }
    try:
        for library, path in relative.items():
            library.filepath = os.path.normpath(bpy.path.abspath(_native(path)))
        yield
    finally:
        for library, path in relative.items():
            library.filepath = path


def _is_packed(library: Any) -> bool:
    """Whether its data-blocks are in the open file (an archive, since 5.0), and nothing is read."""
    return library.packed_file is not None or bool(getattr(library, "is_archive", False))


def _native(path: str) -> str:
    r"""The path with this system's slashes: `\` in a file from Windows is one, as in Blender."""
    return path if os.sep == "\\" else path.replace("\\", "/")
