"""Opens and saves .blend files in the packer's Blender, and says so to the worker."""

# ruff: noqa: PTH119 (Blender's paths are strings)

import os
import sys
from pathlib import Path
from typing import Any

import bpy

from . import manifest
from .parent import step


def open_file(path: str) -> None:
    """Open `path` without running its scripts."""
    step(f"opening {os.path.basename(path)}")
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=True, use_scripts=False)


def save(path: Path) -> str:
    """Save the open file to `path` with its paths as they are. Ends the process if it cannot."""
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
        sys.exit(manifest.NOT_WRITTEN)
    return str(path)


def show(name: str) -> Any:
    """Make the scene `name` the one that opens with the file. Ends the process without one."""
    scenes: Any = bpy.data.scenes
    scene = scenes.get((name, None))  # None: the file's own, not a linked one
    if scene is None:
        linked = scenes.get(name)
        if linked is None:
            sys.exit(f'The saved copy has no scene "{name}".')
        scene = linked.make_local()  # or nothing of it could be set
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            window.scene = scene
    return scene
