"""Handles the signals that ask a command to end: Ctrl-C, SIGTERM, the end of the terminal.

Blender ignores the first, and the others end a process at once, with all that it has made left.
"""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = tuple(
    signal.Signals[name]
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if name in signal.Signals.__members__
)


@contextlib.contextmanager
def raising() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block for each of SIGNALS that is not ignored, as by nohup."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            # None stands for Blender's C handler, which Python cannot restore.
            signal.signal(number, handler or signal.SIG_DFL)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Raise KeyboardInterrupt after the block for signals of `raising` that come within it.

    For what must not stop half-way, and for calls of Blender: it swallows what is raised in the
    Python that it calls.
    """
    with Flag() as flag:
        yield
    if flag.raised:
        raise KeyboardInterrupt


class Flag:
    """A context manager in which signals of `raising`, and `more`, set `raised` only."""

    def __init__(self, *more: signal.Signals) -> None:
        self.raised = False
        self._more = more

    def __enter__(self) -> "Flag":
        self._before = {
            number: handler
            for number in SIGNALS
            if (handler := signal.getsignal(number)) is _raise or number in self._more
        }
        for number in self._before:
            signal.signal(number, self._raise)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # as in `raising`

    def _raise(self, *_: object) -> None:
        self.raised = True


def _raise(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
