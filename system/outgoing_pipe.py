"""A pipe to a child process that never blocks the writer, also when the child does not read.

Start: pass `child_end` to Popen as stdin, and call `child_has_it`. Steady state: `write` hands over
what the pipe takes and keeps the rest, up to a limit; `flush` hands over more. End: `close`, which
the child reads as the end of its stdin; what is kept is lost.
"""

import contextlib
import os
import sys
import time

PIPE_BYTES = 64 * 1024
ACCESS_OUTBOUND, REJECT_REMOTE_CLIENTS, ERROR_IO_INCOMPLETE = 0x2, 0x8, 996
"""Of Windows; Python has no names for them."""


class Full(OSError):
    """The child does not read, and the limit of what is kept for it is reached."""


class OutgoingPipe:
    """The writing end, and `child_end`, the file descriptor of the reading one."""

    def __init__(self, max_kept: int) -> None:
        """Create a pipe that keeps at most `max_kept` bytes for the child. Raises OSError."""
        self._max_kept = max_kept
        self._kept = bytearray()
        self._since = 0.0
        self._end = _End()
        self.child_end = self._end.child_end

    @property
    def kept(self) -> int:
        """The bytes that the pipe has not taken yet."""
        return len(self._kept) + self._end.pending

    @property
    def kept_seconds(self) -> float:
        """For how long the pipe has taken nothing of what is kept; 0 if nothing is."""
        return time.monotonic() - self._since if self.kept else 0.0

    def write(self, data: bytes) -> None:
        """Write `data` or keep it. Raises Full, and OSError if the child has exited."""
        self.flush()
        if self.kept and self.kept + len(data) > self._max_kept:
            raise Full
        if not self.kept:
            self._since = time.monotonic()
        self._kept += data
        self.flush()

    def flush(self) -> None:
        """Hand over what the pipe takes now. Raises OSError if the child has exited."""
        while taken := self._end.write(self._kept):
            del self._kept[:taken]
            self._since = time.monotonic()

    def child_has_it(self) -> None:
        """Close the reading end here, so that the child's exit breaks the pipe."""
        os.close(self.child_end)

    def close(self) -> None:
        """Close the writing end."""
        self._end.close()


if sys.platform == "win32":
    import _winapi
    import msvcrt

    class _End:
        """A named pipe written with overlapped I/O: anonymous pipes of Windows always block."""

        def __init__(self) -> None:
            name = rf"\\.\pipe\renderjuice-{os.getpid()}-{os.urandom(8).hex()}"
            mode = _winapi.FILE_FLAG_OVERLAPPED | _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
            self._handle = _winapi.CreateNamedPipe(
                name,
                ACCESS_OUTBOUND | mode,
                _winapi.PIPE_WAIT | REJECT_REMOTE_CLIENTS,
                1,
                PIPE_BYTES,
                PIPE_BYTES,
                _winapi.NMPWAIT_WAIT_FOREVER,
                _winapi.NULL,
            )
            reading = _winapi.CreateFile(
                name,
                _winapi.GENERIC_READ,
                0,
                _winapi.NULL,
                _winapi.OPEN_EXISTING,
                0,
                _winapi.NULL,
            )
            _winapi.ConnectNamedPipe(self._handle, overlapped=True).GetOverlappedResult(True)
            self.child_end = msvcrt.open_osfhandle(reading, os.O_RDONLY)
            self._writing: _winapi.Overlapped | None = None
            self.pending = 0

        def write(self, data: bytearray) -> int:
            """Begin to write `data` if the previous write is done; return the bytes taken over."""
            if self._writing is not None:
                _, state = self._writing.GetOverlappedResult(False)
                if state == ERROR_IO_INCOMPLETE:
                    return 0
                self._writing, self.pending = None, 0
            if not data:
                return 0
            self._writing, _ = _winapi.WriteFile(self._handle, bytes(data), overlapped=True)
            self.pending = len(data)
            return len(data)

        def close(self) -> None:
            if self._writing is not None:
                with contextlib.suppress(OSError):  # it is done already
                    self._writing.cancel()
                self._writing = None
            if self._handle:
                _winapi.CloseHandle(self._handle)
                self._handle = 0

else:

    class _End:
        """A pipe whose writing end does not block."""

        pending = 0

        def __init__(self) -> None:
            self.child_end, self._writing = os.pipe()
            os.set_blocking(self._writing, False)

        def write(self, data: bytearray) -> int:
            """Write what the pipe takes of `data`; return its length."""
            try:
                return os.write(self._writing, data) if data else 0
            except BlockingIOError:
                return 0

        def close(self) -> None:
            if self._writing >= 0:
                os.close(self._writing)
                self._writing = -1
