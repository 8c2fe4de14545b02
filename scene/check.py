"""Defines Check, a finding about a scene. It is imported when the extension is enabled."""

import functools
import os
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]

MISSING = frozenset({"missing-file", "missing-library", "missing-datablock"})
"""The errors with which a scene can still be sent, if the user says so."""


@dataclass(frozen=True)
class Check:
    """A finding about a scene. An error blocks the submission; warnings and notes do not."""

    id: str
    level: Level
    message: str
    datablock: str | None = None
    path: str | None = None
    fix: str | None = None
    """The operator that repairs it, as named in `bpy.ops`."""
    id_type: str | None = None
    """The type of `datablock`, as `bpy.types.ID.id_type`."""

    @property
    def missing(self) -> str:
        """What is missing, for checks in MISSING, else "": the path of a file, or that of a library
        with `/` and the name of the data-block that it no longer has."""
        if self.id not in MISSING or not self.path:
            return ""
        return f"{self.path}/{self.datablock}" if self.id == "missing-datablock" else self.path

    def as_dict(self) -> dict[str, Any]:
        """The check as JSON."""
        return asdict(self)


def in_order(checks: Sequence[Check]) -> list[Check]:
    """Sort by level: errors, warnings, notes. The sort is stable."""
    return sorted(checks, key=lambda check: ("error", "warning", "note").index(check.level))


def is_allowed(check: Check, allowed: Collection[str]) -> bool:
    """Whether the user has said that the scene is sent without what is missing.

    `allowed` holds what `Check.missing` names, as `comparable` spells it, and ids of checks.
    """
    missing = check.missing
    return missing != "" and (comparable(missing) in allowed or check.id in allowed)


@functools.lru_cache(1024)  # panels ask at each draw
def comparable(path: str) -> str:
    """A path as it is compared: the same for all spellings of one file."""
    return os.path.normcase(os.path.normpath(path))
