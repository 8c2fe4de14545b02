"""Joins the worker to Blender's main thread: a timer hears it, the panels draw what it said.

The jobs as last heard stand in `jobs` here, so they survive undo, New and Open; the window
manager's list for drawing (session/job_list.py) is made from them.
"""

# One Blender has one worker and one timer: this module is that one thing.
# ruff: noqa: PLW0603

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import bpy

from ..jobs import key, snapshot
from ..jobs.record import BEFORE_RENDERING, ENDED, DamagedRecord, Record
from ..jobs.store import Store
from . import job_list, paths, preferences
from .worker_process import Link

SECONDS_BETWEEN_TICKS = 0.2
SECONDS_AFTER_START = 1.0
SECONDS_OF_A_STEP = 0.004
SECONDS_BETWEEN_STEPS = 0.02
SECONDS_OF_NEWS = 60.0
MOST_LOOKED_AT = 8
SECONDS_OF_A_CRASH = 60.0
MOST_CRASHES = 3

_PLACES = {"VIEW_3D": "UI", "PROPERTIES": "WINDOW", "PREFERENCES": "WINDOW"}

jobs: dict[str, dict[str, Any]] = {}
"""The snapshot of each job, by its id, as view.snapshot makes it."""
changes = 0
"""Counts what may move or hide a row of the list of jobs."""
damaged: list[str] = []
"""Sentences about records that cannot be shown."""
replies: dict[int, dict[str, Any]] = {}
"""Answers of the worker that an operator waits for."""
scan: dict[str, Any] = {}
"""The last look at the scene's files: its "id", and what the worker says of it (worker/scan.py)."""
asked = 0
"""The number in `replies` of the last question about the key; 0 where it was not asked about."""
news: dict[str, float] = {}
"""Jobs that have ended a moment ago, and when."""
trouble = ""
"""Why there is no worker, as a sentence; "" while nothing is wrong."""

_link: Link | None = None
_leaving: list[Link] = []
_crashes: list[float] = []
_key_known: bool | None = None
_loading: Iterator[None] | None = None
_to_remove: list[str] = []


def start_worker(key_to_use: str | None = None) -> Link:
    """A worker for this Blender. Raises OSError."""
    state = paths.state_folder()
    greeting = {
        "site_packages": paths.site_packages(),
        "state": str(state),
        "key": key.read(state) if key_to_use is None else key_to_use,
        "api_url": preferences.api_url(),
        "transfers": preferences.get().transfers,
    }
    python = [sys.executable, *bpy.app.python_args]  # type: ignore[attr-defined]
    return Link(python, greeting, log_file())


def send(command: dict[str, Any]) -> int:
    """Tell the worker something, and start it if there is none. Raises OSError.

    Ask `bpy.app.online_access` before: whatever a worker is told may need the network.
    """
    global _link
    if _link is None or not _link.alive:
        _link = start_worker()
    number = _link.send(command)
    _run(_tick, 0.05)
    return number


def begin_scan(folder: Path) -> None:
    """Have the worker look at the copy that is saved in `folder`. Raises OSError."""
    scan.clear()
    scan["id"] = folder.name
    send({"do": "scan", "folder": str(folder)})


def offline() -> str:
    """Why Blender may not go online, and what to do about it; "" where it may."""
    if bpy.app.online_access:
        return ""
    if bpy.app.online_access_override:
        return "Blender was started with --offline-mode: start it without to reach Renderjuice"
    return "Blender is offline: allow online access in Preferences > System"


def load() -> None:
    """Know every job that has a record: other Blenders of this user may have begun some."""
    damaged.clear()
    for _ in _records():
        pass


def _records() -> Iterator[None]:
    """Take in the records that are new, one a step: many together would hold up Blender."""
    store = Store(paths.state_folder())
    for found in store.read(i for i in store.ids() if i not in jobs and i not in _to_remove):
        if isinstance(found, DamagedRecord):
            damaged.append(str(found))
        else:
            _keep(_shown(found, store))
        yield


def refresh() -> None:
    """Show and follow what another Blender has begun since we looked."""
    load()
    _mirror()
    with contextlib.suppress(OSError):  # without a worker they are only shown
        _go_on()


def note(record: Record) -> None:
    """Show a record that this Blender has just written."""
    _keep(_shown(record, Store(paths.state_folder())))
    _mirror()


def _shown(record: Record, store: Store) -> dict[str, Any]:
    return {**snapshot.snapshot(record), "foreign": record.home != store.home}


def _keep(job: dict[str, Any]) -> None:
    """Know a job as it is now."""
    from ..jobs import sorting  # enabling the extension stays fast

    global changes
    before = jobs.get(job["id"])
    if before is None or sorting.row(before) != sorting.row(job):
        changes += 1
    jobs[job["id"]] = job


def _drop(job_id: str) -> bool:
    """Know a job no more; whether it was known."""
    global changes
    changes += 1
    return jobs.pop(job_id, None) is not None


