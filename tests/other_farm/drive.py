"""One random run: users work with a farm that behaves unusually, then normally; then checks."""

import contextlib
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderjuice.jobs import protocol

from .command_line import Shell, command_line, finish
from .events import happen
from .farm import Farm
from .habits import Habits
from .judge import judge
from .plan import SECONDS, Plan, Press, draw_plan
from .seen import Seen, hashes
from .timeline import Job
from .user import User

SECONDS_OF_CALM = 15.0
SECONDS_TO_START = 3.0  # of a worker on a busy machine; event times count from its first request
SHORTEST_PRIVATE_NAME = 5  # shorter ones may be in any text
SECONDS_WITHOUT_NEWS = 1.5
SECONDS_TO_BEGIN = 0.4  # for a worker to react to Download for an ended job


@dataclass
class Run:
    """The state of one run, with everything that the judge checks."""

    seed: int
    folder: Path
    farm: Farm = field(init=False)
    other_farm: Farm = field(init=False)
    plan: Plan = field(init=False)
    users: dict[str, User] = field(init=False)
    copies: list[User] = field(default_factory=list)
    decoys: dict[Path, bytes] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)  # file names of damaged records
    finished: list[Seen] = field(default_factory=list)
    commands: list[tuple[float, str, str, str]] = field(default_factory=list)  # at, user, what, job
    shells: list[Shell] = field(default_factory=list)
    undo: list[tuple[float, Callable[[], Any]]] = field(default_factory=list)
    calm_at: float = 0
    over: bool = False
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.project = self.folder / "project"
        self.farm = Farm(self.seed)
        self.other_farm = Farm(self.seed + 1_000_000)
        self.other_farm.calm = True
        self.plan = draw_plan(self.seed, self.farm.scene)
        names = (str(self.folder), "bobs-computer", "renamed", "backup", platform.node())
        self.farm.private = tuple(name for name in names if len(name) > SHORTEST_PRIVATE_NAME)
        self.users = {
            name: User(name, self.folder / f"state {name}", self.farm, self.plan.machines[name])
            for name in self.plan.users
        }
        for name, data in self.plan.decoys.items():
            self.place(self.project / name, data)
        self.outside = self.folder / "outside"
        self.place(self.outside / "precious.png", b"the artist's precious picture")
        for name, target in self.plan.links.items():
            with contextlib.suppress(OSError):
                (self.project / name).parent.mkdir(parents=True, exist_ok=True)
                (self.project / name).symlink_to(self.outside / target)

    def place(self, path: Path, data: bytes) -> None:
        """Write a file that belongs to the artist."""
        with contextlib.suppress(OSError):  # the name may be a folder now, or too long
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(data)
            self.decoys[path] = data

    def play(self) -> list[str]:
        """Do the whole run and return the broken promises."""
        begun = time.monotonic()
        try:
            self._chaos()
            self._calm()
        finally:
            for user in self.everybody():
                user.end()
            if self.plan.command_line:
                self.broken += command_line(self)
            self.farm.close()
            self.other_farm.close()
        self.notes.append(f"{time.monotonic() - begun:.1f} s")
        self.broken += judge(self)
        if self.plan.removes:
            self._remove()
        return self.broken

    def _remove(self) -> None:
        """Check that Remove deletes the record of an ended job but keeps its frames."""
        for press in self.plan.presses:
            user, folder = self.users[press.user], self.output(press)
            if not user.ended(press.job):
                continue
            before = hashes(folder)
            user.send(protocol.Remove(press.job))
            deadline = time.monotonic() + 60
            while user.record(press.job) and time.monotonic() < deadline:
                time.sleep(0.02)
            if user.record(press.job):
                self.broken.append("remove: the record of a job that has ended stays")
            if hashes(folder) != before:
                self.broken.append("files: Remove took frames with it")
        for user in self.everybody():
            user.kill()

    def everybody(self) -> list[User]:
        return [*self.users.values(), *self.copies]

    # -- during the run -------------------------------------------------------------------------

    def _chaos(self) -> None:
        for user in self.users.values():
            user.start()
        presses = sorted(self.plan.presses, key=lambda press: press.at)
        events = list(self.plan.events)
        begun, heard = time.monotonic(), 0.0
        while presses or not heard or self.undo or time.monotonic() - heard < SECONDS:
            while presses and presses[0].at <= time.monotonic() - begun:
                press = presses.pop(0)
                self.users[press.user].press(press, self.farm.scene, self.project)
                self.note(press.user, "press", press.job)
            if not heard and (self.farm.log or time.monotonic() - begun > SECONDS_TO_START):
                heard = time.monotonic()
            while heard and events and events[0].at <= time.monotonic() - heard:
                happen(self, events.pop(0))
            for at, undo in [one for one in self.undo if one[0] <= time.monotonic()]:
                self.undo.remove((at, undo))
                undo()
            self.hear()
            if not presses and not events and self._all_ended():
                break
            time.sleep(0.02)
        for _, undo in list(self.undo):
            undo()
        self.undo.clear()

    def note(self, user: str, what: str, job: str) -> None:
        self.commands.append((time.monotonic(), user, what, job))

    def hear(self) -> None:
        for user in self.everybody():
            user.hear()
        for shell in self.shells:
            shell.look(self)
        seen = {one.press.marker for one in self.finished}
        for press in self.plan.presses:
            user = self.users[press.user]
            stage = user.record(press.job).get("stage") if press.job else ""
            if stage == "finished" and press.marker not in seen:
                self.finished.append(Seen(press, time.monotonic(), hashes(self.output(press))))

    @property
    def announced(self) -> tuple[int, ...]:
        """The frames that Submit announced."""
        return self.farm.scene.frames

    def output(self, press: Press) -> Path:
        """Return the output folder in the job's record."""
        said = self.users[press.user].record(press.job).get("output")
        return Path(said) if said else self.project / press.folder

    def _all_ended(self) -> bool:
        return all(p.job and self.users[p.user].ended(p.job) for p in self.plan.presses)

    # -- after the run --------------------------------------------------------------------------

    def _calm(self) -> None:
        """Make the farm behave normally and bring every job to its end, with commands if needed."""
        self.farm.calm = True
        self.calm_at = time.monotonic()
        for shell in self.shells:
            self.broken += finish(self, shell)
        for user in self.users.values():
            user.send(protocol.Resume())
            for press in self.plan.presses:
                if press.user == user.name and not user.ended(press.job):
                    user.send(protocol.Retry(press.job))
        self._until_ended()
        for press in self.plan.presses:
            user = self.users[press.user]
            if not user.ended(press.job) and not self._is_over(press):
                self.note(user.name, "cancel", press.job)
                user.send(protocol.Cancel(press.job))
        self._until_ended()
        self.over = self._all_ended()
        again = []
        for press in self.plan.presses:
            user = self.users[press.user]
            stage = user.record(press.job).get("stage")
            if stage in ("incomplete", "failed") and self._is_over(press):
                self.note(user.name, "download", press.job)
                user.send(protocol.Download(press.job))
                again.append(press)
        self._until_taken_up(again)
        self._until_ended()
        self.hear()

    def _until_taken_up(self, presses: list[Press]) -> None:
        """Wait until the workers start on these jobs, at most two seconds."""
        begun = time.monotonic()
        waited = {(press.user, press.job) for press in presses}
        while waited and time.monotonic() - begun < 2:
            self.hear()
            for user in self.users.values():
                waited -= {(user.name, one.job.id) for one in user.told if one.at > begun}
            time.sleep(0.02)

    def jobs_of(self, press: Press) -> list[Job]:
        return [job for job in self.farm.jobs.values() if job.press == press.marker]

    def _is_over(self, press: Press) -> bool:
        """Return whether the paid job for this press has ended on the farm."""
        return any(job.renders and job.over for job in self.jobs_of(press))

    def _until_ended(self) -> None:
        """Wait until all jobs have ended, nothing changes for a while, or the time is over."""
        end = time.monotonic() + SECONDS_OF_CALM
        news, last = self._state(), time.monotonic()
        while time.monotonic() < end:
            self.hear()
            if self._state() != news:
                news, last = self._state(), time.monotonic()
            if not all(w.events for user in self.users.values() for w in user.workers):
                last = max(last, min(time.monotonic(), end - SECONDS_OF_CALM + SECONDS_TO_START))
            quiet = SECONDS_TO_BEGIN if self._all_ended() else SECONDS_WITHOUT_NEWS
            if time.monotonic() - last > quiet:
                break
            time.sleep(0.03)
        self.hear()

    def _state(self) -> list[Any]:
        records = [self.users[p.user].record(p.job) for p in self.plan.presses]
        return [(r.get("stage"), r.get("files"), r.get("farm", {}).get("status")) for r in records]


def play(seed: int, folder: Path) -> Run:
    """Do the run of one seed and return it; `broken` lists the broken promises."""
    run = Run(seed, folder)
    run.play()
    return run


def describe(seed: int) -> str:
    """Return the unusual habits of a seed's farm as text."""
    odd = Habits(seed).odd_ones()
    return ", ".join(f"{name}={value!r}" for name, value in odd.items())
