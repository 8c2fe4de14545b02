"""Takes out of the paths in a scene what must not travel, whoever named it. No bpy.

Nothing of Renderjuice's own folder, where the API key is, and nothing whose content is not what
Blender would read at that place.
"""

# ruff: noqa: PTH118, PTH119 (Blender's paths are strings)

import contextlib
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ..scene.checks import Check
from . import content, limits, needed
from .reference import Reference

OWN = re.compile(r"jobs|scratch|key|worker\..*|origin-.*")
"""What Renderjuice keeps in its state folder."""


class Private:
    """What lies in the state folder. `original` is the artist's .blend."""

    def __init__(self, state: str, original: str) -> None:
        self._state = os.path.join(os.path.realpath(state), "") if state else ""
        self._holds_projects = bool(state) and self._below(original) != ""

    def holds(self, path: str) -> bool:
        """Whether the file is Renderjuice's own, also where a link leads to it.

        Where somebody has chosen the folder of a project, the rest of it is the project's.
        """
        below = self._below(path)
        first = below.partition(os.sep)[0]
        return below != "" and not (self._holds_projects and not OWN.fullmatch(first))

    def _below(self, path: str) -> str:
        """The path below the state folder; "" where it is elsewhere."""
        real = os.path.realpath(path)
        is_below = bool(self._state) and real.startswith(self._state)
        return real.removeprefix(self._state) if is_below else ""


def take_out(id: Any, reference: Reference, private: Private) -> Iterator[Check]:
    """Take what must not travel out of a reference's files; a check for each, or for a folder."""
    kept, strange = [], []
    named = needed.name(id, reference.part)
    for path in reference.files:
        refusal = _refusal(id, path, named, reference, private)
        if refusal is None:
            kept.append(path)
        elif refusal[0] == "wrong-content" and reference.content in content.FOLDERS:
            strange.append(path)
        else:
            yield limits.check(refusal[0], id, refusal[1], "error", path=path)
    if strange:
        folder, count, first = reference.path, len(strange), os.path.basename(strange[0])
        message = (
            f"{folder}, used by {named}, holds {count} files that belong to no cache, such as"
            f" {first}. They are not sent."
        )
        yield limits.check("other-files", id, message, "note", path=folder)
    reference.files = kept


def _refusal(
    id: Any, path: str, named: str, reference: Reference, private: Private
) -> tuple[str, str] | None:
    """A check's name and its sentence where the file at `path` must not travel."""
    if private.holds(path):
        return "own-file", (
            f"{path}, used by {named}, is one of Renderjuice's own files, and is not sent."
            " Choose another file."
        )
    if _is_pointer(path):
        return "lfs-pointer", (
            f"{path}, used by {named}, is a pointer of Git LFS and not the file itself."
            " Fetch it with git lfs pull."
        )
    if id.id_type == "LIBRARY" and id.is_missing:
        return "unreadable-library", (
            f"{path}, used by {named}, cannot be read by this Blender: it is damaged, or a newer"
            " Blender wrote it. It is not sent."
        )
    folder = reference.path if reference.content in content.FOLDERS else ""
    if reference.content and not _belongs(path, folder, reference.content):
        return "wrong-content", (
            f"{path}, used by {named}, does not hold what Blender reads there, and is not sent."
            " Choose another file."
        )
    return None


@cache
def _is_pointer(path: str) -> bool:
    with contextlib.suppress(OSError):
        return content.is_pointer(path)
    return False


@cache
def _belongs(path: str, folder: str, kind: str) -> bool:
    """One that cannot be read is named when the package is written."""
    with contextlib.suppress(OSError):
        return content.belongs(path, folder, kind)
    return True
