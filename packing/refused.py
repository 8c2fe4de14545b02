"""Removes files that must not be packed from a scene's references. No bpy.

These are the extension's own files, among them the API key, and files whose content is not what
Blender reads from that path.
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

OWN_FILES = re.compile(r"jobs|scratch|key|worker\..*|origin-.*")
"""The names of the extension's files in its state folder."""


class Private:
    """The private files in the state folder. `original` is the path of the user's .blend."""

    def __init__(self, state: str, original: str) -> None:
        self._state = os.path.join(os.path.realpath(state), "") if state else ""
        self._holds_projects = bool(state) and self._below(original) != ""

    def holds(self, path: str) -> bool:
        """Whether a file, after resolving links, is the extension's own.

        If the state folder also holds the project, only OWN_FILES are private.
        """
        below = self._below(path)
        first = below.partition(os.sep)[0]
        return below != "" and not (self._holds_projects and not OWN_FILES.fullmatch(first))

    def _below(self, path: str) -> str:
        """The path relative to the state folder; "" if it is outside."""
        real = os.path.realpath(path)
        is_below = bool(self._state) and real.startswith(self._state)
        return real.removeprefix(self._state) if is_below else ""


def remove_refused(id: Any, reference: Reference, private: Private) -> Iterator[Check]:
    """Remove refused files from a reference; yield a check per file, or one per cache folder."""
    kept, unknown = [], []
    named = needed.name(id, reference.part)
    for path in reference.files:
        refusal = _refusal(id, path, named, reference, private)
        if refusal is None:
            kept.append(path)
        elif refusal[0] == "wrong-content" and reference.content in content.FOLDERS:
            unknown.append(path)
        else:
            yield limits.check(refusal[0], id, refusal[1], "error", path=path)
    if unknown:
        folder, count, first = reference.path, len(unknown), os.path.basename(unknown[0])
        message = (
            f"{folder}, used by {named}, holds {count} files that belong to no cache, such as"
            f" {first}. They are not sent."
        )
        yield limits.check("other-files", id, message, "note", path=folder)
    reference.files = kept


def _refusal(
    id: Any, path: str, named: str, reference: Reference, private: Private
) -> tuple[str, str] | None:
    """A check's id and message if the file at `path` must not be packed, else None."""
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
    """True for an unreadable file, which is reported when the package is written."""
    with contextlib.suppress(OSError):
        return content.belongs_to_cache(path, folder, kind)
    return True
