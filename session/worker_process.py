"""Owns a worker process and the pipes to it.

Start: `Link` starts the process and writes its WorkerConfig. Steady state: `send` writes commands
and `receive` reads events, both without blocking; commands that a worker does not read are kept, up
to MAX_KEPT_BYTES. End: `end` closes stdin, which the worker takes as the order to exit; `has_ended`
kills one that does not within SECONDS_TO_QUIT. `close` and `close_all` also wait.

It imports neither bpy nor anything else that Blender's process must not load.
"""

import contextlib
import errno
import os
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from ..jobs.protocol import Command, Jobs, ReceivedEvent, Unknown, WorkerConfig, decode, encode
from ..jobs.snapshot import JobChange, JobSnapshot
from ..jobs.worker_events import JobChanges
from ..system.files import ensure_private, open_private
from ..system.outgoing_pipe import OutgoingPipe
from ..system.processes import environment, own_group, wait_or_kill

WORKER = Path(__file__).parents[1] / "worker" / "main.py"
MAX_READ_BYTES = 64 * 1024
MAX_MESSAGE_BYTES = 4096
MAX_KEPT_BYTES = 64 * 1024
"""Bytes of commands that are kept for a worker that does not read: some hundred of them."""
SECONDS_TO_QUIT = 3.0
SECONDS_TO_CLOSE = 0.5
"""Maximum wait of Blender's main thread, which stands still, for workers to exit."""


class Link:
    """One worker process."""

    def __init__(self, python: Sequence[str], config: WorkerConfig, log: Path) -> None:
        """Start a worker with the Python at `python`. Raises OSError.

        The key is passed in `config`, through the pipe, never by arguments or environment.
        """
        self._commands = OutgoingPipe(MAX_KEPT_BYTES)
        try:
            with _open_log(log) as stderr:
                self._process = subprocess.Popen(
                    [*python, str(WORKER)],
                    stdin=self._commands.child_end,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=environment(),
                    **own_group(),
                )
        except BaseException:
            self._commands.close()
            raise
        finally:
            self._commands.child_has_it()
        self._stdout: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        if sys.platform != "win32":
            os.set_blocking(self._stdout.fileno(), False)
        self._read = b""
        self._jobs: dict[str, JobSnapshot] = {}
        self._told_to_exit: float | None = None
        self.sent = 0
        """The number of the last command."""
        self.write(_bounded(encode(config)))

    @property
    def alive(self) -> bool:
        """Whether the worker is still running."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def send(self, command: Command) -> int:
        """Send a command; return its number, to which Reply and Idle refer.

        Raises OSError: outgoing_pipe.Full, if the worker has not read for too many commands.
        """
        self.write(_bounded(encode(replace(command, number=self.sent + 1))))
        self.sent += 1
        return self.sent

    def write(self, line: bytes) -> None:
        """Write a line, or keep it for later. Raises OSError."""
        self._commands.write(line)

    @property
    def unread_seconds(self) -> float:
        """For how long commands have waited for a worker that does not read; 0 if none waits."""
        return self._commands.kept_seconds if self.alive else 0.0

    def receive(self) -> list[ReceivedEvent]:
        """Read the events since the last call, at most 64 KiB of them, without blocking.

        JobChanges are assembled into complete Jobs. Kept commands are sent.
        """
        with contextlib.suppress(OSError):  # `alive` tells that the worker has exited
            self._commands.flush()
        data = read_available(self._stdout.fileno())
        lines = (self._read + data).split(b"\n")
        self._read = lines.pop()
        return [self._event(line) for line in lines]

    def _event(self, line: bytes) -> ReceivedEvent:
        message = decode(line)
        if isinstance(message, JobChanges):
            return Jobs(tuple(self._apply(change) for change in message.changes))
        if isinstance(message, ReceivedEvent):
            return message
        return Unknown(message.kind, {})  # a worker does not send commands

    def _apply(self, change: JobChange) -> JobSnapshot:
        """Apply a change to the job's last snapshot."""
        job = self._jobs[change.id] = change.apply(self._jobs.get(change.id))
        return job

    def wait(self, seconds: float) -> None:
        """Wait until there is something to read, at most `seconds`. For the command line."""
        if sys.platform == "win32":
            time.sleep(min(seconds, 0.1))
            return
        import select

        select.select([self._stdout], [], [], seconds)

    def end(self) -> None:
        """Tell the worker to exit by closing its stdin; `has_ended` says when it has."""
        self._commands.close()
        if self._told_to_exit is None:
            self._told_to_exit = time.monotonic()

    def has_ended(self) -> bool:
        """Whether the worker has exited, without blocking.

        One that was told to and hangs or is stopped is killed after SECONDS_TO_QUIT.
        """
        told = self._told_to_exit
        if self.alive and told is not None and time.monotonic() - told > SECONDS_TO_QUIT:
            self._process.kill()
        return not self.alive

    def kill(self) -> None:
        """End the worker at once, as a crash does; wait for that, at most SECONDS_TO_CLOSE."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in a call of the system
            self._process.wait(SECONDS_TO_CLOSE)

    def close(self) -> None:
        """End the worker and wait for it, usually for well under a second."""
        self.end()
        wait_or_kill(self._process, SECONDS_TO_QUIT)
        self._stdout.close()


def close_all(links: Collection[Link]) -> None:
    """End workers together, within about SECONDS_TO_CLOSE: what has not exited then is killed."""
    for link in links:
        link.end()
    until = time.monotonic() + SECONDS_TO_CLOSE
    while time.monotonic() < until and any(link.alive for link in links):
        time.sleep(0.01)
    for link in links:
        if link.alive:
            link.kill()


def _bounded(line: bytes) -> bytes:
    if len(line) > MAX_MESSAGE_BYTES:
        why = f"a message of {len(line)} bytes does not fit the pipe"
        raise OSError(errno.EMSGSIZE, why)
    return line


def _open_log(path: Path) -> IO[bytes]:
    """Open the worker's log, for output before worker/log.py takes over; mode 0600."""
    ensure_private(path.parent)
    return open_private(path, os.O_APPEND)


def read_available(descriptor: int) -> bytes:
    """Read what the pipe contains; b"" if it is empty."""
    if sys.platform == "win32":
        size = min(_available_bytes(descriptor), MAX_READ_BYTES)
        return os.read(descriptor, size) if size else b""
    try:
        return os.read(descriptor, MAX_READ_BYTES)
    except BlockingIOError:
        return b""


def _available_bytes(descriptor: int) -> int:
    """The bytes available in a pipe on Windows, where Python 3.11 cannot make it non-blocking."""
    import ctypes
    import msvcrt

    waiting = ctypes.c_ulong(0)
    handle = msvcrt.get_osfhandle(descriptor)  # type: ignore[attr-defined]
    ok = ctypes.windll.kernel32.PeekNamedPipe(  # type: ignore[attr-defined]
        ctypes.c_void_p(handle), None, 0, None, ctypes.byref(waiting), None
    )
    return waiting.value if ok else 0
