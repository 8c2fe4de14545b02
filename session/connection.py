"""The connection to the worker process: starts it, sends commands, takes in its messages.

The first `send` starts a worker. From then on `tick` runs five times a second, until the worker
says that it has nothing to do: then it is told to end. A worker that ends by itself is replaced,
and the next one resumes its jobs, but not for ever. Disabling the extension ends all workers.

Background mode has no timers: there whoever sends waits at the pipe (session/follow.py).
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import bpy

from ..jobs.record import ENDED
from . import job_list, paths, preferences, redraw, timers
from .state import state

if TYPE_CHECKING:
    from .worker_process import Link

SECONDS_BETWEEN_TICKS = 0.2
SECONDS_UNTIL_FIRST_TICK = 0.05
SECONDS_OF_NEWS = 60.0
SECONDS_OF_A_CRASH = 60.0
MOST_CRASHES = 3


def offline() -> str:
    """Why Blender may not go online, and what to do about it; "" where it may."""
    if bpy.app.online_access:
        return ""
    if bpy.app.online_access_override:
        return "Blender was started with --offline-mode: start it without to reach Renderjuice"
    return "Blender is offline: allow online access in Preferences > System"


def start_worker(key_to_use: str | None = None) -> Link:
    """Start a worker, with the stored key unless another is given. Raises OSError."""
    from ..jobs import key
    from .worker_process import Link

    folder = paths.state_folder()
    greeting = {
        "site_packages": paths.site_packages(),
        "state": str(folder),
        "key": key.read(folder) if key_to_use is None else key_to_use,
        "api_url": preferences.api_url(),
        "transfers": preferences.get().transfers,
    }
    python = [sys.executable, *bpy.app.python_args]  # type: ignore[attr-defined]
    return Link(python, greeting, paths.log_file())


def send(command: dict[str, Any]) -> int:
    """Send a command, to a new worker if there is none; its number. Raises OSError.

    Ask `offline` before: whatever a worker is told may need the network.
    """
    if not running():
        state.link = start_worker()
    number = state.link.send(command)
    timers.start(tick, SECONDS_UNTIL_FIRST_TICK)
    return number


def running() -> bool:
    """Whether a worker is running that commands can be sent to."""
    return state.link is not None and state.link.alive


def resume() -> None:
    """Have the worker go on with the jobs that have not ended, if there are any. Raises OSError."""
    unfinished = any(not _ended(job) and not job["foreign"] for job in state.jobs.values())
    if unfinished and bpy.app.online_access:
        send({"do": "resume"})


def restart() -> None:
    """End the worker, and start another if there is something to do. Raises OSError."""
    if state.link is not None:
        state.link.close()
        state.link = None
        resume()


def inspect_frames(job_id: str) -> None:
    """A panel shows the frames of this job: have new ones inspected soon, then shown."""
    state.frames.show(job_id)
    if state.frames.wanted(state.jobs) and not state.trouble:
        timers.start(tick)


# -- the timer ------------------------------------------------------------------------------------


def tick() -> float | None:
    """Take in what the worker has said since the last tick."""
    try:
        return _tick()
    except Exception:
        timers.say_exception()
        return SECONDS_BETWEEN_TICKS


def _tick() -> float | None:
    state.ending[:] = [link for link in state.ending if link.alive]
    more = _frames()
    link = state.link
    if link is None:
        return SECONDS_BETWEEN_TICKS if state.ending or more else None
    messages = link.receive()
    for message in messages:
        take(message)
    if messages:
        job_list.update()
    if not messages and not link.alive:
        state.link = None
        _after_a_crash()
    return SECONDS_BETWEEN_TICKS


def _frames() -> bool:
    """Have frame files inspected, and load pictures of those that were. Return whether there is
    more to do."""
    from . import thumbnails

    if thumbnails.load():
        redraw.soon()
    if state.trouble:
        return thumbnails.waiting()
    if job_id := state.frames.due(state.jobs, time.monotonic()):
        send({"do": "pictures", "job": job_id})
    return thumbnails.waiting() or state.frames.wanted(state.jobs)


def _after_a_crash() -> None:
    """The worker has ended by itself: go on with another, unless that has not helped."""
    scan, log_file = state.scan.files, paths.log_file()
    if scan and not scan.keys() & {"files", "error"}:
        scan["error"] = {"message": f"The worker process has ended. Its log: {log_file}"}
    if state.key_test.answer is None:
        state.key_test.number = 0  # its answer will not come
    state.frames.unanswered()
    now = time.monotonic()
    state.crashes[:] = [at for at in state.crashes if now - at < SECONDS_OF_A_CRASH] + [now]
    if not state.trouble and len(state.crashes) < MOST_CRASHES and bpy.app.online_access:
        send({"do": "resume"})
        return
    state.trouble = state.trouble or (
        "What sends and fetches for Renderjuice has ended unexpectedly, several times. The jobs are"
        " kept: save your file and start Blender again, and they go on. If that does not help,"
        f" report it with the file {log_file}."
    )
    redraw.now()


# -- messages -------------------------------------------------------------------------------------


def take(message: dict[str, Any]) -> None:
    """Take in one message of the worker (see worker/service.py)."""
    if "jobs" in message or "reply" in message:
        state.trouble = ""  # it works
    for job in message.get("jobs", ()):
        _take_news(job)
        state.keep({**job, "foreign": False})
    for job_id in message.get("removed", ()):
        state.drop(job_id)
    if "damaged" in message:
        state.damaged[:] = sorted({*state.damaged, *message["damaged"]})
    if "unusable" in message:
        state.trouble = f"Renderjuice cannot work. {message['unusable']}"
    if "scan" in message:
        _take_scan(message["scan"])
    if "pictures" in message:
        from . import thumbnails

        state.frames.answered(message["pictures"])
        thumbnails.want(message["pictures"], state.jobs)
    if "reply" in message and message["reply"] == state.key_test.number:
        state.key_test.answer = message
    if state.link and message.get("idle") == state.link.sent:
        state.link.end()
        state.ending.append(state.link)
        state.link = None


def _take_scan(said: dict[str, Any]) -> None:
    """Keep what is said of the scan that was started last."""
    scan = state.scan.files
    if said["id"] == scan.get("id"):
        scan.pop("step", None)
        scan.update(said)


def _take_news(job: dict[str, Any]) -> None:
    """Note that a job has ended just now: the status bar says it for a while."""
    before = state.jobs.get(job["id"])
    if not _ended(job) or before is None or _ended(before):
        return
    state.news[job["id"]] = time.monotonic()
    timers.stop(_forget_news)
    timers.start(_forget_news, SECONDS_OF_NEWS)


def _forget_news() -> None:
    """What ended a while ago is no news any more."""
    state.news.clear()
    redraw.now()


def _ended(job: dict[str, Any]) -> bool:
    return job["stage"] in ENDED


def close() -> None:
    """End every worker, and wait for it; no timer of this module and of redraw is left."""
    timers.stop(tick, _forget_news, redraw.now)
    for link in [*state.ending, *([state.link] if state.link else [])]:
        link.close()
    state.ending.clear()
    state.link = None
