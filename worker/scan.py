"""Scans list the files of a scene's package with the packer's Blender; nothing is uploaded.

Start: ScanThread stops the previous scan. Steady state: it sends a ScanProgress at each step, and
every REPEAT_SECONDS. End: it sends a ScanResult, unless stopped, and deletes the folder. Scans are
independent of jobs, so that neither blocks the other; at most two packers run.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..jobs.record import Problem
from ..jobs.worker_events import ScanProgress, ScanResult
from ..packing import command, findings, tracer
from ..packing import manifest as manifests
from ..packing.manifest import PackError
from ..system import scratch, sharing
from ..system.cancellation import Cancelled
from .problems import MISTAKE, disk_problem, problem_of

MAX_CHECKS = 200
"""Checks that are sent to Blender; the command line prints all."""
REPEAT_SECONDS = 2.0
MAX_FOLDER_SECONDS = 24 * 3600
"""Age after which a scan's folder is considered abandoned by a killed worker."""

logger = logging.getLogger(__name__)


class ScanThread(threading.Thread):
    """One scan of the scene saved in `folder`, by whose name it is identified.

    It stops the scan `before`. `send` gets the events; `on_end` is called at the end.
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
        self._begun = self._last_event = time.monotonic()
        self._step = "starting"

    def stop(self) -> None:
        """Ask the scan to end."""
        self._stopping.set()

    def run(self) -> None:
        """Scan, send the result, and delete the folder."""
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
        """Whether to stop. The packer polls it, so it also repeats the ScanProgress."""
        if time.monotonic() - self._last_event >= REPEAT_SECONDS:
            self._show_step(self._step)
        return self._stopping.is_set()

    def _show_step(self, step: str) -> None:
        self._step, self._last_event = step, time.monotonic()
        seconds = int(self._last_event - self._begun)
        self._send(ScanProgress(self._folder.name, step, seconds))

    def _fail(self, problem: Problem) -> None:
        self._send(ScanResult(self._folder.name, error=problem))
