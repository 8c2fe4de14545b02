"""Reads and changes what a scene is sent without: missing files that the user has acknowledged.

scene/properties.py defines `scene.renderjuice_sent_without`, one entry per file. A path below the
folder of the .blend is stored relative to it, so that a project can be moved.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .check import comparable

if TYPE_CHECKING:
    import bpy


def read(scene: bpy.types.Scene) -> frozenset[str]:
    """What `scene` is sent without, for check.is_allowed."""
    import bpy

    return frozenset(comparable(bpy.path.abspath(entry.path)) for entry in entries(scene))


def entries(scene: bpy.types.Scene) -> Any:
    """The entries of `scene`; none where the extension is not enabled."""
    return getattr(scene, "renderjuice_sent_without", ())


def add(scene: bpy.types.Scene, missing: str) -> None:
    """Send `scene` without what `Check.missing` names."""
    if comparable(missing) not in read(scene):
        entries(scene).add().path = stored(missing)


def remove(scene: bpy.types.Scene, path: str) -> None:
    """Remove the entry with this path, as it is stored."""
    found = entries(scene)
    index = next((n for n, entry in enumerate(found) if entry.path == path), -1)
    if index >= 0:
        found.remove(index)


def stored(path: str) -> str:
    """A path as it is kept with the open file."""
    import bpy

    below = bpy.data.filepath and Path(path).is_relative_to(bpy.path.abspath("//"))
    return bpy.path.relpath(path).replace(os.sep, "/") if below else path
