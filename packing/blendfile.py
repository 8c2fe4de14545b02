"""Opens and saves .blend files in the packer's Blender without evaluating them.

Blender evaluates the scenes of its windows after loading a file, and around each operator. That
takes time and memory, runs uncached simulations, and deletes an outdated fluid cache from the
user's disk. So all windows show an empty scene, from before the first evaluation until the file is
being written.
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
    """Open `path` without running its scripts; return its active scene.

    Raises RuntimeError if Blender cannot read it.
    """
    step(f"opening {os.path.basename(path)}")
    shown = []

    def show_nothing() -> None:
        shown.append(bpy.context.scene)
        show_empty()

    with _Handler("load_post", show_nothing):
        try:
            bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)
        except RuntimeError:
            if not shown:  # else the file is open, and only a library is unreadable
                raise
    return shown[0]


def open_shown(path: str) -> Any:
    """Open `path` with its scene in the windows, which evaluates it; return the scene.

    Before Blender 5.2 a scene that is shown later is never simulated.
    """
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)
    return bpy.context.scene


def open_copy(path: str, scene: str) -> Any:
    """Open the saved copy at `path`, make its library paths absolute, and return its `scene`.

    Blender makes the paths of indirectly linked libraries relative to the copy; all other paths are
    as in the original. Ends the process if there is no such scene.
    """
    open_file(path)
    for library in bpy.data.libraries:
        if library.filepath.startswith("//") and not walk.is_packed(library):
            library.filepath = layout.absolute(library.filepath, os.path.dirname(path))
    scenes: Any = bpy.data.scenes
    own = scenes.get((scene, None))  # None stands for the file itself, not a library
    if own is not None:
        return own
    linked = scenes.get(scene)
    if linked is None:
        sys.exit(f'The saved copy has no scene "{scene}".')
    return linked.make_local()  # a linked scene is read-only


def save(path: Path, scene: Any, *, as_copy: bool = True) -> str:
    """Save the open file to `path`, with `scene` active and its paths unchanged.

    Unless `as_copy`, the open file has the new path from then on, and so does `//`. Ends the
    process if it cannot be saved.
    """
    step(f"saving {path.name}")

    def show_scene() -> None:
        empty = bpy.data.scenes[EMPTY]
        empty.user_remap(scene)  # setting window.scene would evaluate it
        bpy.data.scenes.remove(empty)

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _Handler("save_pre", show_scene), _Handler("save_post", show_empty):
            bpy.ops.wm.save_as_mainfile(
                filepath=str(path), copy=as_copy, compress=True, relative_remap=False
            )
        libraries: Any = bpy.data.libraries
        if as_copy:
            with libraries.load(str(path)):
                pass  # on a full disk Blender 4.5 writes a truncated file and reports no error
    except (OSError, RuntimeError) as error:
        logging.getLogger(__name__).error("%s", error)
        sys.exit(manifest.NOT_WRITTEN)
    return str(path)


def show_empty() -> None:
    """Set every window to an empty scene."""
    empty = bpy.data.scenes.new(EMPTY)
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            window.scene = empty


class _Handler:
    """Adds a function to one of `bpy.app.handlers` during the block."""

    def __init__(self, event: str, call: Callable[[], None]) -> None:
        self._handlers: Any = getattr(bpy.app.handlers, event)
        self._call = bpy.app.handlers.persistent(lambda *_: call())

    def __enter__(self) -> None:
        self._handlers.append(self._call)

    def __exit__(self, *_: object) -> None:
        self._handlers.remove(self._call)
