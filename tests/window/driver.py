"""Runs inside a Blender with a window and executes the commands of tests/window/harness.py.

    blender --enable-event-simulate --python driver.py     with $RENDERJUICE_DRIVER = a Unix socket

It reads one JSON object per line and answers each with one:

- `{"run": code}`: runs the code in one namespace that lives as long as Blender (`bpy` is there);
  the value of its last line, if that is an expression, is returned as `{"value": ...}`.
- `{"events": [{...}], "window": n}`: the arguments of `Window.event_simulate`, one event per tick
  of the timer, so that Blender handles it and redraws before the next one.
- `{"find": wanted, "places": [[x, y], ...], "window": n}`: moves the mouse from place to place
  until the button under it calls the operator `wanted` or shows a property whose data path ends
  in it; returns `{"at": [x, y] or null, "seen": [what was under the mouse]}`.

An exception is returned as `{"error": traceback}`. Everything runs in a timer on Blender's main
thread, so commands have the same context restrictions as any timer.
"""

import ast
import json
import os
import socket
import sys
import time
import traceback

import bpy

PAUSE = 0.005  # seconds per round of the main loop: with simulated events, Blender itself
# does not sleep when it is idle, and would use a whole core
SETTLE = 3  # ticks after an event until Blender has handled it and redrawn


def watch_network(event, arguments):
    """Print any network use in Blender's own process, for COMPLAINT in tests/window/conftest.py."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments[:2]
    else:
        return
    if isinstance(address, tuple):  # not a Unix socket, such as the driver's
        print("Network in Blender's process:", event, address, flush=True)


sys.addaudithook(watch_network)


class Driver:
    """One connection to the test, polled from a timer."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(address)
        self.socket.setblocking(False)
        self.received = b""
        self.namespace = {"bpy": bpy, "__name__": "driver"}
        self.work = None  # a generator: each step is one tick, its return value is the answer

    def tick(self):
        """Run one step per round of the main loop, so that Blender draws between two steps."""
        time.sleep(PAUSE)
        self.step()
        return 0.0

    def step(self):
        """Continue the current command, or start the next one."""
        if self.work is None:
            line = self.next_line()
            if line is None:
                return
            self.work = self.begin(json.loads(line))
        try:
            next(self.work)
        except StopIteration as end:
            self.answer({"value": end.value})
        except Exception:
            self.answer({"error": traceback.format_exc()})

    def next_line(self):
        """The next complete line from the test, or None."""
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            data = None
        if data == b"":  # the test has ended, and nothing else would end this Blender
            os._exit(0)
        self.received += data or b""
        line, end, rest = self.received.partition(b"\n")
        if not end:
            return None
        self.received = rest
        return line

    def answer(self, message):
        self.work = None
        try:
            text = json.dumps(message)
        except (TypeError, ValueError):
            text = json.dumps({"value": repr(message["value"])})
        self.socket.setblocking(True)
        self.socket.sendall(text.encode() + b"\n")
        self.socket.setblocking(False)

    def begin(self, command):
        if "run" in command:
            return self.run(command["run"])
        if "find" in command:
            return self.find(command["find"], command["places"], command["window"])
        return self.events(command["events"], command["window"])

    def run(self, code):
        tree = ast.parse(code)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<test>", "exec"), self.namespace)
        if last is None:
            return None
        return eval(compile(ast.Expression(last.value), "<test>", "eval"), self.namespace)
        yield  # makes this a generator like the others, although it needs only one tick

    def events(self, events, number):
        for event in events:
            bpy.context.window_manager.windows[number].event_simulate(**event)
            yield
        yield from range(SETTLE)

    def find(self, wanted, places, number):
        seen = []
        for x, y in places:
            window = bpy.context.window_manager.windows[number]
            window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
            yield from range(SETTLE)
            button = button_at(window, x, y)
            if button.startswith(f"bpy.ops.{wanted}(") or f".{button}".endswith(f".{wanted}"):
                return {"at": [x, y], "seen": seen}
            if button and button not in seen:
                seen.append(button)
        return {"at": None, "seen": seen}


def button_at(window, x, y):
    """What the button under the mouse does: `bpy.ops...(...)`, a property path, or ''."""
    # A sidebar overlaps its editor's main region, so main regions come last.
    regions = [(area, region) for area in window.screen.areas for region in area.regions]
    for area, region in sorted(regions, key=lambda pair: pair[1].type == "WINDOW"):
        inside_x = region.x <= x < region.x + region.width
        inside_y = region.y <= y < region.y + region.height
        if inside_x and inside_y and region.width > 1:
            with bpy.context.temp_override(window=window, area=area, region=region):
                return active_button()
    return ""


def active_button():
    """The operator call or property path of the button under the mouse in the context's region."""
    if bpy.ops.ui.copy_python_command_button.poll():
        bpy.ops.ui.copy_python_command_button()
        return bpy.context.window_manager.clipboard
    return bpy.context.property[1] if bpy.context.property else ""


def start():
    view = bpy.context.preferences.view
    view.show_splash = False  # it would swallow the first event
    view.use_save_prompt = False
    bpy.context.preferences.system.viewport_aa = "OFF"  # drawing then takes a third of the time
    driver = Driver(os.environ["RENDERJUICE_DRIVER"])
    bpy.app.timers.register(driver.tick, first_interval=0.5, persistent=True)


start()
