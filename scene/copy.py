"""Saves a copy of the open file without side effects on the session or on other files.

Blender has two side effects. Remapping a relative path tags the data-block as changed, which resets
simulations: a fluid domain of type Replay at the first frame of its cache deletes the cache on
disk. So paths are not remapped, and `//` in the copy still means the folder of the original;
only library paths, which Blender resolves when it opens the copy, are absolute while it is saved.
And with Automatically Pack Resources, saving a copy packs files into the open file.
"""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..system import disk


def save_copy(filepath: str) -> None:
    """Save the open file's current state to `filepath`. Raises RuntimeError with a message."""
    import bpy

    with _without_preview(), _without_autopack(), _absolute_libraries(), _without_report():
        bpy.ops.wm.save_as_mainfile(
            filepath=filepath,
            check_existing=False,
            copy=True,
            compress=True,
            relative_remap=False,
        )
    # On a full disk Blender may write a truncated file and report success.
    if full := disk.out_of_space(str(Path(filepath).parent)):
        raise RuntimeError(full)


def _without_report() -> contextlib.redirect_stdout[io.StringIO]:
    """Keep to itself what an operator reports, which Blender prints when a script calls it."""
    return contextlib.redirect_stdout(io.StringIO())


@contextlib.contextmanager
def _without_preview() -> Iterator[None]:
    """Disable the file preview, which is slow for heavy scenes and useless for a copy."""
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
    """Disable File > External Data > Automatically Pack Resources."""
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
    """Make library paths absolute. Setting them neither tags nor loads anything."""
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
    """Whether a library's data-blocks are in the open file (packed, or an archive since 5.0)."""
    return library.packed_file is not None or bool(getattr(library, "is_archive", False))


def _native(path: str) -> str:
    r"""Replace `\` by `/` except on Windows, as Blender does."""
    return path if os.sep == "\\" else path.replace("\\", "/")
