"""The worker's log: one file in the state folder, shared by all workers, bounded while they run.

Each line has the time (UTC), the level, the process, and the thread, which bears the id of the job
that it works for. What libraries print, tracebacks and the words of C code come through a pipe in
place of standard error, so they are bounded and cut like all the rest.

No file is renamed: Windows refuses that while another worker has the file open. Whoever finds the
log full copies it to `worker.old.log` and empties it, while a lock on the log itself keeps the
other workers waiting. That is simpler than a file for each worker, of which some would always have
to be cleared away, and what happened between two workers stands in one place, in order.
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
"""Of either file, once its newest line is left out."""
MAX_BYTES_A_LINE = 16 * 1024
OPEN_SECONDS = 0.5
LOCK_SECONDS = 1.0
SECONDS_TO_QUIT = 0.3
FORMAT = "%(asctime)s %(levelname)s %(process)d [%(threadName)s] %(name)s: %(message)s"


class Redaction(logging.Filter):
    """Cuts the key and signed URLs out of a record: message, arguments, traceback and stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with nothing secret left in it."""
        try:
            message = record.getMessage()
        except Exception:  # the arguments of somebody's call do not fit
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
    """Appends to a file that other processes append to. What cannot be written is left out."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self._path = folder / NAME
        self._max_bytes = max_bytes

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record. A log that cannot be written stops nothing."""
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
                    return  # whoever has the lock will empty it, or nobody can lock anything
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


def start(folder: Path) -> Callable[[], None]:
    """Send all logging, and all that is printed, to the log in `folder`.

    Gives what ends that, with nothing lost that was printed before.
    """
    handler = SharedFile(folder)
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
