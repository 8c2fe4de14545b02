"""Events during a run: crashes, commands, copied state folders, changed files."""

import contextlib
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from renderjuice.jobs import protocol

from .command_line import start
from .habits import stream
from .plan import COMMAND_LINE, Event, Press
from .timeline import Job
from .user import User

if TYPE_CHECKING:
    from .drive import Run

SECONDS_OF_LOOKS = 0.5
_COMMANDS = {
    "cancel": protocol.Cancel,
    "claim": protocol.Claim,
    "download": protocol.Download,
    "look": protocol.RefreshJob,
    "pictures": protocol.InspectFrames,
    "remove": protocol.Remove,
    "retry": protocol.Retry,
    "start": protocol.Start,
    "wait": protocol.Wait,
}


def happen(run: "Run", event: Event) -> None:
    """Apply an event to its user and to the press that it picks."""
    user = run.users[event.user]
    mine = [p for p in run.plan.presses if p.user == event.user and p.job]
    press = mine[int(event.share * len(mine))] if mine else None
    act = EVENTS.get(event.kind)
    if act:
        run.note(user.name, event.kind, "")
        act(run, user, press, event)
    elif press:
        run.note(user.name, event.kind, press.job)
        command(user, event.kind, press.job)


def command(user: User, kind: str, job: str) -> None:
    """Send a command as the panel or the command line does."""
    if kind == "resume":
        user.send(protocol.Resume())
    else:
        user.send(_COMMANDS[kind](job))


def _kill(run: "Run", user: User, press: Press | None, event: Event) -> None:
    user.kill()
    if event.share < 0.8:
        user.send(protocol.Resume())


def _end(run: "Run", user: User, press: Press | None, event: Event) -> None:
    user.end()
    user.send(protocol.Resume())


def _second_worker(run: "Run", user: User, press: Press | None, event: Event) -> None:
    user.start()
    user.send(protocol.Resume())


