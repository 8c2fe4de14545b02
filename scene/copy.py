"""Saves the open file as a copy and changes nothing of the session."""

from pathlib import Path

from . import disk

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
        bpy.ops.wm.save_as_mainfile(
            filepath=filepath, check_existing=False, copy=True, compress=True, relative_remap=True
        )
    finally:
        saving = False
    # On a full disk every Blender may leave half a file and call it saved.
    if full := disk.full(str(Path(filepath).parent)):
        raise RuntimeError(full)
