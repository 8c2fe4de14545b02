"""One user: a state folder, a computer name, and worker processes that start and end."""

import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderjuice.jobs import codec, protocol, worker_events
from renderjuice.jobs.record import ENDED
from renderjuice.jobs.snapshot import JobSnapshot

from tests.worker import Worker, ready_job

from .farm import Farm
from .names import Scene
from .plan import Press

TIME_SCALE = 0.02
SECONDS_TO_END = 30.0


@dataclass
class Told:
    """A worker's message about a job, with its time."""

    at: float  # monotonic
    user: str
    job: JobSnapshot


@dataclass
class Life:
    """A worker's lifetime, and the commands it got."""

    begun: float  # monotonic
    over: float = float("inf")
    given: list[tuple[float, str, str]] = field(default_factory=list)  # at, kind, job or ""


@dataclass
class User:
    """A user and the messages of its workers; `broken` lists what a worker did wrong."""

    name: str
    state: Path
    farm: Farm
    machine: str = ""  # empty: this computer's own name
    api_url: str = ""
    workers: list[Worker] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)  # its messages about damaged records
    lives: list[Life] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def start(self) -> Worker:
        """Start another worker, as another Blender does."""
        python: tuple[str, ...] = (sys.executable, "-I")
        if self.machine:
            python += (str(Path(__file__).with_name("machine.py")), self.machine)
        url = self.api_url or self.farm.api_url
        worker = Worker(self.state, url, self.farm.key(self.name), TIME_SCALE, python)
        self.workers.append(worker)
        self.lives.append(Life(time.monotonic()))
        self._look_at_process(worker.link.pid)
        return worker

    def _look_at_process(self, pid: int) -> None:
        """Check that the key is not in the process's command line or environment."""
        key = self.farm.key(self.name).encode()
        for place in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                if key in Path(f"/proc/{pid}/{place}").read_bytes():
                    self.broken.append(f"secret: the key is in the {place} of a worker")

    @property
    def worker(self) -> Worker:
        """The newest running worker; one is started if there is none."""
        if not self.workers or not self.workers[-1].link.alive:
            self.start()
        return self.workers[-1]

    def send(self, command: protocol.Command) -> int:
        worker = self.worker
        given = (time.monotonic(), command.kind, getattr(command, "job", ""))
        self.lives[-1].given.append(given)
        try:
            return worker.send(command)
        except OSError as error:  # the worker has just ended
            self.broken.append(f"{self.name}'s worker ended by itself: {error}")
            return 0

    def hear(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ValueError, OSError):
                events = worker.link.receive()
                worker.events += events
                self.said += map(codec.plain, events)
                now = time.monotonic()
                for event in events:
                    if isinstance(event, protocol.Jobs):
                        self.told += [Told(now, self.name, job) for job in event.jobs]
                    elif isinstance(event, worker_events.Damaged):
                        self.damaged += event.texts

    def press(self, press: Press, scene: Scene, project: Path) -> None:
        """Write the files that Submit writes, and send Start to the worker."""
        record = ready_job(
            self.state,
            len(scene.frames),
            output=str(project / press.folder),
            overwrite=press.overwrite,
            config=config(scene),
        )
        package = Path(record.package.path)
        data = f"BLENDER-v402 PRESS:{press.marker};".encode() + os.urandom(3000)
        package.write_bytes(data)
        self.change(
            record.id,
            api_url=self.farm.api_url,
            frames=_pairs(scene.frames),
            package__bytes=len(data),
            output_names=scene.around() if press.names_known else None,
        )
        press.job = record.id
        self.send(protocol.Start(record.id))

    def change(self, job: str, **changes: Any) -> None:
        path = self.state / "jobs" / f"{job}.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        for name, value in changes.items():
            *parents, last = name.split("__")
            inner = data
            for parent in parents:
                inner = inner[parent]
            inner[last] = value
        path.write_text(json.dumps(data), encoding="utf-8")

    def record(self, job: str) -> dict[str, Any]:
        """Return the job's record as plain JSON; empty if there is none."""
        try:
            data = json.loads((self.state / "jobs" / f"{job}.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def ended(self, job: str) -> bool:
        return self.record(job).get("stage") in ENDED

    def kill(self) -> None:
        for worker in self.workers:
            worker.kill()
        self._are_over()

    def end(self) -> None:
        """End all workers as Blender does when it exits."""
        for worker in self.workers:
            worker.link.end()
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline and any(w.link.alive for w in self.workers):
            self.hear()
            time.sleep(0.02)
        for worker in self.workers:
            if worker.link.alive:
                self.broken.append(f"hang: {self.name}'s worker lives on after Blender's end")
            self.hear()
            worker.link.close()
        self._are_over()

    def _are_over(self) -> None:
        for life in self.lives:
            life.over = min(life.over, time.monotonic())
        self.workers.clear()


def config(scene: Scene) -> dict[str, Any]:
    return {
        "colorManagementPreset": "default",
        "frameRanges": scene.ranges,
        "renderEngine": "CYCLES",
        "sampleCount": 16,
        "outputFormat": scene.format,
        "outputSettings": {"colorMode": "RGB"},
        "denoiserType": "OPENIMAGEDENOISE",
    }


def _pairs(frames: tuple[int, ...]) -> list[list[int]]:
    pairs: list[list[int]] = []
    for frame in frames:
        if pairs and frame == pairs[-1][1] + 1:
            pairs[-1][1] = frame
        else:
            pairs.append([frame, frame])
    return pairs
