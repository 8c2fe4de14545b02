"""Tells the artist that a job has ended: by a notification of the system, and by a sound.

The worker shows the notification, and starts the artist's command (worker/on_end.py), which runs
without a window too.
"""

import sys
from typing import TYPE_CHECKING

import bpy

from ..jobs.record import Stage
from ..translations import shown
from . import preferences
from .state import state

if TYPE_CHECKING:
    from ..jobs.protocol import Notify
    from ..jobs.snapshot import JobSnapshot

MAX_TITLE, MAX_TEXT = 80, 200
"""Characters: a desktop shows no more, and a message to the worker is less than 4 KiB."""


def tell(job: "JobSnapshot") -> "Notify | None":
    """Tell of a job that the worker here has just ended; return what the worker is to show."""
    if job.elsewhere or job.foreign or bpy.app.background or _canceled_here(job):
        return None
    chosen = preferences.get()
    if chosen.end_sound:
        _play(bpy.path.abspath(chosen.end_sound))
    if not chosen.notify:
        return None
    from ..jobs.protocol import Notify  # enabling the extension stays fast

    return Notify(f"Renderjuice: {job.title}"[:MAX_TITLE], sentence(job)[:MAX_TEXT])


def sentence(job: "JobSnapshot") -> str:
    """How a job has ended, in a sentence."""
    frames = job.frames
    if job.stage is Stage.FINISHED and frames.downloaded == 1:
        return shown("The frame is here.")
    if job.stage is Stage.FINISHED:
        return shown("{count} frames are here.", count=f"{frames.downloaded:,}")
    if job.stage is Stage.INCOMPLETE and frames.expected is not None:
        total = f"{frames.expected:,}"
        return shown(
            "{done} of {total} frames are here.", done=f"{frames.downloaded:,}", total=total
        )
    return shown(job.error.message) if job.error else shown("The job has ended.")


def _canceled_here(job: "JobSnapshot") -> bool:
    """Whether the artist has canceled the job, and knows that it has ended."""
    return job.stage is Stage.CANCELED and job.error is None


def _play(path: str) -> None:
    """Play a sound file by Blender's own audio."""
    try:
        import aud  # fails without NumPy, which Blenders of some distributions lack

        device = aud.Device()
        state.sound = (device, device.play(aud.Sound(path)))  # type: ignore[call-arg]
    except Exception as error:  # such as no file or no device: no sound is worth a job
        print(f"Renderjuice cannot play {path}: {error}", file=sys.stderr)
