"""Opens and saves .blend files in the packer's Blender, which evaluates nothing of them.

Blender evaluates what its windows show as soon as a file is open, and before and after each
operator. That takes time and memory, simulates what has no cache, and removes a fluid's cache from
the artist's disk where something has changed. So all windows show an empty scene, from before the
first evaluation until the file is being written.
"""

# ruff: noqa: PTH119, PTH120 (Blender's paths are strings)

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from . import layout, manifest, walk
from .parent import step

EMPTY = "renderjuice-empty"


def open_file(path: str) -> Any:
    """Open `path` without running its scripts; the scene that it opens with.

    Raises RuntimeError where Blender cannot read it.
    """
    step(f"opening {os.path.basename(path)}")
    shown = []

    def show_nothing() -> None:
        shown.append(bpy.context.scene)
        _show_empty()

    with _Handler("load_post", show_nothing):
        try:
            bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)
        except RuntimeError:
            if not shown:  # else it is a library that cannot be read
                raise
    return shown[0]


def open_copy(path: str, scene: str) -> Any:
    """Open the saved copy at `path`, make the paths of its libraries absolute; its `scene`.

    Blender spells those of libraries' libraries anew, relative to where the copy lies; all others
    mean what they mean in the artist's file. Ends the process where there is no such scene.
    """
    open_file(path)
    for library in bpy.data.libraries:
        if library.filepath.startswith("//") and not walk.is_packed(library):
            library.filepath = layout.absolute(library.filepath, os.path.dirname(path))
    scenes: Any = bpy.data.scenes
    own = scenes.get((scene, None))  # None: the file's own, not a linked one
    if own is not None:
        return own
    linked = scenes.get(scene)
    if linked is None:
        sys.exit(f'The saved copy has no scene "{scene}".')
    return linked.make_local()  # or nothing of it could be set


def save(path: Path, scene: Any, *, stay: bool = True) -> str:
    """Save the open file to `path` with its paths as they are; it opens with `scene`.

    Unless we `stay` where it was opened, `//` means the folder of `path` from now on. Ends the
    process if it cannot.
    """
    step(f"saving {path.name}")

    def show_scene() -> None:
        empty = bpy.data.scenes[EMPTY]
        empty.user_remap(scene)  # setting a window's scene would evaluate it
        bpy.data.scenes.remove(empty)

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _Handler("save_pre", show_scene), _Handler("save_post", _show_empty):
            bpy.ops.wm.save_as_mainfile(
                filepath=str(path), copy=stay, compress=True, relative_remap=False
            )
        libraries: Any = bpy.data.libraries
        if stay:
            with libraries.load(str(path)):
                pass  # on a full disk Blender 4.5 writes half a file without a word
    except (OSError, RuntimeError) as error:
        logging.getLogger(__name__).error("%s", error)
        sys.exit(manifest.NOT_WRITTEN)
    return str(path)


def _show_empty() -> None:
    """Let every window show a scene with nothing in it."""
    empty = bpy.data.scenes.new(EMPTY)
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            window.scene = empty


class _Handler:
    """Calls a function at one of Blender's events while the block runs."""

    def __init__(self, event: str, call: Callable[[], None]) -> None:
        self._handlers: Any = getattr(bpy.app.handlers, event)
        self._call = bpy.app.handlers.persistent(lambda *_: call())

    def __enter__(self) -> None:
        self._handlers.append(self._call)

    def __exit__(self, *_: object) -> None:
        self._handlers.remove(self._call)
