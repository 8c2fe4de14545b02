"""A finding: one thing to know before a render. Imported when the extension is enabled."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Check:
    """One thing to know before a render. An error stands in the way; the others are to be read."""

    id: str
    level: Level
    message: str
    datablock: str | None = None
    path: str | None = None
    fix: str | None = None
    """The operator that repairs it, as `bpy.ops` calls it, where there is one."""
    id_type: str | None = None
    """The type of `datablock`, as `bpy.types.ID.id_type`."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def in_order(checks: Sequence[Check]) -> list[Check]:
    """Errors before warnings before notes, otherwise as they came."""
    return sorted(checks, key=lambda check: ("error", "warning", "note").index(check.level))
