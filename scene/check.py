"""Defines Check, a finding about a scene. It is imported when the extension is enabled."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]


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

    def as_dict(self) -> dict[str, Any]:
        """The check as JSON."""
        return asdict(self)


def in_order(checks: Sequence[Check]) -> list[Check]:
    """Sort by level: errors, warnings, notes. The sort is stable."""
    return sorted(checks, key=lambda check: ("error", "warning", "note").index(check.level))
