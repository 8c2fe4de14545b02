"""Writes the worker's log: one bounded file in the state folder, shared by all workers.

Each line has the time (UTC), the level, the process, and the thread, which is named by its job's
id. Output of libraries and C code is captured by a pipe in place of stdout and stderr, so that it
is bounded and redacted too.

The file is rotated by copying it to `worker.old.log` and truncating it, under a lock on the log:
Windows cannot rename a file that another worker has open. A single file needs no cleanup of old
ones, and keeps the lines of all workers in order.
"""

import contextlib
import logging
import os
import platform
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..system import locks, processes, sharing
from ..system.files import open_private
from ..system.redaction import redact

NAME = "worker.log"
OLD_NAME = "worker.old.log"
MAX_BYTES = 1024 * 1024
"""The size of each file, not counting its last line."""
MAX_BYTES_A_LINE = 16 * 1024
OPEN_SECONDS = 0.5
LOCK_SECONDS = 1.0
SECONDS_TO_QUIT = 0.3
FORMAT = "%(asctime)s %(levelname)s %(process)d [%(threadName)s] %(name)s: %(message)s"


class Redaction(logging.Filter):
    """Redacts the key and signed URLs in a record: message, arguments, traceback and stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record; return True."""
        try:
            message = record.getMessage()
        except Exception:  # the arguments do not match the format
            message = f"{record.msg} {record.args}"
        record.msg, record.args = _redacted(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_info = None
        record.exc_text = record.exc_text and _redacted(record.exc_text)
        record.stack_info = record.stack_info and _redacted(record.stack_info)
        return True


def _redacted(text: str) -> str:
    return redact(text[:MAX_BYTES_A_LINE])


class SharedFile(logging.Handler):
    """Appends to a file that other processes share. Lines that cannot be written are dropped."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self._path = folder / NAME
        self._max_bytes = max_bytes

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record. Errors are ignored."""
        with contextlib.suppress(Exception):
            line = f"{self.format(record)}\n".encode("utf-8", "replace")
            with (
                sharing.retry(self._open, self._path, OPEN_SECONDS) as file,
                locks.holding(file, LOCK_SECONDS) as held,
            ):
                size = os.fstat(file.fileno()).st_size
                if held and size > self._max_bytes:
                    self._rotate()
                    file.truncate(0)
                elif size > 2 * self._max_bytes:
                    return  # the holder of the lock truncates it, or locks do not work here
                file.write(line)

    def _open(self) -> IO[bytes]:
        return open_private(self._path, os.O_APPEND)

    def _rotate(self) -> None:
        with (
            contextlib.suppress(OSError),
            self._path.open("rb") as full,
            open_private(self._path.with_name(OLD_NAME), os.O_TRUNC) as old,
        ):
            shutil.copyfileobj(full, old)


def start(folder: Path, max_bytes: int = MAX_BYTES) -> Callable[[], None]:
    """Send logging, and all output to stdout and stderr, to the log in `folder`.

    Returns a function that ends the capture and flushes it.
    """
    handler = SharedFile(folder, max_bytes)
    handler.addFilter(Redaction())
    formatter = logging.Formatter(FORMAT)
    formatter.converter = time.gmtime
    formatter.default_time_format, formatter.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_uncaught
    end = _capture_output()
    logging.getLogger(__name__).info("Python %s on %s", platform.python_version(), sys.platform)
    return end


def _log_uncaught(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        logging.getLogger(__name__).error("A thread has ended", exc_info=hook.exc_value)


def _capture_output() -> Callable[[], None]:
    reading, writing = os.pipe()
    for standard in (1, 2):
        os.dup2(writing, standard)
    os.close(writing)
    logger = logging.getLogger("printed")

    def read() -> None:
        with os.fdopen(reading, "rb") as stream:
            for line in processes.lines(stream, MAX_BYTES_A_LINE):
                logger.warning("%s", line)

    thread = threading.Thread(target=read, name="printed", daemon=True)
    thread.start()

    def end() -> None:
        sys.stderr.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for standard in (1, 2):
            os.dup2(nowhere, standard)
        thread.join(SECONDS_TO_QUIT)

    return end
