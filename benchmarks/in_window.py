"""Runs inside Blender: how long the extension keeps its main thread, each time.

`spans` holds pairs of milliseconds, by the clock and of computing: "tick" of the timer that hears
the worker, "panel" of one panel's draw, "redraw" of all its panels in one redraw of the sidebar,
"bar" of its line in the status bar, "frame" of everything between two frames of an animation that
plays. "between" is how long such a frame takes in all.
"""

# Blender counts the arguments of a panel's draw, and this is read by Blender alone.
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
        if name in order or not spans["redraw"]:  # drawn once more: another redraw begins
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
    """Milliseconds of a press of Submit, in all and by its steps."""
    steps.clear()
    begun = time.perf_counter()
    bpy.ops.renderjuice.submit(how)
    return {"whole": (time.perf_counter() - begun) * 1000, **steps}


def save(path, kind):
    """Seconds of saving a copy: ours, or Blender's own call with the same arguments."""
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
    """Make the file large, with numbers that nothing compresses."""
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
