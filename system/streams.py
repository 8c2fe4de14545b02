"""Standard output and error that end no command: closed ones, and ones that nobody reads.

What goes there holds names from files of others, so no control character gets to the terminal.
"""

import contextlib
import os
import re
import sys
from typing import Any

TO_END_OF_LINE = "\033[K"
"""Clears the rest of a terminal's line; the only such code that is written, always alone."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Tolerant:
    """A standard stream whose loss ends nothing: once a write fails, the rest is dropped.

    Where `strict`, only a reader that has gone away is a loss; other errors, such as a full disk,
    are raised once.
    """

    def __init__(self, stream: Any, *, strict: bool) -> None:
        self._stream = stream
        self._strict = strict

    def write(self, text: str) -> int:
        """Write the text, or drop it. Raises OSError if `strict`."""
        shown = text if text == TO_END_OF_LINE else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
        self._try(lambda: self._stream.write(shown))
        return len(text)

    def flush(self) -> None:
        """Flush what was written, or drop it. Raises OSError if `strict`."""
        self._try(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _try(self, action: Any) -> None:
        try:
            action()
        except OSError as error:
            self._drop()
            if self._strict and not isinstance(error, BrokenPipeError):
                raise

    def _drop(self) -> None:
        """Lead the stream to nowhere, with what it still holds: Python flushes it at its end."""
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def provide() -> None:
    """Make the standard streams such that a command may use them whatever they are.

    A result that a full disk does not take is an error; progress is none.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if isinstance(stream, Tolerant):
            continue
        if stream is None:  # it was closed before Python started
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        elif name == "stdout" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # of undecodable bytes in file names
        setattr(sys, name, Tolerant(stream, strict=name == "stdout"))


def one_line(text: str) -> str:
    """A name or a sentence that may hold anything, on one line without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())
