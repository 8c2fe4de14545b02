"""Follows a worker's jobs in background mode, where Blender's timers do not run.

Start: `Follower.follow` sends a command and installs a SIGINT handler. Steady state: it waits on
the pipe and prints progress. End: the worker is idle or reports an error, all jobs wait for the
user, the timeout is over, or a signal such as Ctrl-C asks for it.
"""

import shutil
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..jobs.protocol import Command, Jobs, ReceivedEvent
from ..jobs.record import Problem
from ..jobs.snapshot import JobSnapshot
from ..jobs.worker_events import Idle, Reply, Unusable
from ..system import streams
from ..system.interruption import Flag
from ..system.units import size
from .worker_process import Link

SECONDS_BETWEEN_LINES = 5.0
WAIT_SECONDS = {
    "refused-key": 0.0,
    "no-access": 0.0,
    "disk-full": 0.0,
    "disk": 0.0,
    "folder-claimed": 0.0,
    "no-locks": 0.0,
    "project-gone": 0.0,
    "frames-late": 60.0,
}
"""Seconds to wait with a waiting job, by the id of its error."""
DEFAULT_WAIT_SECONDS = 15 * 60.0
"""The same for other errors, since the last progress of the job."""


class Interrupted(Exception):
    """A signal, such as Ctrl-C, has asked to end. The job can be resumed."""


class WorkerGone(Exception):
    """The worker exited unexpectedly. `unusable` says why it could not start, else None."""

    def __init__(self, unusable: Unusable | None = None) -> None:
        super().__init__(unusable.text if unusable else "the worker has ended")
        self.unusable = unusable


@dataclass
class Ended:
    """How following ended: with an error of the command, by a timeout, or regularly."""

    error: Problem | None = None
    timed_out: bool = False


class Follower:
    """Follows one worker until its command is done."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lines = Lines()
        self.jobs: dict[str, JobSnapshot] = {}
        """The newest snapshot of each job."""

    def ask(self, command: Command) -> Reply:
        """Send `command` and wait for its reply. Raises WorkerGone."""
        number = self._link.send(command)
        while True:
            for event in self._receive(1.0):
                match event:
                    case Reply(number=answered) if answered == number:
                        return event
                    case Idle(number=done) if done == number:
                        return Reply(number)

    def follow(
        self,
        command: Command,
        ids: Iterable[str],
        *,
        timeout: float | None,
        patience: float = DEFAULT_WAIT_SECONDS,
    ) -> Ended:
        """Send `command` and print the progress of its jobs until the worker is idle.

        It ends early when all `ids` that have not ended wait for the user, or have waited for
        `patience` seconds since their last progress; and after `timeout` seconds. Raises
        Interrupted and WorkerGone.
        """
        ids = set(ids)
        deadline = time.monotonic() + timeout if timeout is not None else float("inf")
        waiting = Waiting(patience)
        with Flag(signal.SIGINT) as signals:
            number = self._link.send(command)
            while True:
                for event in self._receive(0.5):
                    match event:
                        case Reply(number=answered, error=Problem()) if answered == number:
                            return Ended(error=event.error)
                        case Idle(number=done) if done == number:
                            return Ended()
                        case Jobs():
                            for job in event.jobs:
                                self.jobs[job.id] = job
                                self._lines.show(job)
                                waiting.track(job)
                if signals.raised:
                    raise Interrupted
                if time.monotonic() > deadline:
                    return Ended(timed_out=True)
                if waiting.is_over(self.jobs, ids):
                    return Ended()

    def _receive(self, seconds: float) -> list[ReceivedEvent]:
        self._link.wait(seconds)
        events = self._link.receive()
        for event in events:
            if isinstance(event, Unusable):
                raise WorkerGone(event)
        if not events and not self._link.alive:
            raise WorkerGone
        return events


class Waiting:
    """The waiting jobs, and when each is given up."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._progress: dict[str, tuple[object, float]] = {}
        self._ends: dict[str, float] = {}

    def track(self, job: JobSnapshot) -> None:
        """Set or clear the time at which a job is given up; its progress sets it anew."""
        if not job.waiting or job.error is None:
            self._progress.pop(job.id, None)
            self._ends.pop(job.id, None)
            return
        now, live = time.monotonic(), job.live
        progress = (job.stage, job.status, live.done, live.fraction, job.frames.files)
        before, since = self._progress.get(job.id, (None, now))
        if progress != before:
            self._progress[job.id] = progress, (since := now)
        self._ends[job.id] = since + WAIT_SECONDS.get(job.error.id, self._patience)

    def is_over(self, jobs: Mapping[str, JobSnapshot], ids: set[str]) -> bool:
        """Whether every job that has not ended is given up."""
        left = [job_id for job_id in ids if job_id not in jobs or not jobs[job_id].ended]
        now = time.monotonic()
        return bool(left) and all(now > self._ends.get(job_id, now) for job_id in left)


class Lines:
    """Prints progress to standard error: a bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        streams.provide()
        self._terminal = sys.stderr.isatty()
        self._shown: dict[str, tuple[str, float, str]] = {}

    def show(self, job: JobSnapshot) -> None:
        """Print a snapshot; without a terminal, at most every SECONDS_BETWEEN_LINES per stage."""
        text = describe(job)
        step, last, said = self._shown.get(job.id, ("", 0.0, ""))
        now = time.monotonic()
        new_step = f"{job.stage} {job.waiting}"
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            end = "\n" if new_step != step and step else ""
            print(
                f"{end}\r{_bar(job)} {text}"[: width + len(end)],
                end=streams.TO_END_OF_LINE,
                file=sys.stderr,
            )
            if job.ended:
                print(file=sys.stderr)
        elif text == said or (new_step == step and now - last < SECONDS_BETWEEN_LINES):
            return
        else:
            print(text, file=sys.stderr)
        sys.stderr.flush()
        self._shown[job.id] = (new_step, now, text)


def describe(job: JobSnapshot) -> str:
    """Describe a job in one line."""
    live = job.live
    words = [f"{job.title}: {job.stage}"]
    if live.total and live.unit == "bytes":
        words.append(f"{size(live.done)} of {size(live.total)}")
        if live.rate:
            words.append(f"{size(live.rate)}/s")
    elif live.total:
        words.append(f"{live.done} of {live.total} {live.unit}")
    elif live.step:
        words.append(f"({live.step})")
    elif job.status:
        words.append(f"({job.status} on the farm)")
    if job.waiting and job.error:
        words.append(f"- waiting: {job.error.message}")
    return " ".join(words)


def _bar(job: JobSnapshot) -> str:
    done = round((job.progress or 0.0) * 20)
    return f"[{'#' * done}{'.' * (20 - done)}]"
