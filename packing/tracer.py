"""Runs trace.py in a background Blender and reads its manifest. Runs in the worker, without bpy.

Start: `trace` writes the request and starts the Blender with a pipe to its stdin. Steady state: a
thread reads its output; `should_stop` is polled. End: the manifest exists, or the Blender is asked
to quit and killed after SECONDS_TO_QUIT.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..system import disk, interruption, processes
from ..system.cancellation import Cancelled
from ..system.processes import environment, own_group
from . import command
from . import manifest as manifests
from .bake_watch import BakeWatch
from .manifest import Manifest, PackError

POLL_SECONDS = 0.1  # between two calls of should_stop
PREFIX = "renderjuice:"  # of a line written by parent.py
SECONDS_TO_QUIT = 3.0  # between asking the Blender to quit and killing it
TAIL = 20  # last lines of output that an error quotes
MAX_LINES = 1000  # of output that are logged
MAX_BYTES_A_LINE = 4096

logger = logging.getLogger(__name__)


def trace(
    request: Mapping[str, Any],
    blender: Sequence[str],
    *,
    should_stop: Callable[[], bool],
    on_step: Callable[[str], None],
) -> Manifest:
    """Trace the scene in `request` (see trace.py) with `blender`, the result of `command.blender`.

    `on_step` is called with each step, from another thread; other output is logged. Raises
    PackError if the Blender cannot be started or fails, and Cancelled when `should_stop` returns
    True.
    """
    work = Path(request["work"])
    work.mkdir(parents=True, exist_ok=True)
    path = work / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    target = Path(request["manifest"])
    target.unlink(missing_ok=True)
    lines: deque[str] = deque(maxlen=TAIL)
    with interruption.Flag() as signals:  # none may come between the start and what ends it
        process = _start([*command.packer(blender), str(path)], work)
    name = threading.current_thread().name  # the log shows it as the job
    watch = BakeWatch(request.get("bake", "none"))

    def show(step: str) -> None:
        watch.show_step(step)
        on_step(step)

    reader = threading.Thread(target=_read, args=(process, lines, show), name=name, daemon=True)
    reader.start()
    try:
        if signals.raised:
            raise KeyboardInterrupt
        code = _wait(process, should_stop, watch)
    finally:
        _end(process)
        reader.join(SECONDS_TO_QUIT)
    if not target.exists():  # it is written last, so a crash during shutdown does not matter
        raise watch.explain(_failed(code, list(lines), work))
    return manifests.read(target)


def _start(arguments: Sequence[str], work: Path) -> "subprocess.Popen[bytes]":
    """Start a process in its own group, so that `_end` ends its children too.

    Its temporary files go to `work`, which is deleted even if the process is killed.
    """
    try:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,  # its end tells trace.py that the worker is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(TMPDIR=str(work), TEMP=str(work), TMP=str(work)),
            **own_group(),
        )
    except OSError as error:
        raise PackError(
            "packer-not-started",
            f"Blender could not be started in the background to pack the scene: {error}",
            f"Check that {arguments[0]} is still there, then submit again.",
        ) from error


def _read(
    process: "subprocess.Popen[bytes]", lines: deque[str], on_step: Callable[[str], None]
) -> None:
    assert process.stdout is not None
    printed = 0
    with process.stdout as stream:
        for line in processes.lines(stream, MAX_BYTES_A_LINE):
            said = _parse_line(line)
            step, message = said.get("step"), str(said.get("message", line))
            if isinstance(step, str):
                on_step(step)
                continue
            lines.append(message)
            printed += 1
            if printed <= MAX_LINES:
                logger.log(said.get("level", logging.INFO), "%s", message)
    if printed > MAX_LINES:
        logger.info("The packer's Blender printed %d lines more.", printed - MAX_LINES)


def _parse_line(line: str) -> dict[str, Any]:
    """Parse a line written by parent.py; {} for any other output."""
    with contextlib.suppress(ValueError, RecursionError):
        said = json.loads(line.removeprefix(PREFIX)) if line.startswith(PREFIX) else None
        if isinstance(said, dict) and isinstance(said.get("level", 0), int):
            return said
    return {}


def _wait(
    process: "subprocess.Popen[bytes]", should_stop: Callable[[], bool], watch: BakeWatch
) -> int:
    while True:
        if should_stop():
            raise Cancelled
        watch.require_progress()
        try:
            return process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and its children: terminate, wait, kill. No-op if it has exited."""
    assert process.stdin is not None
    process.stdin.close()
    if process.poll() is not None:
        return
    _kill(process, force=False)
    try:
        process.wait(SECONDS_TO_QUIT)
    except subprocess.TimeoutExpired:
        _kill(process, force=True)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the kernel
            process.wait(SECONDS_TO_QUIT)


def _kill(process: "subprocess.Popen[bytes]", *, force: bool) -> None:
    if sys.platform == "win32":
        process.kill() if force else process.terminate()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)
    except ProcessLookupError:
        return  # it has exited in the meantime


def _failed(code: int, lines: list[str], work: Path) -> PackError:
    full = disk.out_of_space(str(work))  # Blender's messages rarely mention the disk
    if full or code == manifests.NOT_WRITTEN:
        why = full or (lines[-1] if lines else "no reason")
        return PackError(
            "disk",
            f"The packed scene cannot be written to {work}: {why}",
            "Free some space, or choose another scratch folder in the preferences, then submit "
            "again.",
        )
    how = f"crashed (signal {-code})" if code < 0 else f"ended with code {code}"
    said = "\n".join(lines) or "It printed nothing."
    return PackError(
        "packer-failed",
        f"The background Blender that packs the scene {how}. Its last lines:\n{said}",
        "Save the file, open it again and render one frame here to see whether the file itself "
        "is sound, then submit again.",
    )
