"""A look at what would travel with the open scene: the packer's Blender runs, nothing is sent."""

import json
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..packing import command, findings, tracer
from ..packing import manifest as manifests
from ..packing.manifest import PackError
from ..system import scratch
from ..system.cancellation import Cancelled
from .problems import MISTAKE, disk_problem, problem_of

MOST_CHECKS = 200
"""What a panel is told; the command line says all."""
LEFT_BEHIND = 24 * 3600
"""Seconds after which a folder of a look was left by a worker that was killed."""


class Scan(threading.Thread):
    """One look, in a thread of the worker. `say` gets {"scan": {"id", ...}} messages:

    "step" while it goes on; in the end "files" (manifest.by_kind), "checks" and "more", the number
    of checks that are left out; or "error"; or, when it was stopped, nothing more.
    """

    def __init__(
        self,
        folder: Path,
        packing: threading.Lock,
        say: Callable[[dict[str, Any]], None],
        over: Callable[["Scan"], None],
    ) -> None:
        super().__init__(name="scan", daemon=True)
        self._folder = folder
        self._packing = packing
        self._say = say
        self._over = over
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End it soon."""
        self._stopping.set()

    def run(self) -> None:
        """Look, say what was found, and take the copy away."""
        try:
            self._tell(**self._found())
        except Cancelled:
            pass
        except PackError as error:
            self._tell(error=asdict(problem_of(error)))
        except OSError as error:
            self._tell(error=asdict(disk_problem(error)))
        except Exception:
            traceback.print_exc()
            self._tell(error=asdict(MISTAKE))
        finally:
            scratch.remove(self._folder)
            scratch.remove_old(self._folder.parent, command.SCAN, LEFT_BEHIND)
            self._over(self)

    def _found(self) -> dict[str, Any]:
        asked = json.loads((self._folder / command.SCAN_REQUEST).read_text(encoding="utf-8"))
        while not self._packing.acquire(timeout=0.2):  # two Blenders more would be one too many
            if self._stopping.is_set():
                raise Cancelled
        try:
            manifest = tracer.trace(
                asked["request"],
                asked["blender"],
                should_stop=self._stopping.is_set,
                log=self._packer_says,
            )
        finally:
            self._packing.release()
        found = [check.as_dict() for check in findings.checks_of(manifest)]
        return {
            "files": manifests.by_kind(manifest),
            "checks": found[:MOST_CHECKS],
            "more": len(found[MOST_CHECKS:]),
        }

    def _packer_says(self, line: str) -> None:
        step = tracer.step_of(line)
        if step is None:
            print(line, file=sys.stderr)
        else:
            self._tell(step=step)

    def _tell(self, **what: Any) -> None:
        self._say({"scan": {"id": self._folder.name, **what}})
