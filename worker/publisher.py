"""What the worker tells Blender: one thread writes, the newest snapshot of a job wins."""

import json
import threading
from typing import IO, Any

from ..jobs.snapshot import snapshot
from .job import RunningJob

SECONDS_BETWEEN_SNAPSHOTS = 0.1
GOODBYE_SECONDS = 0.3


class Teller:
    """No transfer ever waits for a busy Blender: only this thread's write does."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._changed: dict[str, RunningJob] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self._said: list[dict[str, Any]] = []
        self._something = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="teller", daemon=True)
        self._thread.start()

    def show(self, job: RunningJob) -> None:
        """The job has changed."""
        with self._something:
            self._changed[job.record.id] = job
            self._something.notify()

    def say(self, message: dict[str, Any]) -> None:
        """Say something that must not be left out. It comes after the changes known by now."""
        with self._something:
            if self._changed:
                self._said.append(self._snapshots())
            self._said.append(message)
            self._something.notify()

    def close(self) -> None:
        """Write what is left, if somebody still listens."""
        self._closing.set()
        with self._something:
            self._something.notify()
        self._thread.join(GOODBYE_SECONDS)

    def _snapshots(self) -> dict[str, Any]:
        """Of each job that has changed what has changed; link.py puts it together again."""
        jobs = list(self._changed.values())
        self._changed.clear()
        return {"jobs": [self._change(job) for job in jobs]}

    def _change(self, job: RunningJob) -> dict[str, Any]:
        now = snapshot(job.record, job.live, elsewhere=job.elsewhere)
        before = self._told.get(now["id"], {})
        self._told[now["id"]] = now
        changed = {name: value for name, value in now.items() if before.get(name, job) != value}
        return {**changed, "id": now["id"]}

    def _write(self) -> None:
        while True:
            with self._something:
                while not self._changed and not self._said:
                    if self._closing.is_set():
                        return
                    self._something.wait()
                lines, self._said = self._said, []
                if self._changed:
                    lines.append(self._snapshots())
            try:
                for line in lines:
                    self._pipe.write(json.dumps(line).encode() + b"\n")
                self._pipe.flush()
            except OSError:
                return  # Blender is gone; the end of stdin says it too
            self._closing.wait(SECONDS_BETWEEN_SNAPSHOTS)
