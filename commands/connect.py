"""The command `connect`, which stores the API key."""

import argparse
import sys

from ..jobs import key
from ..jobs.protocol import TestKey
from ..session import paths
from .results import DONE, ONLINE, USAGE, Failure, Result, disk
from .worker import following, need_online

MAX_BYTES = 1024
"""Bytes of a key, more than any has: a whole file that is piped in by mistake is none."""


def connect(_: argparse.Namespace) -> Result:
    """Read a key from standard input, test it, and store it if the farm accepts it."""
    need_online()
    new = _first_line()
    if not new:
        raise Failure(USAGE, "no-key", "Standard input held no key.", "Pipe it in.")
    with following(new) as follower:
        reply = follower.ask(TestKey(new))
    if reply.error:
        raise Failure.of(ONLINE, reply.error)
    try:
        key.write(paths.state_folder(), new)
    except OSError as error:
        raise disk(error) from error
    print("The key works and is stored.", file=sys.stderr)
    return DONE, {}


def _first_line() -> str:
    """The first line of standard input without the byte order mark of Windows; "" if it is too
    long for a key."""
    line = sys.stdin.buffer.readline(MAX_BYTES + 1)
    return line.decode("utf-8-sig", "replace").strip() if len(line) <= MAX_BYTES else ""
