"""Checks the arguments of scripting.py, and durations of the command line: one place for both."""

import contextlib
import math
import numbers
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Never

from ..scene import baking


class WrongArgument(Exception):
    """An argument has the wrong type or value; the text names it."""


def checked(**given: Any) -> dict[str, Any]:
    """The arguments in the types that the rest of the code takes. Raises WrongArgument."""
    return {name: _TAKES[name](name, value) for name, value in given.items()}


def duration(name: str, value: Any) -> float:
    """Seconds or minutes: a finite number from 0 on. Raises WrongArgument."""
    number = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):
            number = float(value)
    if not (math.isfinite(number) and number >= 0):
        _refuse(name, "a finite number from 0 on", value)
    return number


def _duration_or_none(name: str, value: Any) -> float | None:
    return None if value is None else duration(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(name, "a string", value)
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):  # the string "no" is true
        _refuse(name, "True or False", value)
    return value


def _path(name: str, value: Any) -> str:
    if not isinstance(value, str | bytes | os.PathLike):
        _refuse(name, "a path", value)
    path = os.fsdecode(value)
    if "\0" in path:
        _refuse(name, "a path", value)
    return path


def _paths(name: str, value: Any) -> list[str]:
    """Several paths, or one: a string is not read letter by letter."""
    if isinstance(value, str | bytes | os.PathLike):
        return [_path(name, value)]
    if not isinstance(value, Iterable):
        _refuse(name, "a list of paths and ids of checks", value)
    return [_path(name, one) for one in value]


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value):
        _refuse(name, "a dictionary of API names", value)
    return value


def _bake(name: str, value: Any) -> str:
    if value not in ("", *baking.MODES):
        _refuse(name, f'"" or one of {", ".join(baking.MODES)}', value)
    return str(value)


def _refuse(name: str, wanted: str, value: Any) -> Never:
    try:
        shown = reprlib.repr(value)
    except ValueError:  # an integer of more digits than Python writes
        shown = "that"
    raise WrongArgument(f"{name} must be {wanted}, not {shown}.")


_TAKES: dict[str, Callable[[str, Any], Any]] = {
    "id": _text,
    "frames": _text,
    "still": _flag,
    "settings": _mapping,
    "folder": _path,
    "overwrite": _flag,
    "allow": _paths,
    "bake": _bake,
    "timeout": _duration_or_none,
    "patience": duration,
}