def remove(job_id: str) -> None:
    """Forget a job that nobody runs. Raises OSError."""
    Store(paths.state_folder()).remove(job_id)
    _drop(job_id)
    _mirror()


def remove_many(job_ids: Iterable[str]) -> None:
    """Forget jobs that nobody runs: from the list now, from the disk in small steps."""
    for job_id in job_ids:
        if _drop(job_id):
            _to_remove.append(job_id)
    _mirror()
    _run(_remove_some)


def _remove_some() -> float | None:
    """Remove some records. One that cannot be removed is in the list again at the next start."""
    store = Store(paths.state_folder())
    until = time.perf_counter() + SECONDS_OF_A_STEP
    while _to_remove and time.perf_counter() < until:
        try:
            store.remove(_to_remove.pop())
        except OSError:
            traceback.print_exc()
    return SECONDS_BETWEEN_STEPS if _to_remove else None


def before_rendering(blend: str) -> bool:
    """Whether a job of this file is on its way and nothing is rendered of it yet."""
    return any(j["blend"] == blend and j["stage"] in BEFORE_RENDERING for j in jobs.values())


# -- frames that are here -------------------------------------------------------------------------


def look_at(job_id: str) -> None:
    """A panel shows the frames of this job: have them looked at soon, if there are new ones."""
    from . import thumbnails  # enabling the extension stays fast

    thumbnails.looks.at(job_id)
    if thumbnails.looks.wanted(jobs) and not trouble:
        _run(_tick)


def _look() -> bool:
    """Ask the worker which frames may be shown, and begin to load some; whether there are more."""
    from . import thumbnails

    if thumbnails.load():
        _redraw_soon()
    if trouble:
        return thumbnails.waiting()
    if job_id := thumbnails.looks.due(jobs, time.monotonic()):
        send({"do": "pictures", "job": job_id})
    return thumbnails.waiting() or thumbnails.looks.wanted(jobs)


# -- the key --------------------------------------------------------------------------------------


def has_key() -> bool:
    """Whether a key is known; asks the disk once, since panels ask at each draw."""
    global _key_known
    if _key_known is None:
        _key_known = bool(key.read(paths.state_folder()))
    return _key_known


def keep_key(new: str) -> None:
    """Store a key, and tell the worker that waits for one. Raises OSError."""
    global _key_known, asked
    asked = 0  # what was said of the one before does not hold
    key.write(paths.state_folder(), new)
    _key_known = None
    if _link is not None and _link.alive and bpy.app.online_access:
        _link.send({"do": "key", "key": key.read(paths.state_folder())})


def enter_key(text: str) -> None:
    """Store what was typed into the field of the key, and try it at once."""
    global trouble
    new = text.replace("•", "").strip()  # the dots of the one before, if it was pasted beside them
    if text and not new:
        return
    try:
        keep_key(new)
        if new and not offline():
            test_key()
    except OSError as error:
        trouble = f"The key could not be kept: {error}"


def new_address() -> None:
    """The API's address has changed: a worker that knows the old one makes way for another."""
    global _link, asked, trouble
    asked, trouble = 0, ""
    if _link is not None:
        _link.close()
        _link = None
        _go_on()


def test_key() -> None:
    """Ask the farm about the key; the answer will stand in `replies` at `asked`. Raises OSError."""
    global asked
    asked = send({"do": "test", "key": key.read(paths.state_folder())})
    replies.pop(asked, None)  # of a worker before this one, which counted anew


# -- the timer ------------------------------------------------------------------------------------


def _run(timer: Callable[[], float | None], after: float = 0.0) -> None:
    """Have Blender call a timer, first in so many seconds, unless it does already."""
    if not bpy.app.timers.is_registered(timer):
        bpy.app.timers.register(timer, first_interval=after, persistent=True)


def _tick() -> float | None:
    """Hear the worker. An exception would take the timer away for good."""
    try:
        return _hear()
    except Exception:
        traceback.print_exc()
        return SECONDS_BETWEEN_TICKS


def _hear() -> float | None:
    global _link
    _leaving[:] = [link for link in _leaving if link.alive]
    more = _look()
    if _link is None:
        return SECONDS_BETWEEN_TICKS if _leaving or more else None
    link = _link
    messages = link.receive()
    for message in messages:
        _take(message, link)
    if messages:
        _mirror()
    if not messages and not link.alive:
        _link = None
        _after_a_crash()
    return SECONDS_BETWEEN_TICKS


