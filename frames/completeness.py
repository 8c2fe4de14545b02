"""Which frames of a job its output files hold."""

import re
from collections.abc import Iterable, Sequence

from ..api.output_file import OutputFile

_DIGITS = re.compile(r"\d+")


def missing(expected: Sequence[int] | None, outputs: Iterable[OutputFile]) -> list[int] | None:
    """Expected frames that no output holds, or None where names do not tell frames apart.

    A frame's number is the last run of digits of its name. None where one number stands twice in
    one view, or a file has a number that was not expected.
    """
    if expected is None:
        return None
    by_view: dict[str, list[int]] = {}
    for output in outputs:
        if output.kind != "frame":
            continue
        number = frame_number(output.file_name or "")
        if number is None:
            return None
        by_view.setdefault(output.view or "", []).append(number)
    wanted = set(expected)
    lacking: set[int] = set() if by_view else wanted
    for found in by_view.values():
        if len(set(found)) != len(found) or not wanted.issuperset(found):
            return None
        lacking |= wanted.difference(found)
    return sorted(lacking)


def frame_number(name: str) -> int | None:
    """The last run of digits of a file's name, its suffix left out."""
    stem = name.rpartition(".")[0] or name
    digits = _DIGITS.findall(stem)
    return int(digits[-1]) if digits else None
