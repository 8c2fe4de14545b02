"""Arguments and environment for child processes, and reading of their output.

A child has its own process group, no console window, and no API key in its environment.
"""

import os
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

KEY_VARIABLE = "RENDERJUICE_API_KEY"
"""The environment variable of the key. Children do not inherit it; the worker reads it by pipe."""
CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW = 0x200, 0x8000000
CREATE_BREAKAWAY_FROM_JOB = 0x1000000
"""As `subprocess` has them on Windows only."""


def environment(**changes: str) -> dict[str, str]:
    """The environment of this process without the key, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    return kept | changes


def own_group(platform: str = sys.platform) -> dict[str, Any]:
    """Arguments of `Popen` for a new process group, which Ctrl-C does not reach, and no console."""
    if platform == "win32":
        return {"creationflags": CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW}
    return {"start_new_session": True}


def outliving(platform: str = sys.platform) -> dict[str, Any]:
    """As `own_group`, for a child that does not end with this process (see job_object.py)."""
    arguments = own_group(platform)
    if platform == "win32":
        arguments["creationflags"] |= CREATE_BREAKAWAY_FROM_JOB
    return arguments


def wait_or_kill(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait until a child that has been told to end does so; kill it after `seconds`."""
    import subprocess

    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def lines(stream: IO[bytes], max_bytes: int) -> Iterator[str]:
    """The non-empty lines of a pipe, each truncated to `max_bytes`."""
    inside = False
    while part := stream.readline(max_bytes):
        text = part.decode("utf-8", "replace").rstrip()
        if text and not inside:
            yield text
        inside = not part.endswith(b"\n")