def _copy(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Use a copy of the state folder, such as a backup or a synced home folder."""
    if press is None:
        return
    name = f"copy{len(run.copies)}"
    copy = User(name, run.folder / f"state {name}", run.farm, machine="backup")
    if event.share < 0.4:  # the same computer
        copy.machine = user.machine
    with contextlib.suppress(shutil.Error):  # files written during the copy
        shutil.copytree(user.state, copy.state, ignore=_gone)
    run.copies.append(copy)
    kinds = ("resume", "wait", "download", "retry", "look")
    rng = stream(run.seed, f"copy {event.at}")
    for kind in rng.sample(kinds, 3):
        command(copy, kind, press.job)


def _other_machine(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Change the computer's name for a while, as DHCP or a new container does."""
    user.end()
    user.machine, before = "renamed", user.machine
    user.send(protocol.Resume())

    def back() -> None:
        user.end()
        user.machine = before
        user.send(protocol.Resume())

    run.undo.append((time.monotonic() + 0.4, back))


def _other_address(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Set another farm's address for a while."""
    user.end()
    user.api_url = run.other_farm.api_url
    run.other_farm.keys |= {user.name: run.farm.key(user.name)}
    user.send(protocol.Resume())
    for mine in run.plan.presses:
        if mine.user == user.name and mine.job and event.share < 0.7:
            command(user, "download", mine.job)
            command(user, "retry", mine.job)

    def back() -> None:
        user.end()
        user.api_url = ""
        user.send(protocol.Resume())

    run.undo.append((time.monotonic() + 0.5, back))


def _late_decoy(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Write a frame as if the artist rendered it locally in the meantime."""
    scene = run.farm.scene
    frame = scene.frames[int(event.share * len(scene.frames))]
    if press:
        data = f"the artist's own frame {frame}".encode()
        run.place(run.output(press) / scene.path.name(frame, scene.views[-1]), data)


def _delete_a_frame(run: "Run", user: User, press: Press | None, event: Event) -> None:
    if press and not user.ended(press.job):
        ours = [
            p for p in sorted(run.output(press).rglob("*.*"))
            if p.is_file() and p not in run.decoys and not p.name.startswith(".")
        ]  # fmt: skip
        for path in ours[:1]:
            path.unlink()


def _adopt(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Adopt a job of the dashboard by its id."""
    others = [job for job in run.farm.jobs.values() if not job.press]
    if others:
        other = others[int(event.share * len(others))]
        user.send(protocol.Adopt(other.id, str(run.project / f"adopted {other.id}")))
        run.undo.append((time.monotonic() + 0.15, lambda: _use_adopted(user, other)))


def _use_adopted(user: User, other: Job) -> None:
    for path in (user.state / "jobs").glob("*.json"):
        if user.record(path.stem).get("farm", {}).get("id") == other.id:
            for kind in ("wait", "download", "retry"):
                command(user, kind, path.stem)


def _change_the_key(run: "Run", user: User, press: Press | None, event: Event) -> None:
    user.send(protocol.UseKey("RJ-not-this-one"))
    right = run.farm.key(user.name)
    run.undo.append((time.monotonic() + 0.2, lambda: user.send(protocol.UseKey(right))))


def _only_looks(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Restart the worker and for a while only send commands that must not start anything."""
    user.kill()
    if press is None:
        return
    rng = stream(run.seed, f"looks {event.at}")
    for kind in rng.sample(("download", "wait", "look", "pictures"), 2):
        run.note(user.name, kind, press.job)
        command(user, kind, press.job)
    killed = time.monotonic()

    def resume() -> None:
        """Send Resume once the new worker has run long enough."""
        heard = next((one.at for one in user.told if one.at > killed), time.monotonic())
        if time.monotonic() - heard > SECONDS_OF_LOOKS or time.monotonic() - killed > 6:
            user.send(protocol.Resume())
        else:
            run.undo.append((time.monotonic() + 0.1, resume))

    run.undo.append((killed + SECONDS_OF_LOOKS, resume))


def _asleep(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Stop the worker processes for 0.4 s, as if the computer slept."""
    pids = [worker.link.pid for worker in user.workers]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.4 if number == signal.SIGSTOP else 0)


def _damaged_record(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Add another job's record that is truncated or has arbitrary content."""
    rng = stream(run.seed, f"damage {event.at}")
    texts = (b"", b"{", b"[" * 100_000, b"null", b'{"id": 7}', b"\xff\xfe\0", b"9" * 5000, b"{}")
    name = f"{rng.getrandbits(40):010x}"
    (user.state / "jobs").mkdir(parents=True, exist_ok=True)
    (user.state / "jobs" / f"{name}.json").write_bytes(rng.choice(texts))
    run.damaged.append(name)
    user.kill()
    user.send(protocol.Resume())


def _full_disk(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Prevent the worker process from growing any file for a while."""
    pid = user.worker.link.pid
    _limit(pid, full=True)
    run.undo.append((time.monotonic() + 0.4, lambda: _limit(pid, full=False)))


def _limit(pid: int, full: bool) -> None:
    with contextlib.suppress(ProcessLookupError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0 if full else hard, hard))


def _cancel_on_a_full_disk(run: "Run", user: User, press: Press | None, event: Event) -> None:
    if press:
        _full_disk(run, user, press, event)
        run.note(user.name, "cancel", press.job)
        command(user, "cancel", press.job)


def _look_alikes(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Add the artist's folders to the scratch folder, with names like the extension's own."""
    for name in ("scan-statue", "copy-of-it", "package", "renderjuice-scratch/scan-mine"):
        path = user.state / "scratch" / name / "photograph.png"
        run.place(path, f"the artist's {name}".encode())
        if path.is_file():
            os.utime(path.parent, (1e9, 1e9))
    user.kill()
    user.send(protocol.Resume())


def _command_line(run: "Run", user: User, press: Press | None, event: Event) -> None:
    """Run a command in a shell while Blender is open."""
    if press:
        kind = stream(run.seed, f"shell {event.at}").choice(COMMAND_LINE)
        run.note(user.name, kind, press.job)
        start(run, press, kind)


def _gone(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith((".lock", ".tmp", ".part", ".log"))]


EVENTS: dict[str, Callable[..., Any]] = {
    "kill": _kill,
    "end": _end,
    "second worker": _second_worker,
    "copy": _copy,
    "other machine": _other_machine,
    "other address": _other_address,
    "late decoy": _late_decoy,
    "delete a frame": _delete_a_frame,
    "adopt": _adopt,
    "change the key": _change_the_key,
    "only looks": _only_looks,
    "asleep": _asleep,
    "damaged record": _damaged_record,
    "full disk": _full_disk,
    "cancel on a full disk": _cancel_on_a_full_disk,
    "look-alikes": _look_alikes,
    "command line": _command_line,
}
