"""Runs inside Blender: measures how long each call of the extension blocks the main thread.

`spans` holds pairs of milliseconds, wall-clock time and processor time: "tick" is the timer that
receives the worker's messages, "panel" the draw of one panel, "redraw" all panels in one redraw of
the sidebar, "bar" the text in the status bar, "frame" all of the extension's time between two
frames of a playing animation. "between" is the total time of such a frame.
"""

# Blender checks the number of arguments of a panel's draw; only Blender runs this file.
# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, B905, D103
# mypy: ignore-errors

import array
import random
import time

import bpy
from bl_ext.user_default.renderjuice.panels import status_bar
from bl_ext.user_default.renderjuice.scene import copy
from bl_ext.user_default.renderjuice.session import connection, plan, records, submission

KINDS = ("tick", "panel", "redraw", "bar", "frame", "between")
spans = {kind: [] for kind in KINDS}
spent = [0.0, 0.0]
order = []
steps = {}
last_frame = [0.0, 0.0]


def clocks():
    return time.perf_counter() * 1000, time.thread_time() * 1000


def timed(kind, run):
    def call(*arguments):
        begun = clocks()
        try:
            return run(*arguments)
        finally:
            note(kind, begun)

    return call


def note(kind, begun):
    took = [after - before for before, after in zip(begun, clocks())]
    spans[kind].append(took)
    spent[:] = [all_of_it + one for all_of_it, one in zip(spent, took)]
    return took


def timed_panel(draw):
    def call(self, context):
        begun = clocks()
        draw(self, context)
        took = note("panel", begun)
        name = type(self).__name__
        if name in order or not spans["redraw"]:  # drawn again: a new redraw begins
            order.clear()
            spans["redraw"].append([0.0, 0.0])
        order.append(name)
        spans["redraw"][-1] = [sum(pair) for pair in zip(spans["redraw"][-1], took)]

    return call


def next_frame(*_):
    now = clocks()
    spans["frame"].append(spent[:])
    spans["between"].append([after - before for before, after in zip(last_frame, now)])
    spent[:], last_frame[:] = [0.0, 0.0], now


def forget():
    spent[:], last_frame[:] = [0.0, 0.0], clocks()
    order.clear()
    for values in spans.values():
        values.clear()


def step(holder, name):
    run = getattr(holder, name)

    def call(*arguments, **named):
        begun = time.perf_counter()
        try:
            return run(*arguments, **named)
        finally:
            steps[name] = steps.get(name, 0.0) + (time.perf_counter() - begun) * 1000

    setattr(holder, name, call)


def press(how="INVOKE_DEFAULT"):
    """Return the milliseconds of a press of Submit, in total and per step."""
    steps.clear()
    begun = time.perf_counter()
    bpy.ops.renderjuice.submit(how)
    return {"whole": (time.perf_counter() - begun) * 1000, **steps}


def save(path, kind):
    """Return the seconds to save a copy: `save_copy`, or Blender's call with the same arguments."""
    preferences = bpy.context.preferences.filepaths
    before = preferences.file_preview_type
    if kind == "no picture":
        preferences.file_preview_type = "NONE"
    begun = time.perf_counter()
    if kind == "ours":
        copy.save_copy(path)
    else:
        bpy.ops.wm.save_as_mainfile(
            filepath=path, check_existing=False, copy=True, compress=True, relative_remap=True
        )
    took = time.perf_counter() - begun
    preferences.file_preview_type = before
    return took


def grow():
    """Make the file large, with numbers that do not compress."""
    chance = random.Random(1)
    places = array.array("f", (chance.random() for _ in range(6_000_000)))
    mesh = bpy.data.meshes.new("heavy")
    mesh.use_fake_user = True
    mesh.vertices.add(2_000_000)
    mesh.vertices.foreach_set("co", places)


def watch():
    connection.tick = timed("tick", connection.tick)
    status_bar.draw = timed("bar", status_bar.draw)
    for panel in bpy.types.Panel.__subclasses__():
        if panel.__module__.startswith("bl_ext.user_default.renderjuice"):
            panel.draw = timed_panel(panel.draw)
    bpy.app.handlers.frame_change_post.append(next_frame)
    step(records, "refresh")
    step(plan, "of_scene")
    step(submission, "begin")
    step(copy, "save_copy")
    step(records, "note")
    step(connection, "send")


watch()
