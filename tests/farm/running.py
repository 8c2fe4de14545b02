"""For tests: starts a farm in its own process and controls it."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 120.0  # seconds, enough on a busy machine


class Farm:
    """A running farm. A client needs `api_url` and `key`."""

    def __init__(self, process: "subprocess.Popen[bytes]", ready: dict[str, Any]):
        self.process = process
        self.api_url: str = ready["api_url"]
        self.storage_url: str = ready["storage_url"]
        self.key: str = ready["key"]
        self._control = httpx.Client(
            base_url=self.api_url.split("/api/")[0] + "/_farm",
            timeout=60,
            trust_env=False,
            verify=False,
        )

    def log(self, kind: str | None = None, event: str | None = None) -> list[dict[str, Any]]:
        """Return the log entries so far, optionally of one kind or event, oldest first."""
        entries: list[dict[str, Any]] = self._ask("GET", "/log")
        return [
            entry
            for entry in entries
            if kind in (None, entry["kind"]) and event in (None, entry.get("event"))
        ]

    def renders(self, job_id: str | None = None) -> int:
        """Return the number of renders started, for one job or for all jobs."""
        started = self.log(event="render started")
        return sum(job_id in (None, entry["job"]) for entry in started)

    def jobs(self) -> list[dict[str, Any]]:
        """Return all jobs as the API returns them, oldest first."""
        jobs: list[dict[str, Any]] = self._ask("GET", "/jobs")
        return jobs

    def fault(self, method: str | None = None, path: str = "", **fault: Any) -> None:
        """Make requests fail or take longer: see `faults.Fault`."""
        self._ask("POST", "/faults", {"method": method, "path": path, **fault})

    def no_faults(self) -> None:
        """Clear all pending faults; a request that a fault delays continues immediately."""
        self._ask("DELETE", "/faults")

    def reset(self) -> None:
        """Clear all faults and restore the settings of a farm started without delays."""
        self.no_faults()
        self.settings(
            delay=0.0,
            seconds_per_frame=0.0,
            normalized_seconds_per_frame=None,
            list_outputs_early=False,
            url_lifetime=3600,
            key_refused=0,
        )

    def settings(self, **changes: Any) -> None:
        """Change settings: see `control.Changes`."""
        self._ask("POST", "/settings", changes)

    def revoke_addresses(self) -> None:
        """Make all signed URLs issued so far invalid; new ones are valid."""
        self._ask("POST", "/revoke")

    def set_status(self, job_id: str, status: str, **reason: str) -> None:
        """Set a job to any status; `name` and `type` are the reason for `failed`."""
        self._ask("POST", f"/jobs/{job_id}", {"status": status, **reason})

    def stop(self) -> None:
        """End the farm and its renderers."""
        self._control.close()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, path, json=body)
        if answer.is_error:
            raise ValueError(f"{method} /_farm{path}: {answer.status_code} {answer.text}")
        return answer.json()


@contextlib.contextmanager
def running_farm(*, python: str = sys.executable, **options: Any) -> Iterator[Farm]:
    """Yield a running farm, by default on free ports and without delays.

    `options` are those of `python -m tests.farm`, with underscores. The farm ends when this
    process ends, even if it is killed.
    """
    with tempfile.TemporaryDirectory(prefix="renderjuice-farm-") as temporary:
        ready_file = Path(temporary, "ready.json")
        defaults = {"port": 0, "delay": 0}
        command = [python, "-m", "tests.farm", "--end-with-stdin", f"--ready-file={ready_file}"]
        for name, value in (defaults | options).items():
            command.append(f"--{name.replace('_', '-')}={value}")
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        try:
            farm = Farm(process, _wait_until_ready(process, ready_file))
        except BaseException:
            process.kill()
            process.wait()
            raise
        try:
            yield farm
        finally:
            farm.stop()


def _wait_until_ready(process: "subprocess.Popen[bytes]", ready_file: Path) -> dict[str, Any]:
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if ready_file.exists():
            ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
            return ready
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"The local farm did not start (exit code {process.poll()})")
