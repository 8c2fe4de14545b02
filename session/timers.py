"""Blender's timers: functions that its main thread calls later, also after another file is opened.

A function returns the seconds until it wants to be called again, or None. One that raises is never
called again, so one that must go on catches what it may raise.
"""

from collections.abc import Callable

import bpy

Timer = Callable[[], float | None]


def start(timer: Timer, after: float = 0.0) -> None:
    """Call `timer` in `after` seconds, unless it waits to be called already."""
    if not bpy.app.timers.is_registered(timer):
        bpy.app.timers.register(timer, first_interval=after, persistent=True)


def print_exception() -> None:
    """Write the exception that is being handled to standard error."""
    import traceback  # enabling the extension stays fast

    traceback.print_exc()


def stop(*waiting: Timer) -> None:
    """Call these timers no more."""
    for timer in waiting:
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
