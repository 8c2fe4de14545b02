"""Reading JSON whose shape is not quite known."""

from math import isfinite
from typing import Any


def inside(said: Any, *members: str) -> dict[str, Any]:
    """The object that has these members: the answer itself or what "data" or "job" holds."""
    for _ in range(3):
        if not isinstance(said, dict):
            return {}
        if all(member in said for member in members):
            return said
        said = said.get("data", said.get("job"))
    return {}


def unwrapped(said: Any, *wrappers: str) -> Any:
    """What the wrappers hold, where they hold an object or a list; else the answer itself."""
    for _ in range(3):
        if not isinstance(said, dict):
            break
        held = [said[key] for key in wrappers if isinstance(said.get(key), dict | list)]
        if not held:
            break
        said = held[0]
    return said


def items(said: Any) -> list[Any]:
    """A list without empty entries; a single text or object is a list of one."""
    if isinstance(said, list):
        return [one for one in said if one]
    return [said] if said and isinstance(said, str | dict) else []


def text(said: Any) -> str:
    """A text, or "" for anything else."""
    return said if isinstance(said, str) else ""


def number(said: Any) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return said if isfinite(said) else None
    except OverflowError:  # an integer beyond any float
        return None


def count(said: Any) -> int | None:
    """A whole number of at least 0, or None for anything else."""
    value = number(said)
    return None if value is None or value < 0 else int(value)
