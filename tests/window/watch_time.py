"""Runs inside Blender: how long the extension keeps its main thread, each time.

`times` holds milliseconds: "tick" of the timer that hears the worker, "draw" of all its panels in
one redraw of an area, "frame" of everything between two frames of an animation that plays.
"""

import time

import bpy
from bl_ext.user_default.renderjuice.jobs import bridge

times = {"tick": [], "draw": [], "frame": []}
spent = [0.0]
tick = bridge._tick
order = []


def timed_tick():
    begun = time.perf_counter()
    try:
        return tick()
    finally:
        times["tick"].append(since(begun))


def timed_draw(draw):
    def timed(self, context):  # Blender counts the arguments
        begun = time.perf_counter()
        draw(self, context)
        note(type(self).__name__, context.area.as_pointer(), since(begun))

    return timed


def since(begun):
    took = (time.perf_counter() - begun) * 1000
    spent[0] += took
    return took


def note(*panel_and_took):
    """A panel that is drawn once more begins another redraw."""
    *panel, took = panel_and_took
    if panel in order or not times["draw"]:
        order.clear()
        times["draw"].append(0.0)
    order.append(panel)
    times["draw"][-1] += took


def next_frame(*_):
    times["frame"].append(spent[0])
    spent[0] = 0.0


def forget():
    spent[0] = 0.0
    order.clear()
    for values in times.values():
        values.clear()


def taken():
    """p50, p99, the worst and how many, by kind."""
    found = {}
    for kind, values in times.items():
        ranked = sorted(values) or [0.0]
        found[kind] = {
            "p50": ranked[len(ranked) // 2],
            "p99": ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))],
            "worst": ranked[-1],
            "count": len(values),
        }
    return found


bridge._tick = timed_tick
for panel in bpy.types.Panel.__subclasses__():
    if panel.__module__.startswith("bl_ext.user_default.renderjuice"):
        panel.draw = timed_draw(panel.draw)
bpy.app.handlers.frame_change_post.append(next_frame)
