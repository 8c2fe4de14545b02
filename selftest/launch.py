"""Starts the self-test as a process and reads its lines without blocking. In Blender's main thread.

Start: `SelfTest` starts the process. Steady state: `receive` takes in what has come. End: `end` is
set; `close` ends the process before, which then removes what it has made.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import bpy

from ..packing import command
from ..session import paths
from ..session.worker_process import read_available
from ..system.processes import environment, own_group, wait_or_kill
from . import lines
from .lines import End, Line, Setup

MAIN = Path(__file__).with_name("main.py")
SECONDS_TO_QUIT = 20.0
"""A background Blender may have to be ended, and files removed."""
SECONDS_TO_CLOSE = 0.5
"""Maximum wait of Blender's main thread, which stands still."""
MAX_LINES_SAID = 5


class SelfTest:
    """A self-test under way, and what it has said."""

    def __init__(self, report: str = "") -> None:
        """Start it; `report` is where the report goes, if not to a new file. Raises OSError."""
        self.lines: list[Line] = []
        self.end: End | None = None
        """How it has ended; None while it is under way."""
        self._said: list[str] = []
        self._read = b""
        self._process = subprocess.Popen(
            [*_python(), str(MAIN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            **own_group(),
        )
        self._stdin: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._stdout: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        if sys.platform != "win32":
            os.set_blocking(self._stdout.fileno(), False)
        self._stdin.write(lines.encode(_setup(report)))
        self._stdin.flush()

    def receive(self) -> bool:
        """Take in what has come since the last call; return whether anything has."""
        if self.end:
            return False
        ended = self._process.poll() is not None  # before the last look
        data = read_available(self._stdout.fileno())
        *whole, self._read = (self._read + data).split(b"\n")
        for line in whole:
            message = lines.decode(line)
            if isinstance(message, Line):
                self.lines.append(message)
            elif isinstance(message, End):
                self.end = message
            else:
                self._said.append(line.decode("utf-8", "replace").strip())
        if ended and not data and not self.end:
            said = " ".join(self._said[-MAX_LINES_SAID:])
            self.end = End(problem=f"It has ended with code {self._process.returncode}. {said}")
        if self.end:
            self.close()
        return bool(data) or self.end is not None

    @property
    def held(self) -> bool:
        """Whether it has ended and everything held."""
        return self.end is not None and not self.end.problem and lines.all_held(self.lines)

    def close(self) -> None:
        """Tell the process to end, and wait for a moment: it removes what it has made by itself,
        one that is stopped as soon as it goes on."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_CLOSE)
        self._close()

    def close_and_wait(self) -> None:
        """End the process, and wait until it has removed what it has made. For the command line."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        wait_or_kill(self._process, SECONDS_TO_QUIT)
        self._close()

    def _close(self) -> None:
        self._stdout.close()
        self.end = self.end or End(problem="It was stopped.")


def _python() -> list[str]:
    return [sys.executable, *bpy.app.python_args]  # type: ignore[attr-defined]


def _setup(report: str) -> Setup:
    """What the process is told. The temporary folder is on the disk of the jobs, if possible."""
    beside = str(paths.state_folder().parent)
    return Setup(
        python=_python(),
        blender=command.blender(bpy.app.binary_path, sys.executable),
        site_packages=paths.site_packages(),
        folders=[beside, tempfile.gettempdir()],
        report=report,
        versions={"blender": bpy.app.version_string, "renderjuice": _version()},
    )


def _version() -> str:
    """The version in the manifest, which the extension's folder has."""
    import tomllib

    manifest = Path(__file__).parents[1] / "blender_manifest.toml"
    return str(tomllib.loads(manifest.read_text(encoding="utf-8"))["version"])
