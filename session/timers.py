"""Starts and stops persistent timers (`bpy.app.timers`), which survive loading another file.

A timer returns the seconds until its next call, or None to end. Blender unregisters a timer that
raises, so a timer that must go on catches its exceptions.
"""

from collections.abc import Callable

import bpy

Timer = Callable[[], float | None]


def start(timer: Timer, after: float = 0.0) -> None:
    """Call `timer` in `after` seconds, unless it is registered already."""
    if not bpy.app.timers.is_registered(timer):
        bpy.app.timers.register(timer, first_interval=after, persistent=True)


def print_exception() -> None:
    """Print the exception being handled to standard error."""
    import traceback  # enabling the extension stays fast

    traceback.print_exc()


def stop(*waiting: Timer) -> None:
    """Unregister these timers."""
    for timer in waiting:
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
