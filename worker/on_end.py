"""Starts the artist's own command when a job has ended.

The command comes from the artist alone, and no shell reads it. Its last argument is the path of a
file with the job's JSON document, the one that `status --json` writes, which is its standard input
too. Nothing else of the job is an argument: a command may be a batch file, `ssh` or `powershell`,
which read their arguments as a script.
"""

import contextlib
import json
import logging
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from ..jobs.record import ENDED, DamagedRecord, Record
from ..jobs.snapshot import as_document
from ..jobs.store import Store
from ..system.files import ensure_private, write_atomic
from ..system.processes import environment, outliving, own_group
from .context import Context
from .job import RunningJob

SECONDS_TO_FAIL = 5.0
"""Seconds in which a command that fails is named in the job's notes. It may run for longer."""

logger = logging.getLogger(__name__)


def run_command(job: RunningJob, context: Context, store: Store, before: int) -> None:
    """Start the artist's command, if there is one and the job has ended anew.

    `before` is the length of the job's history when its lock was acquired. A note says if the
    command cannot be started, or if it fails soon. The job's thread waits for neither.
    """
    if not context.on_end.strip() or not ended_anew(job.record, before):
        return
    try:
        process = start(context.on_end, job.record, store.document(job.record.id))
    except (OSError, ValueError) as error:
        logger.warning("The command for the end of a job was not started: %s", error)
        with contextlib.suppress(OSError):
            job.note(f"The command for the end of a job could not be started: {error}.")
    else:
        seconds = SECONDS_TO_FAIL * context.time_scale
        context.in_background(_note_failure, job, store, process, seconds)


def ended_anew(record: Record, before: int) -> bool:
    """Whether the job has ended since its history had `before` entries, and not as it did before.

    The frames of a job that has ended may be downloaded again, by one worker after another.
    """
    ends = [entry[0] for entry in record.history if entry[:1] and entry[0] in ENDED]
    return len(record.history) > before and ends[-1:] != ends[-2:-1]


def start(command: str, record: Record, path: Path) -> "subprocess.Popen[bytes]":
    """Write the job's document to `path`, and start the command with it.

    What it prints is thrown away, because it may outlive the worker. Raises OSError and ValueError.
    """
    arguments = split(command)
    if not arguments or not arguments[0]:
        raise ValueError("it names no program")
    ensure_private(path.parent)
    write_atomic(path, json.dumps({"schema": 1, **as_document(record)}) + "\n")
    arguments.append(str(path))
    with path.open("rb") as document:
        try:
            return _popen(arguments, document, outliving())
        except PermissionError:  # who started Blender may let no process outlive it
            if sys.platform != "win32":
                raise
            return _popen(arguments, document, own_group())


def _popen(
    arguments: list[str], document: IO[bytes], group: dict[str, Any]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        arguments,
        stdin=document,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        **group,
    )


def split(command: str, platform: str = sys.platform) -> list[str]:
    """Split a command into its arguments. Raises ValueError if a quotation mark has no partner.

    A backslash belongs to a path on Windows, and quotes the next character elsewhere.
    """
    if platform != "win32":
        return shlex.split(command)
    words = shlex.shlex(command, posix=True, punctuation_chars="")
    words.whitespace_split, words.escape, words.quotes, words.commenters = True, "", '"', ""
    return list(words)


def _note_failure(
    job: RunningJob, store: Store, process: "subprocess.Popen[bytes]", seconds: float
) -> None:
    """Note that the command has failed, unless the job has been removed or runs again."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        logger.info("The command for the end of a job goes on by itself.")
        return
    if not code:
        return
    logger.warning("The command for the end of a job has ended with code %s.", code)
    with contextlib.suppress(OSError, DamagedRecord):
        lock = store.lock(job.record.id)
        if lock is None:
            return
        try:
            job.record = store.load(job.record.id)
            job.note(f"The command for the end of a job has ended with code {code}.")
        finally:
            lock.release()
