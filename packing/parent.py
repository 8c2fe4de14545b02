"""The packer's tie to the worker that started it: its standard input, a pipe that the worker holds.

No threads (Blender does not support them): it is looked at between steps.
"""

import json
import logging
import os
import select
import stat
import sys


def step(name: str) -> None:
    """Say what comes next as a line of JSON; end with code 4 if nobody listens any more."""
    if is_gone():
        sys.exit(4)
    _say(step=name)


class Log(logging.Handler):
    """Says what is logged as a line of JSON, from which the worker writes its own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record."""
        message = f"{record.name}: {self.format(record)}"
        _say(level=record.levelno, message=message)


def _say(**said: object) -> None:
    print("renderjuice:" + json.dumps(said), flush=True)


def is_gone() -> bool:
    """Whether the pipe has ended; False where standard input is no pipe (run by hand)."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return False
    except OSError:
        return False
    if sys.platform == "win32":
        return _is_broken_on_windows()
    return bool(select.select([0], [], [], 0)[0]) and os.read(0, 1) == b""


def _is_broken_on_windows() -> bool:
    """Ask without reading: select takes sockets only there."""
    import ctypes
    import msvcrt

    handle = msvcrt.get_osfhandle(0)  # type: ignore[attr-defined, unused-ignore]
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    return not kernel.PeekNamedPipe(handle, None, 0, None, None, None)
