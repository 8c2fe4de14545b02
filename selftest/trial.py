"""Holds what the checks have in common: one folder, the stand-in, the worker and the one job.

Start: `make_folder`. Steady state: `wait_for` reads the job's record until something is true of it.
End: `close` ends the worker and the stand-in and removes the folder, whatever has happened.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from ..jobs.protocol import Command, TestKey, WorkerConfig
from ..jobs.record import Record
from ..jobs.store import Store
from ..jobs.worker_events import Reply, Unusable
from ..packing import command
from ..session.worker_process import Link
from ..system import processes, sharing
from ..system.processes import environment, own_group
from . import picture
from .farm import Farm
from .lines import Setup

KEY = "RJ-SELFTEST-0123456789"
MAKE_SCENE = Path(__file__).with_name("make_scene.py")
TIME_SCALE = 0.25
"""Multiplies the worker's waits and timeouts: the stand-in answers at once."""
TRANSFERS = 4
MAX_LOG_LINES = 40
TAIL = 5
"""How many last lines of the background Blender are quoted."""
MAX_BYTES_A_LINE = 1024
_PLACES = ("BLENDER_USER_RESOURCES", "TMPDIR", "TEMP", "TMP")
"""Variables that name a folder in which the background Blender may leave files."""
_GONE = "Renderjuice's background process has ended unexpectedly."


class Limits:
    """Seconds to wait."""

    check = 120.0
    """For what a check waits for."""
    waiting = 15.0
    """For a job that waits because of an error."""


class NotHeld(Exception):
    """A check did not hold."""

    def __init__(self, found: str, hint: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.hint = hint


class Stopped(Exception):
    """Blender is gone, or the self-test was stopped."""


class Trial:
    """One self-test."""

    def __init__(self, setup: Setup, should_stop: Callable[[], bool]) -> None:
        self.setup = setup
        self.folder = Path()
        """The temporary folder; the current one before `make_folder`."""
        self.texture = picture.png()
        """The texture of the scene. The stand-in gives it back as the frame."""
        self.job = ""
        """The id of the job."""
        self._should_stop = should_stop
        self._link: Link | None = None
        self._farm: Farm | None = None

    @property
    def state(self) -> Path:
        """The temporary state folder."""
        return self.folder / "state"

    @property
    def farm(self) -> Farm:
        """The stand-in, once it has started."""
        assert self._farm is not None
        return self._farm

    @property
    def link(self) -> Link:
        """The current worker."""
        assert self._link is not None
        return self._link

    def make_folder(self) -> None:
        """Make the temporary folder in the first place where that is possible. Raises OSError."""
        places = list(self.setup.folders)
        while self.folder == Path():
            place = places.pop(0)
            try:
                self.folder = Path(tempfile.mkdtemp(prefix="renderjuice-selftest-", dir=place))
            except OSError:
                if not places:
                    raise
        for name in ("state", "project", "scratch"):
            (self.folder / name).mkdir(mode=0o700)

    def start_farm(self) -> None:
        """Start the stand-in. Raises OSError."""
        self._farm = Farm(KEY, self.texture)

    def start_worker(self) -> None:
        """Start a worker, after the current one if there is one. Raises OSError and NotHeld."""
        if self._link is not None:
            self._link.close()
        config = WorkerConfig(
            site_packages=self.setup.site_packages,
            state=str(self.state),
            key=KEY,
            api_url=self.farm.api_url,
            transfers=TRANSFERS,
            time_scale=TIME_SCALE,
        )
        with _naming_the_pipe():
            self._link = Link(self.setup.python, config, self.state / "worker.log")

    def send(self, command: Command) -> int:
        """Send the worker a command; return its number. Raises NotHeld."""
        with _naming_the_pipe():
            return self.link.send(command)

    def test_key(self, key: str) -> Reply:
        """Have the worker test a key. Raises NotHeld."""
        number = self.send(TestKey(key))
        for _ in self._moments():
            self.link.wait(0.05)
            events = self.link.receive()
            for event in events:
                if isinstance(event, Unusable):
                    raise NotHeld(event.text)
                if isinstance(event, Reply) and event.number == number:
                    return event
            if not events and not self.link.alive:
                raise NotHeld(_GONE)
        raise AssertionError

    def wait_for(self, true: Callable[[Record], bool]) -> Record:
        """Wait until something is true of the job; return its record. Raises NotHeld."""
        store = Store(self.state)
        since: float | None = None
        for now in self._moments():
            self.link.wait(0.05)
            self.link.receive()
            record = store.load(self.job)
            if true(record):
                return record
            since = (since or now) if record.waiting else None
            given_up = since is not None and now - since > Limits.waiting
            if record.error and (record.ended or given_up):
                raise NotHeld(record.error.message, record.error.hint)
            if record.ended:
                raise NotHeld(f"The job has ended before: {record.stage}.")
            if not self.link.alive:
                raise NotHeld(_GONE)
        raise AssertionError

    def make_scene(self, **paths: Path) -> dict[str, Any]:
        """Run make_scene.py in a background Blender; return its result. Raises NotHeld."""
        work = self.folder / "scratch"
        request, result = work / "request.json", work / "result.json"
        named = {name: str(path) for name, path in {**paths, "result": result}.items()}
        request.write_text(json.dumps(named), encoding="utf-8")
        process = subprocess.Popen(
            [*command.packer(self.setup.blender, MAKE_SCENE), str(request)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(**dict.fromkeys(_PLACES, str(work))),
            **own_group(),
        )
        said: deque[str] = deque(maxlen=TAIL)
        assert process.stdout is not None
        reader = threading.Thread(target=_read, args=(process.stdout, said), daemon=True)
        reader.start()
        try:
            for _ in self._moments():
                if process.poll() is not None:
                    break
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()
        reader.join(1.0)
        if not result.exists():  # it is written last
            raise NotHeld(
                f"The background Blender has ended with code {process.returncode}:"
                f" {' '.join(said)}",
                "See whether this Blender starts with --background.",
            )
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found

    def log(self) -> list[str]:
        """The last lines of the worker's log."""
        with contextlib.suppress(OSError, ValueError):
            return sharing.read_text(self.state / "worker.log").splitlines()[-MAX_LOG_LINES:]
        return []

    def close(self) -> None:
        """End the worker and the stand-in, and remove the folder. Does not raise."""
        if self._link is not None:
            self._link.close()
        if self._farm is not None:
            self._farm.close()
        self._link = self._farm = None
        if self.folder != Path():
            with contextlib.suppress(OSError):
                sharing.retry(lambda: shutil.rmtree(self.folder), self.folder)

    def _moments(self) -> Iterator[float]:
        """The time, again and again. Raises NotHeld after Limits.check, and Stopped."""
        end = time.monotonic() + Limits.check
        while (now := time.monotonic()) < end:
            if self._should_stop():
                raise Stopped
            yield now
        raise NotHeld(f"Nothing came within {Limits.check:.0f} seconds.")


@contextlib.contextmanager
def _naming_the_pipe() -> Iterator[None]:
    """Raise NotHeld for an OSError that names no file: that of the pipe to a worker that ended."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise NotHeld(_GONE) from error
        raise


def _read(stream: IO[bytes], said: deque[str]) -> None:
    with stream:
        said.extend(processes.lines(stream, MAX_BYTES_A_LINE))
