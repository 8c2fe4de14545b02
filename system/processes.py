"""How a child process is started, in a group of its own, without a window and without the API key,
and how what it prints is read."""

import os
import sys
from collections.abc import Iterator
from typing import IO, Any

KEY_VARIABLE = "RENDERJUICE_API_KEY"
"""The environment variable that may hold the key. No child needs it: the worker's comes by pipe."""


def environment(**changes: str) -> dict[str, str]:
    """The environment of this process without the key, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    return kept | changes


def own_group() -> dict[str, Any]:
    """Arguments of `Popen` for a group of its own, so that Ctrl-C does not reach it, and for no
    console window."""
    if sys.platform == "win32":
        from subprocess import CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW

        return {"creationflags": CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW}
    return {"start_new_session": True}


def lines(stream: IO[bytes], max_bytes: int) -> Iterator[str]:
    """What is printed into a pipe, without empty lines; of each line `max_bytes` bytes at most."""
    inside = False
    while part := stream.readline(max_bytes):
        text = part.decode("utf-8", "replace").rstrip()
        if text and not inside:
            yield text
        inside = not part.endswith(b"\n")
