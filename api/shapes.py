"""Reading JSON whose shape is not quite known, from whoever sent it."""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from ..system.redaction import redact

MAX_VALUES = 2_000_000
"""In one answer. Each takes up to 100 bytes of memory, however short it is written."""
MAX_KEPT_VALUES = 20_000
"""Values of free form that are kept of an answer, and how deep they may be nested."""
MAX_DEPTH = 12
MAX_CHARACTERS = 400
"""Characters of a server's words that are shown."""
MAX_TEXT_LENGTH = 4000
MAX_DIGITS = 400
MAX_COUNT = 10**9


def parse(content: bytes) -> Any:
    """JSON as plain data. Raises ValueError where it is none, or holds too much.

    NaN and numbers that no computer counts with are None, and half a character is a question mark.
    """
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError("it is too long")
    try:
        said = json.loads(
            content, parse_int=_number, parse_float=_number, parse_constant=lambda _: None
        )
        if re.search(rb"(?i)\\ud[89a-f]", content):
            said = json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    return said


def _number(digits: str) -> float | None:
    if len(digits) > MAX_DIGITS:
        return None
    if digits.lstrip("-").isdigit():
        return int(digits)
    return number(float(digits))


def shown(said: str, *secrets: str) -> str:
    """A server's words on one line, without secrets, and shortened only then."""
    words = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    words = redact(words[:MAX_TEXT_LENGTH], *secrets)
    return words if len(words) <= MAX_CHARACTERS else words[: MAX_CHARACTERS - 1] + "…"


def kept(said: Any) -> Any:
    """JSON of any form as it may be kept: without secrets and depth; None where it is too much."""
    waiting, values = [said], 0
    while waiting:
        one = waiting.pop()
        values += 1
        if values > MAX_KEPT_VALUES:
            return None
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return _copy(said, MAX_DEPTH, lambda words: redact(words[:MAX_TEXT_LENGTH]))


def shallow(said: Any) -> Any:
    """JSON without what is nested too deep for comparing and printing."""
    return _copy(said, MAX_DEPTH, str)


def _copy(said: Any, depth: int, words: Callable[[str], str]) -> Any:
    if isinstance(said, dict | list) and not depth:
        return "…"
    if isinstance(said, dict):
        return {words(name): _copy(one, depth - 1, words) for name, one in said.items()}
    if isinstance(said, list):
        return [_copy(one, depth - 1, words) for one in said]
    if isinstance(said, str):
        return words(said)
    return said if isinstance(said, bool) else number(said)


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
    return int(value) if value is not None and 0 <= value <= MAX_COUNT else None
