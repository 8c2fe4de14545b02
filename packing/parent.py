"""Connects the packer to the worker that started it.

The worker holds the pipe to the packer's stdin: its end means that the worker is gone. The packer
polls it between steps, because Blender does not support Python threads. Steps and log records go to
stdout as lines of JSON.
"""

import json
import logging
import os
import select
import stat
import sys


def step(name: str) -> None:
    """Report the next step as a line of JSON; exit with code 4 if the worker is gone."""
    if is_gone():
        os._exit(4)  # the bpy module may hang in a regular exit
    _write_line(step=name)


class Log(logging.Handler):
    """Writes log records as lines of JSON, which the worker adds to its own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        message = f"{record.name}: {self.format(record)}"
        _write_line(level=record.levelno, message=message)


def _write_line(**message: object) -> None:
    print("renderjuice:" + json.dumps(message), flush=True)


def is_gone() -> bool:
    """Whether the pipe has ended; False if stdin is not a pipe (run manually)."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return False
    except OSError:
        return False
    if sys.platform == "win32":
        return _is_broken_on_windows()
    return bool(select.select([0], [], [], 0)[0]) and os.read(0, 1) == b""


def _is_broken_on_windows() -> bool:
    """Peek at the pipe, because select supports only sockets on Windows."""
    import ctypes
    import msvcrt

    handle = msvcrt.get_osfhandle(0)  # type: ignore[attr-defined, unused-ignore]
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    return not kernel.PeekNamedPipe(handle, None, 0, None, None, None)
