"""Connects Blender to the worker process: starts it, sends commands, handles its events.

Start: the first `send` starts a worker and a timer. Steady state: `tick` handles events five times
a second. End: an idle worker is told to exit; one that crashes is replaced, and the next one
resumes its jobs, at most MAX_CRASHES times in CRASH_WINDOW_SECONDS. One that does not read its
commands gets them later, and is named after UNREAD_SECONDS. One that is told to exit and does not
is killed by a later tick. `close` ends all workers when the extension is disabled.

Background mode has no timers: session/follow.py waits on the pipe instead.
"""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import bpy

from . import job_list, paths, preferences, redraw, timers
from .state import state

if TYPE_CHECKING:
    from ..jobs.protocol import Command, ReceivedEvent
    from ..jobs.snapshot import JobSnapshot
    from ..jobs.worker_events import FramesInspected
    from .worker_process import Link

SECONDS_BETWEEN_TICKS = 0.2
SECONDS_UNTIL_FIRST_TICK = 0.05
NEWS_SECONDS = 60.0
ASKED_SECONDS = 3.0
CRASH_WINDOW_SECONDS = 60.0
MAX_CRASHES = 3
UNREAD_SECONDS = 10.0
UNREAD = (
    "Renderjuice's background process does not take commands. They are kept until it does. If this"
    " lasts, save your file and start Blender again: the jobs go on."
)


def offline() -> str:
    """A sentence that says why Blender is offline and how to change it; "" if it is online."""
    if bpy.app.online_access:
        return ""
    if bpy.app.online_access_override:
        return "Blender was started with --offline-mode: start it without to reach Renderjuice"
    return "Blender is offline: allow online access in Preferences > System"


def start_worker(key_to_use: str | None = None) -> Link:
    """Start a worker, with the stored key unless another is given. Raises OSError."""
    from ..jobs import key
    from ..jobs.protocol import WorkerConfig
    from .worker_process import Link

    folder = paths.state_folder()
    config = WorkerConfig(
        site_packages=paths.site_packages(),
        state=str(folder),
        key=key.read(folder) if key_to_use is None else key_to_use,
        api_url=preferences.api_url(),
        transfers=preferences.get().transfers,
        on_end=preferences.on_end(),
    )
    python = [sys.executable, *bpy.app.python_args]  # type: ignore[attr-defined]
    return Link(python, config, paths.log_file())


def send(command: Command) -> int:
    """Send a command, after starting a worker if needed; return its number. Raises OSError.

    Callers check `offline` first, because commands may use the network.
    """
    from ..system.outgoing_pipe import Full  # enabling the extension stays fast

    if not running():
        state.link = start_worker()
    timers.start(tick, SECONDS_UNTIL_FIRST_TICK)
    try:
        return state.link.send(command)
    except Full as error:
        raise OSError(
            errno.EAGAIN,
            "it does not take commands, and too many wait. Save your file and start Blender again:"
            " the jobs go on",
        ) from error


def cancel(job_id: str) -> None:
    """Have a job canceled. Raises OSError.

    The request is kept on disk, too: a worker may end before it has read the command.
    """
    from ..jobs.protocol import Cancel
    from ..jobs.store import Store

    job, kept = state.jobs.get(job_id), False
    if job is None or not job.ended:
        with contextlib.suppress(OSError):  # a full disk does not keep the request from the farm
            Store(paths.state_folder()).request_cancel(job_id)
            kept = True
    try:
        send(Cancel(job_id))
    except OSError as error:
        if not kept or error.errno != errno.EAGAIN:
            raise
    if job is not None and not job.ended:  # shown before the worker answers
        state.keep(replace(job, canceling=True))
        redraw.now()


def show_asked(job: JobSnapshot) -> None:
    """Show that a button of a job was pressed, until the worker answers or ASKED_SECONDS pass."""
    state.asked[job.id] = job
    timers.start(_clear_asked, ASKED_SECONDS)
    redraw.now()


def _clear_asked() -> None:
    state.asked.clear()
    redraw.now()


def running() -> bool:
    """Whether there is a worker that accepts commands."""
    return state.link is not None and state.link.alive


def resume() -> None:
    """Resume the unfinished jobs, if there are any. Raises OSError.

    These include ended jobs whose missing frames the farm may still list, and foreign ones that
    are canceled.
    """
    jobs = state.jobs.values()
    here = any((job.late or not job.ended) and not job.foreign for job in jobs)
    if (here or any(job.canceling for job in jobs)) and bpy.app.online_access:
        _send_resume()


def _send_resume() -> None:
    from ..jobs.protocol import Resume  # enabling the extension stays fast

    send(Resume())


def use_on_end() -> None:
    """Tell a running worker the command for the end of a job, which has changed."""
    if running():
        from ..jobs.protocol import UseOnEnd

        with contextlib.suppress(OSError):  # the next worker gets it at its start
            send(UseOnEnd(preferences.on_end()))


def restart() -> None:
    """End the worker; once it has exited, start another if there are unfinished jobs."""
    if state.link is not None:
        _end(state.link)
        state.restarting = True
        timers.start(tick)


def _end(link: Link) -> None:
    """Tell the worker to exit; `tick` sees to it, and nothing waits."""
    link.end()
    state.ending.append(link)
    state.link = None


