"""The processes on this computer, as Linux lists them in /proc.

Other programs run beside a test, and their arguments may be in any encoding.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process. Arguments and environment are decoded as file names are."""

    pid: int
    arguments: tuple[str, ...]
    environment: tuple[str, ...]

    @property
    def command(self) -> str:
        return " ".join(self.arguments)


def processes() -> Iterator[Process]:
    """Yield each process that may be read. One that has just ended has no arguments."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = _texts(folder / "environ")
            arguments = _texts(folder / "cmdline")
        except OSError:  # it has just ended, or it is another user's
            continue
        if arguments:
            yield Process(int(folder.name), arguments, environment)


def _texts(path: Path) -> tuple[str, ...]:
    data = path.read_bytes().removesuffix(b"\0")
    return tuple(os.fsdecode(data).split("\0")) if data else ()
