"""Scans list what would travel with a scene: the packer's Blender runs, nothing is sent.

A scan runs beside the jobs, and waits for none of them: one that hangs holds no job up, and a job
that hangs holds no scan up. There is one scan at a time, so of Blenders in the background two.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..jobs.protocol import ScanProgress, ScanResult
from ..jobs.record import Problem
from ..packing import command, findings, tracer
from ..packing import manifest as manifests
from ..packing.manifest import PackError
from ..system import scratch, sharing
from ..system.cancellation import Cancelled
from .problems import MISTAKE, disk_problem, problem_of

MAX_CHECKS = 200
"""So many are sent to Blender; the command line prints all."""
REPEAT_SECONDS = 2.0
MAX_FOLDER_SECONDS = 24 * 3600
"""Seconds after which a folder of a scan was left by a worker that was killed."""

logger = logging.getLogger(__name__)


class ScanThread(threading.Thread):
    """One scan of the scene that was saved into `folder`, which names it and is gone in the end.

    It stops the one `before`, which is not wanted any more. `send` gets a ScanProgress at each step
    and while one takes long, and, unless it was stopped, a ScanResult in the end.
    """

    def __init__(
        self,
        folder: Path,
        before: "ScanThread | None",
        send: Callable[[ScanProgress | ScanResult], None],
        on_end: Callable[["ScanThread"], None],
    ) -> None:
        super().__init__(name=folder.name, daemon=True)
        self._folder = folder
        self._before = before
        self._send = send
        self._on_end = on_end
        self._stopping = threading.Event()
        self._started = self._last_event = time.monotonic()
        self._step = "starting"

    def stop(self) -> None:
        """End it soon."""
        self._stopping.set()

    def run(self) -> None:
        """Scan, send what was found, and remove the copy."""
        try:
            self._send(self._scan())
        except Cancelled:
            pass
        except PackError as error:
            self._fail(problem_of(error))
        except OSError as error:
            self._fail(disk_problem(error))
        except Exception:
            logger.exception("A scan has failed")
            self._fail(MISTAKE)
        finally:
            try:
                scratch.remove(self._folder)
                scratch.remove_old(self._folder.parent, command.SCAN, MAX_FOLDER_SECONDS)
            finally:
                self._on_end(self)

    def _scan(self) -> ScanResult:
        while self._before and self._before.is_alive():
            self._before.stop()
            self._before.join(0.2)
            if self._stopping.is_set():
                raise Cancelled
        self._before = None
        request = json.loads(sharing.read_text(self._folder / command.SCAN_REQUEST))
        manifest = tracer.trace(
            request["request"],
            request["blender"],
            should_stop=self._should_stop,
            on_step=self._show_step,
        )
        checks = findings.checks_of(manifest)
        return ScanResult(
            self._folder.name,
            files=manifests.by_kind(manifest),
            checks=tuple(checks[:MAX_CHECKS]),
            left_out=len(checks[MAX_CHECKS:]),
        )

    def _should_stop(self) -> bool:
        """Asked again and again; now and then it is said that the scan still runs."""
        if time.monotonic() - self._last_event >= REPEAT_SECONDS:
            self._show_step(self._step)
        return self._stopping.is_set()

    def _show_step(self, step: str) -> None:
        self._step, self._last_event = step, time.monotonic()
        seconds = int(self._last_event - self._started)
        self._send(ScanProgress(self._folder.name, step, seconds))

    def _fail(self, problem: Problem) -> None:
        self._send(ScanResult(self._folder.name, error=problem))
