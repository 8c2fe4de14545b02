"""Checks before anything is sent: plain data in, sentences out. Pure, no bpy."""

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
    """The operator that repairs it."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
