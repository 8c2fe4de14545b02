"""Groups missing files: those of one kind in one folder are one finding for people. No bpy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .check import Check, Level

_IDS = frozenset({"missing-file", "missing-library", "missing-unrendered"})
_TITLES = {
    "IMAGE": ("{count} image is missing in {folder}", "{count} images are missing in {folder}"),
    "LIBRARY": (
        "{count} library is missing in {folder}",
        "{count} libraries are missing in {folder}",
    ),
}
_FILES = ("{count} file is missing in {folder}", "{count} files are missing in {folder}")
_AS_YOU_SAID = (
    "The scene is sent without it, as you said.",
    "The scene is sent without them, as you said.",
)
_UNSEEN = ("Nothing that is rendered shows it.", "Nothing that is rendered shows them.")

Key = tuple[str, Level, str | None, str]
"""What the checks of a group have in common: id, level, `id_type` and folder."""


@dataclass(frozen=True)
class Group:
    """Missing files of one kind in one folder, each with a check of its own."""

    checks: tuple[Check, ...]
    """One for each file."""
    titles: tuple[str, str]
    """What is missing, in one line with {count} and {folder}: for one file, and for more."""
    folder: str
    why: str
    """What that means, as a sentence; "" for an error."""

    @property
    def level(self) -> Level:
        """The level of each check."""
        return self.checks[0].level


def name_of(one: Check) -> str:
    """The name of a missing file."""
    return os.path.basename(one.path or "")  # noqa: PTH119 (of any system)


def grouped(found: Sequence[Check]) -> list[Check | Group]:
    """The checks in their order, with a group in the place of its first missing file."""
    groups: dict[Key | int, dict[str | None, Check]] = {}
    for number, one in enumerate(found):
        files = groups.setdefault(key_of(one) or number, {})
        files.setdefault(one.path, one)  # several data-blocks may use it
    return [
        _group(key, tuple(files.values())) if isinstance(key, tuple) else next(iter(files.values()))
        for key, files in groups.items()
    ]


def key_of(one: Check) -> Key | None:
    """What decides to which group a check belongs; None for one that belongs to none."""
    if one.id not in _IDS or not one.path:
        return None
    return one.id, one.level, one.id_type, os.path.dirname(one.path)  # noqa: PTH120


def in_the_groups_of(some: Iterable[Check], found: Iterable[Check]) -> list[Check]:
    """Those of the checks `found` that belong to the groups of `some`."""
    keys = {key_of(one) for one in some}
    return [one for one in found if key_of(one) in keys]


def _group(key: Key, checks: tuple[Check, ...]) -> Group:
    id, level, id_type, folder = key
    why = ("", "")
    if level != "error":
        why = _AS_YOU_SAID
    if id == "missing-unrendered":
        why = _UNSEEN
    return Group(checks, _TITLES.get(id_type or "", _FILES), folder, why[len(checks) > 1])