def _after_a_crash() -> None:
    """The worker has ended by itself: go on with another, unless that has not helped."""
    global asked, trouble
    if scan and not scan.keys() & {"files", "error"}:
        scan["error"] = {"message": f"The worker process has ended. Its log: {log_file()}"}
    asked = asked if asked in replies else 0  # an answer that will not come
    from . import thumbnails

    thumbnails.looks.unanswered()
    now = time.monotonic()
    _crashes[:] = [at for at in _crashes if now - at < SECONDS_OF_A_CRASH] + [now]
    if not trouble and len(_crashes) < MOST_CRASHES and bpy.app.online_access:
        send({"do": "resume"})
        return
    trouble = trouble or (
        "What sends and fetches for Renderjuice has ended unexpectedly, several times. The jobs are"
        " kept: save your file and start Blender again, and they go on. If that does not help,"
        f" report it with the file {log_file()}."
    )
    redraw()


def _take(message: dict[str, Any], link: Link) -> None:
    """Take in one message."""
    global _link, trouble
    if "jobs" in message or "reply" in message:
        trouble = ""  # it works
    if "jobs" in message:
        for job in message["jobs"]:
            _take_news(job)
            job["foreign"] = False
            _keep(job)
    if "removed" in message:
        for job_id in message["removed"]:
            _drop(job_id)
    if "damaged" in message:
        damaged[:] = sorted({*damaged, *message["damaged"]})
    if "unusable" in message:
        trouble = f"Renderjuice cannot work. {message['unusable']}"
    if "scan" in message and message["scan"]["id"] == scan.get("id"):
        scan.pop("step", None)
        scan.update(message["scan"])
    if "pictures" in message:
        from . import thumbnails

        thumbnails.show(message["pictures"], jobs)
    if "reply" in message:
        replies[message["reply"]] = message
    if message.get("idle") == link.sent:
        link.end()
        _leaving.append(link)
        _link = None


def _take_news(job: dict[str, Any]) -> None:
    """Note that a job has ended just now: the status bar says it for a while."""
    before = jobs.get(job["id"])
    if not _done(job) or before is None or _done(before):
        return
    news[job["id"]] = time.monotonic()
    if bpy.app.timers.is_registered(_forget_news):
        bpy.app.timers.unregister(_forget_news)
    bpy.app.timers.register(_forget_news, first_interval=SECONDS_OF_NEWS, persistent=True)


def _forget_news() -> None:
    """What ended a while ago is no news any more."""
    news.clear()
    redraw()


def _mirror() -> None:
    """Bring the window manager's list up to date and draw it."""
    job_list.show(bpy.context.window_manager, jobs, changes)
    _redraw_soon()


def _redraw_soon() -> None:
    """Draw in another frame of the display than the one that has heard the news: an animation may
    play, and each of its frames has room for one of the two."""
    _run(redraw, SECONDS_BETWEEN_TICKS / 2)


def redraw() -> None:
    """Have the places drawn anew that show jobs, and no scene with them."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            place = _PLACES.get(area.type)
            for region in area.regions if place else ():
                if region.type == place and region.width > 1:
                    region.tag_redraw()
    # No area list holds the status bar; Blender draws it anew when this is set, to whatever.
    manager = bpy.context.window_manager
    manager.extensions_updates = manager.extensions_updates


# -- the life of the extension --------------------------------------------------------------------


@bpy.app.handlers.persistent
def _loaded(*_: object) -> None:
    """A file was opened: the window manager's list is empty."""
    _mirror()


def _start() -> float | None:
    """Once after start-up, in small steps: show the jobs, and go on with those not done."""
    global _loading
    try:
        _loading = _loading or _records()
        until = time.perf_counter() + SECONDS_OF_A_STEP
        for _ in _loading:
            if time.perf_counter() > until:
                return SECONDS_BETWEEN_STEPS
        _loading = None
        _mirror()
        _go_on()
    except Exception:
        traceback.print_exc()
    return None


def _go_on() -> None:
    """Go on with the jobs that are not done, if there are any."""
    unfinished = any(not _done(job) and not job["foreign"] for job in jobs.values())
    if unfinished and bpy.app.online_access:
        send({"do": "resume"})


def _done(job: dict[str, Any]) -> bool:
    return job["stage"] in ENDED


def register() -> None:
    """Show jobs from now on. In background mode nobody looks, and the command line asks itself."""
    bpy.app.handlers.load_post.append(_loaded)
    if not bpy.app.background:
        bpy.app.timers.register(_start, first_interval=SECONDS_AFTER_START, persistent=True)


def unregister() -> None:
    """Leave nothing behind: no timer, no handler, no process."""
    global _link, _key_known, _loading, asked, trouble
    bpy.app.handlers.load_post.remove(_loaded)
    while _to_remove:
        _remove_some()
    for timer in (_start, _tick, _remove_some, _forget_news, redraw):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    for link in [*_leaving, *([_link] if _link else [])]:
        link.close()
    _leaving.clear()
    _link, _key_known, _loading, asked, trouble = None, None, None, 0, ""
    for known in (jobs, replies, scan, news):
        known.clear()
    from . import thumbnails

    thumbnails.forget()
    damaged.clear()


def log_file() -> Path:
    """Where the worker writes what went wrong."""
    return paths.state_folder() / "worker.log"
