"""Parses and formats frame ranges such as `1-100, 120, 130-200x5`.

Parts are separated by commas. A part is a frame or a range `first-last`, with an optional step
`xN`, counted from `first`. Ranges may run backwards and overlap; frames may be negative (`-10--5`).
Spaces are allowed except inside a number.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

LIMIT = 1_000_000
"""The maximum number of frames in one text, duplicates included."""

FRAME_MAX = 1_048_574
"""Blender's last frame (MAXFRAME in DNA_scene_types.h); the first is `-FRAME_MAX`."""

_DIGITS = "0123456789"


class FrameError(ValueError):
    """The text is not a list of frames. `position` is the character index of the error."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def parse(text: str) -> list[int]:
    """The frames in `text`, sorted, without duplicates. Raises FrameError."""
    return _Reader(text).frames()


def pairs(frames: Iterable[int]) -> list[list[int]]:
    """Frames as [first, last] pairs: 1, 2, 3, 7 gives [[1, 3], [7, 7]]."""
    result: list[list[int]] = []
    for frame in sorted(set(frames)):
        if result and frame == result[-1][1] + 1:
            result[-1][1] = frame
        else:
            result.append([frame, frame])
    return result


def numbers(ranges: Iterable[Sequence[int]]) -> list[int]:
    """The frames of [first, last] pairs."""
    return [frame for first, last in ranges for frame in range(first, last + 1)]


def compact(frames: Iterable[int]) -> list[str]:
    """Frames in the API's form: "first-last" for a range, "7" for a single frame, no steps."""
    return [str(first) if first == last else f"{first}-{last}" for first, last in pairs(frames)]


def as_text(frames: Sequence[int]) -> str:
    """Format sorted `frames` for `parse`, with a step if it is constant."""
    if len(frames) > 2:
        first, last, step = progression(frames)
        if step > 1:
            return f"{first}-{last}x{step}"
    return ", ".join(compact(frames))


def progression(frames: Sequence[int]) -> tuple[int, int, int]:
    """Blender's start, end and step for sorted `frames`, which must not be empty.

    If the step is not constant, it is 1 and the range includes more than the frames.
    """
    first, last = frames[0], frames[-1]
    step = frames[1] - first if len(frames) > 1 else 1
    even = all(b - a == step for a, b in pairwise(frames))
    return first, last, step if even else 1


class _Reader:
    """A recursive-descent parser for one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def frames(self) -> list[int]:
        if self._at_end():
            raise FrameError("No frames are named. Write frames like 1-100, 120.", 0)
        found: set[int] = set()
        named = 0
        while True:
            start = self._skip()
            part = self._part()
            named += len(part)
            if named > LIMIT:
                raise FrameError(f"More than {LIMIT:,} frames.", start)
            found.update(part)
            if self._at_end():
                return sorted(found)
            if not self._take(","):
                raise self._unexpected("a comma or the end")

    def _part(self) -> range:
        first = self._frame()
        if not self._take("-"):
            return range(first, first + 1)
        last = self._frame()
        step = self._step() if self._take("x") else 1
        return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)

    def _step(self) -> int:
        start = self._skip()
        step = self._number("a step")
        if step == 0:
            raise FrameError("A step of 0 never ends: write x1 or more.", start)
        return step

    def _frame(self) -> int:
        start = self._skip()
        negative = self._take("-")
        frame = self._number("a frame")
        if frame > FRAME_MAX:
            raise FrameError(f"Blender's frames end at {FRAME_MAX:,}.", start)
        return -frame if negative else frame

    def _number(self, wanted: str) -> int:
        self._skip()
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in _DIGITS:
            self.at += 1
        if self.at == start:
            raise self._unexpected(wanted)
        digits = self.text[start : self.at].lstrip("0") or "0"
        return int(digits) if len(digits) <= len(str(FRAME_MAX)) else FRAME_MAX + 1

    def _skip(self) -> int:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at

    def _take(self, mark: str) -> bool:
        self._skip()
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def _at_end(self) -> bool:
        return self._skip() == len(self.text)

    def _unexpected(self, wanted: str) -> FrameError:
        if self._at_end():
            return FrameError(f"{wanted.capitalize()} is missing at the end.", self.at)
        found = self.text[self.at]
        message = f"“{found}” at character {self.at + 1} is not {wanted}."
        return FrameError(f"{message} Write frames like 1-100, 120, 130-200x5.", self.at)
