"""Helpers that read untrusted JSON of uncertain shape."""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from ..system.redaction import redact

MAX_VALUES = 2_000_000
"""Values in one response. Each takes up to 100 bytes of memory, however short its JSON is."""
MAX_KEPT_VALUES = 20_000
"""Values of a member of any shape, such as `finalConfig`, that is stored."""
MAX_DEPTH = 12
"""Levels of nesting."""
MAX_CHARACTERS = 400
"""Characters of a server's message that are displayed."""
MAX_TEXT_LENGTH = 4000
"""Characters of one text that are stored."""
MAX_DIGITS = 400
MAX_COUNT = 10**9


def parse(content: bytes) -> Any:
    """Parse JSON. Raises ValueError if it is invalid or too large.

    NaN, infinities and numbers of more than MAX_DIGITS become None, lone surrogates become "?".
    """
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError("it is too long")
    try:
        data = json.loads(
            content, parse_int=_number, parse_float=_number, parse_constant=lambda _: None
        )
        if re.search(rb"(?i)\\ud[89a-f]", content):
            data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    return data


def _number(digits: str) -> float | None:
    if len(digits) > MAX_DIGITS:
        return None
    if digits.lstrip("-").isdigit():
        return int(digits)
    return number(float(digits))


def shown(data: str, *secrets: str) -> str:
    """A server's message for display: on one line, redacted, then truncated."""
    words = " ".join("".join(c if c.isprintable() else " " for c in data).split())
    words = redact(words[:MAX_TEXT_LENGTH], *secrets)
    return words if len(words) <= MAX_CHARACTERS else words[: MAX_CHARACTERS - 1] + "…"


def kept(data: Any) -> Any:
    """JSON for storage: redacted and limited in depth; None if it has too many values."""
    waiting, values = [data], 0
    while waiting:
        value = waiting.pop()
        values += 1
        if values > MAX_KEPT_VALUES:
            return None
        waiting += (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        )
    return _limited(data, MAX_DEPTH, lambda words: redact(words[:MAX_TEXT_LENGTH]))


def shallow(data: Any) -> Any:
    """JSON limited to MAX_DEPTH levels, so that it can be compared and printed."""
    return _limited(data, MAX_DEPTH, str)


def _limited(data: Any, depth: int, words: Callable[[str], str]) -> Any:
    if isinstance(data, dict | list) and not depth:
        return "…"
    if isinstance(data, dict):
        return {words(name): _limited(value, depth - 1, words) for name, value in data.items()}
    if isinstance(data, list):
        return [_limited(value, depth - 1, words) for value in data]
    if isinstance(data, str):
        return words(data)
    return data if isinstance(data, bool) else number(data)


def inside(data: Any, *members: str) -> dict[str, Any]:
    """The object that has these members: the response itself, or its "data" or "job"; else {}."""
    for _ in range(3):
        if not isinstance(data, dict):
            return {}
        if all(member in data for member in members):
            return data
        data = data.get("data", data.get("job"))
    return {}


def unwrapped(data: Any, *wrappers: str) -> Any:
    """The object or list in one of the wrappers, up to three levels deep; else `data` itself."""
    for _ in range(3):
        if not isinstance(data, dict):
            break
        held = [data[key] for key in wrappers if isinstance(data.get(key), dict | list)]
        if not held:
            break
        data = held[0]
    return data


def items(data: Any) -> list[Any]:
    """A list without empty entries. A single text or object gives a list of one."""
    if isinstance(data, list):
        return [value for value in data if value]
    return [data] if data and isinstance(data, str | dict) else []


def text(data: Any) -> str:
    """A text, or "" for anything else."""
    return data if isinstance(data, str) else ""


def number(data: Any) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        return None
    try:
        return data if isfinite(data) else None
    except OverflowError:  # an integer that exceeds the range of float
        return None


def count(data: Any) -> int | None:
    """A whole number from 0 to MAX_COUNT, or None for anything else."""
    value = number(data)
    return int(value) if value is not None and 0 <= value <= MAX_COUNT else None
