"""Saves the open file as a copy and changes nothing of the session."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ..system import disk

saving = False
"""True while the copy is written: save handlers of this extension do nothing then."""


def save_copy(filepath: str) -> None:
    """Write the open file, as it is now, to `filepath`.

    The paths in the copy are made relative to where it lies; the session keeps its own file path
    and paths. Raises RuntimeError, with Blender's words or ours, when it cannot be written.
    """
    import bpy

    global saving  # noqa: PLW0603  the handlers of this process have no other way to know
    saving = True
    try:
        with _without_preview():
            bpy.ops.wm.save_as_mainfile(
                filepath=filepath,
                check_existing=False,
                copy=True,
                compress=True,
                relative_remap=True,
            )
    finally:
        saving = False
    # On a full disk every Blender may leave half a file and call it saved.
    if full := disk.full(str(Path(filepath).parent)):
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