def inspect_frames(job_id: str) -> None:
    """Request an inspection of a displayed job's new frames, and their thumbnails."""
    state.frames.show(job_id)
    if state.frames.wanted(state.jobs) and not state.trouble:
        timers.start(tick)


# -- the timer ------------------------------------------------------------------------------------


def tick() -> float | None:
    """Handle the worker's events since the last tick. Runs as a timer."""
    try:
        return _receive_events()
    except Exception:
        timers.print_exception()
        return SECONDS_BETWEEN_TICKS


def _receive_events() -> float | None:
    state.ending[:] = [link for link in state.ending if not link.has_ended()]
    if state.restarting and not state.ending:
        state.restarting = False
        resume()
    more = _update_frames()
    link = state.link
    if link is None:
        return SECONDS_BETWEEN_TICKS if state.ending or more else None
    events = link.receive()
    for event in events:
        handle(event)
    if events:
        job_list.update()
    _show_unread(link)
    if not events and not link.alive:
        state.link = None
        _replace_worker()
    return SECONDS_BETWEEN_TICKS


def _show_unread(link: Link) -> None:
    """Show or clear the sentence that the worker does not take commands."""
    unread = link.unread_seconds > UNREAD_SECONDS
    if unread and not state.trouble:
        state.trouble = UNREAD
    elif not unread and state.trouble == UNREAD:
        state.trouble = ""
    else:
        return
    redraw.now()


def _update_frames() -> bool:
    """Request inspections of frame files and load thumbnails; return whether more are pending."""
    from .thumbnails import thumbnails

    if thumbnails.load():
        redraw.soon()
    if state.trouble:
        return thumbnails.waiting
    if job_id := state.frames.due(state.jobs, time.monotonic()):
        from ..jobs.protocol import InspectFrames

        send(InspectFrames(job_id))
    return thumbnails.waiting or state.frames.wanted(state.jobs)


def _replace_worker() -> None:
    """Replace a worker that has crashed, unless it crashes repeatedly."""
    from ..jobs.record import Problem
    from ..jobs.worker_events import ScanResult

    scan, log_file = state.scan, paths.log_file()
    if scan.folder and scan.result is None:
        gone = Problem(
            "worker-gone", f"Renderjuice's background process has ended. Its log: {log_file}", ""
        )
        scan.result = ScanResult(scan.folder, error=gone)
    if state.key_test.answer is None:
        state.key_test.number = 0  # there will be no reply
    state.frames.unanswered()
    now = time.monotonic()
    state.crashes[:] = [at for at in state.crashes if now - at < CRASH_WINDOW_SECONDS] + [now]
    if not state.trouble and len(state.crashes) < MAX_CRASHES and bpy.app.online_access:
        _send_resume()
        return
    state.trouble = state.trouble or (
        "What sends and fetches for Renderjuice has ended unexpectedly, several times. The jobs are"
        " kept: save your file and start Blender again, and they go on. If that does not help,"
        f" report it with the file {log_file}."
    )
    redraw.now()


# -- events ---------------------------------------------------------------------------------------


def handle(event: ReceivedEvent) -> None:
    """Handle one event of the worker."""
    from ..jobs import protocol, worker_events  # enabling the extension stays fast

    match event:
        case protocol.Jobs():
            state.trouble = ""  # the worker is running
            for job in event.jobs:
                _keep(job)
        case worker_events.Reply():
            state.trouble = ""
            if event.number == state.key_test.number:
                state.key_test.answer = event
        case worker_events.Removed():
            for job_id in event.ids:
                state.drop(job_id)
        case worker_events.Damaged():
            state.damaged[:] = sorted({*state.damaged, *event.texts})
        case worker_events.Unusable(text=unusable):
            state.trouble = f"Renderjuice cannot work. {unusable}"
        case worker_events.ScanProgress(scan=state.scan.folder):
            state.scan.step, state.scan.seconds = event.step, event.seconds
        case worker_events.ScanResult(scan=state.scan.folder):
            state.scan.result = event
        case worker_events.FramesInspected():
            _handle_frames(event)
        case worker_events.Idle() if state.link and event.number == state.link.sent:
            _end(state.link)


def _handle_frames(inspected: FramesInspected) -> None:
    from .thumbnails import thumbnails

    state.frames.answered(inspected)
    thumbnails.want(inspected, state.jobs)


def _keep(job: JobSnapshot) -> None:
    """Keep a job's snapshot. The end of a job is told, and the status bar shows it for a while."""
    before = state.jobs.get(job.id)
    state.keep(job)
    if not job.ended or before is None or before.ended:
        return
    from . import job_end  # enabling the extension stays fast

    notification = job_end.tell(job)
    if notification and running():
        with contextlib.suppress(OSError):  # the panel and the status bar tell of it too
            send(notification)
    state.news[job.id] = time.monotonic()
    timers.stop(_clear_news)
    timers.start(_clear_news, NEWS_SECONDS)


def _clear_news() -> None:
    """Remove ended jobs from the status bar."""
    state.news.clear()
    redraw.now()


def close() -> None:
    """End all workers, and unregister the timers of this module and of redraw."""
    timers.stop(tick, _clear_asked, _clear_news, redraw.now)
    if state.link is not None:
        _end(state.link)
    if state.ending:
        from .worker_process import close_all

        close_all(state.ending)
        state.ending.clear()
