"""Reads and changes which warnings and notes about a scene are ignored.

scene/properties.py defines `scene.renderjuice_ignored`, one entry per check and what it is about.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .check import comparable
from .sent_without import stored

if TYPE_CHECKING:
    import bpy

    from .check import Check

Key = tuple[str, str]
"""The id of a check, and what it is about: a path, the name of a data-block, or its message."""


def read(scene: bpy.types.Scene) -> frozenset[Key]:
    """What is ignored in `scene`."""
    return frozenset((entry.check, _absolute(entry.about)) for entry in entries(scene))


def entries(scene: bpy.types.Scene) -> Any:
    """The entries of `scene`; none where the extension is not enabled."""
    return getattr(scene, "renderjuice_ignored", ())


def key(check: Check) -> Key:
    """What an entry says of a check."""
    about = comparable(check.path) if check.path else check.datablock or check.message
    return check.id, about


def without(checks: list[Check], scene: bpy.types.Scene) -> list[Check]:
    """The checks without those that are ignored in `scene`. An error never is."""
    ignored = read(scene)
    if not ignored:
        return checks
    return [one for one in checks if one.level == "error" or key(one) not in ignored]


def add(scene: bpy.types.Scene, check: Check) -> None:
    """Ignore a check in `scene`."""
    if key(check) not in read(scene):
        entry = entries(scene).add()
        entry.check, about = key(check)
        entry.about = stored(about) if check.path else about
        entry.title = Path(check.path).name if check.path else about


def remove(scene: bpy.types.Scene, check: str, about: str) -> None:
    """Remove the entry with these values, as they are stored."""
    found = entries(scene)
    same = (n for n, entry in enumerate(found) if (entry.check, entry.about) == (check, about))
    index = next(same, -1)
    if index >= 0:
        found.remove(index)


def _absolute(about: str) -> str:
    import bpy

    return comparable(bpy.path.abspath(about)) if about.startswith("//") else about
