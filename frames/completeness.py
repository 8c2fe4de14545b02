"""Which frames of a job its output files hold. What is not known is not taken for good."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..api.output_file import OutputFile

_DIGITS = re.compile(r"\d+")
_MAX_RUNS = 8  # of digits in a name
_MAX_DIGITS = 9  # digits: Blender's last frame has seven


@dataclass(frozen=True)
class Completeness:
    """`missing` has the frames that are known to be missing, and is None where names do not tell.

    `complete` only where each expected frame of each view is there.
    """

    missing: list[int] | None
    complete: bool


def judge(
    expected: Sequence[int] | None,
    outputs: Iterable[OutputFile],
    names: Sequence[Sequence[str]] | None = None,
) -> Completeness:
    """Compare the files of kind `frame` with the `expected` frames.

    `names` are those that the output path makes, one for each view: the view's name and suffix,
    and what stands before and behind the frame's number (scene/output_names.py). Where no file has
    such a name, the digits that tell most files apart are the numbers; where there are none, files
    are counted. With `expected` None nothing can be missing.
    """
    if expected is None:
        return Completeness(None, True)
    wanted = set(expected)
    frames = [output for output in outputs if output.kind == "frame" and output.url]
    if not frames:
        return Completeness(sorted(wanted), not wanted)
    views = [tuple(name) for name in names or () if len(name) == 4]
    found = [_by_name(frames, *view) for view in views]
    if any(found):
        lacking = set().union(*(wanted - numbers for numbers in found))
        return Completeness(sorted(lacking), not lacking)
    return _by_digits(wanted, frames, len(views))


def _by_name(
    frames: Sequence[OutputFile], view: str, suffix: str, begin: str, end: str
) -> set[int]:
    """The numbers of the files that have a view's name, with any suffix of a format."""
    number, extension = rf"(-?\d{{1,{_MAX_DIGITS}}})", r"(?:\.\w{1,8})?"
    own = re.compile(f"{re.escape(begin)}{number}{re.escape(end)}{extension}")
    # A farm may say the view beside the name instead of in it.
    bare_end = re.escape(end.removesuffix(suffix))
    bare = re.compile(f"{re.escape(begin)}{number}{bare_end}{extension}")
    said = {view.casefold(), suffix.strip("_").casefold()} - {""}
    found = set()
    for output in frames:
        match = own.fullmatch(output.file_name)
        if match is None and (output.view or "").strip("_").casefold() in said:
            match = bare.fullmatch(output.file_name)
        if match:
            found.add(int(match[1]))
    return found


def _by_digits(wanted: set[int], frames: Sequence[OutputFile], views: int) -> Completeness:
    """By the run of digits that tells most of a view's files apart, the last one of equals."""
    by_view: dict[str, list[str]] = {}
    for output in frames:
        by_view.setdefault(output.view or "", []).append(output.file_name)
    lacking = set(wanted) if len(by_view) < views else set()
    for listed in by_view.values():
        numbers = _numbers(listed)
        if numbers is None:
            if len(listed) != len(wanted) or lacking:
                return Completeness(None, False)
        elif not numbers & wanted:
            return Completeness(None, False)
        else:
            lacking |= wanted - numbers
    return Completeness(sorted(lacking) if _have_numbers(by_view) else None, not lacking)


def _have_numbers(by_view: dict[str, list[str]]) -> bool:
    return all(_numbers(listed) is not None for listed in by_view.values())


def _numbers(names: Sequence[str]) -> set[int] | None:
    """The numbers that tell the names apart; None where none has any."""
    groups: dict[tuple[str, str], set[int]] = {}
    for name in names:
        for run in reversed(_runs(name)):
            key = name[: run.start()], name[run.end() :]
            groups.setdefault(key, set()).add(int(run[0]))
    return max(groups.values(), key=len, default=None)


def frame_number(name: str) -> int | None:
    """The last run of digits of a file's name, its suffix left out."""
    runs = _runs(name)
    return int(runs[-1][0]) if runs else None


def _runs(name: str) -> list[re.Match[str]]:
    stem = name.rpartition(".")[0] or name
    runs = list(_DIGITS.finditer(stem))[-_MAX_RUNS:]
    return [run for run in runs if len(run[0]) <= _MAX_DIGITS]
