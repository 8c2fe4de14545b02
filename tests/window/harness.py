"""A full Blender in a window, which tests operate like a user, by mouse and keyboard.

    with Display() as display, Blender(launcher, display, resources) as blender:
        blender.show_sidebar("Renderjuice")
        blender.click_operator("renderjuice.submit")
        blender.wait_until("len(bpy.context.window_manager.renderjuice.jobs) == 1")
        blender.screenshot("submitted")

The display is a separate Xvfb. Blender starts with factory settings in `resources`, a temporary
BLENDER_USER_RESOURCES folder: what is installed and saved there is available to the next Blender
that starts in the same folder. tests/window/driver.py runs inside Blender and simulates the events;
Blender ignores real ones meanwhile.

Buttons are found by position, as a user finds them: the mouse moves over the region row by row, and
Blender reports what is under it: the operator that a button calls ("Copy Python Command") or the
property that a field shows. A button outside the visible region is therefore not found, and a
greyed-out button is found but does nothing when clicked, as for a user.

Places are window pixels, counted from the lower left corner as in Blender. `window` is the number
of one of Blender's windows: 0 is the main one, 1 the preferences.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("driver.py")
WIDTH, HEIGHT = 1600, 1000
PATIENCE = 300.0  # seconds: no test fails because a machine is slow
ONLINE_ASSETS = ("extensions.blender.org", "Online Essentials")
"""Blender 5.2 looks for assets online, and prints that it has not found them."""
ROW = 12  # pixels between two probes in a region: a button is 20 pixels high
COLUMNS = (0.5, 0.85, 0.12, 0.7, 0.3, 0.4, 0.79)  # where to probe in a row, as parts of its width


class BlenderError(Exception):
    """A command raised an exception in Blender, or Blender ended."""


class Display:
    """A virtual X server on a free display number.

    Its Blenders share the shader cache of the software renderer, which halves their start time.
    """

    def __enter__(self) -> Self:
        self._shaders = tempfile.TemporaryDirectory(prefix="rj-shaders-")
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        self.process = subprocess.Popen(
            [*command, "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{int(told.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        self._shaders.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that a Blender needs to draw on this display."""
        return {
            "DISPLAY": self.name,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "MESA_SHADER_CACHE_DIR": self._shaders.name,
        }


class Blender:
    """One running Blender."""

    def __init__(
        self,
        launcher: Path,
        display: Display,
        resources: Path,
        *,
        arguments: tuple[str, ...] = ("--online-mode",),
        environment: dict[str, str] | None = None,
    ):
        resources.mkdir(parents=True, exist_ok=True)
        self.display = display
        self.log = resources / "blender.log"
        self.folder = tempfile.mkdtemp(prefix="rj-window-")  # short: socket paths are limited
        address = f"{self.folder}/driver"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen()
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [
                        *(str(launcher), "--enable-event-simulate", "--gpu-backend", "opengl"),
                        *("--window-geometry", "0", "0", str(WIDTH), str(HEIGHT)),
                        *arguments,
                        *("--python", str(DRIVER)),
                    ],
                    env=os.environ
                    | display.environment
                    | {
                        "BLENDER_USER_RESOURCES": str(resources),
                        "XDG_CACHE_HOME": str(resources / "cache"),
                        "RENDERJUICE_DRIVER": address,
                    }
                    | (environment or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.connection = self.accept(listening)
        self.mouse = (0, 0)  # Blender sends keys to the region under the mouse
        self.answers = self.connection.makefile("rb")
        try:
            self.version = ".".join(map(str, self.run("list(bpy.app.version)")))
        except OSError:
            self.kill()  # nothing else would end it
            raise

    def accept(self, listening: socket.socket) -> socket.socket:
        """Accept the connection that the driver makes while Blender starts."""
        listening.settimeout(0.2)
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                return listening.accept()[0]
        self.kill()
        raise BlenderError(f"Blender did not start:\n{self.log_end()}")

    # --- commands to the driver -------------------------------------------------------------------

    def ask(self, message: dict[str, Any], timeout: float = PATIENCE) -> Any:
        """Send a command to the driver and return its answer. Raises BlenderError if it fails."""
        self.connection.settimeout(timeout)
        try:
            self.connection.sendall(json.dumps(message).encode() + b"\n")
            line = self.answers.readline()
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        if not line:
            raise BlenderError(f"Blender ended:\n{self.log_end()}")
        answer = json.loads(line)
        if "error" in answer:
            raise BlenderError(answer["error"])
        return answer["value"]

    def run(self, code: str, timeout: float = PATIENCE) -> Any:
        """Run Python in Blender and return the value of its last line if that is an expression."""
        return self.ask({"run": code}, timeout)

    def wait_until(self, expression: str, timeout: float = PATIENCE) -> Any:
        """Wait until a Python expression is true in Blender, and return its value."""
        deadline = time.monotonic() + timeout
        while not (value := self.run(expression)):
            if time.monotonic() > deadline:
                raise BlenderError(f"Not so within {timeout} s: {expression}\n{self.log_end()}")
            time.sleep(0.05)
        return value

    def printed(self) -> list[str]:
        """The lines that Blender has printed, but for those about its own assets online."""
        lines = self.log.read_text(errors="replace", encoding="utf-8").splitlines()
        return [line for line in lines if not any(own in line for own in ONLINE_ASSETS)]

    def log_end(self) -> str:
        """The last lines that Blender printed."""
        return "\n".join(self.log.read_text(errors="replace", encoding="utf-8").splitlines()[-30:])

    # --- mouse and keyboard -----------------------------------------------------------------------

    def events(self, events: list[dict[str, Any]], window: int = 0) -> None:
        """Simulate events, each with the arguments of `bpy.types.Window.event_simulate`."""
        self.ask({"events": events, "window": window})

    def move(self, x: int, y: int, window: int = 0) -> None:
        """Move the mouse."""
        self.mouse = (x, y)
        self.events([{"type": "MOUSEMOVE", "value": "NOTHING", "x": x, "y": y}], window)

    def click(self, x: int, y: int, window: int = 0, button: str = "LEFTMOUSE") -> None:
        """Move the mouse, then press and release one of its buttons."""
        self.move(x, y, window)  # Blender activates the button under the mouse when it draws
        place = {"type": button, "x": x, "y": y}
        self.events([place | {"value": value} for value in ("PRESS", "RELEASE")], window)

    def double_click(self, x: int, y: int, window: int = 0) -> None:
        """Click twice in the same place within the double-click time."""
        self.click(x, y, window)
        place = {"type": "LEFTMOUSE", "x": x, "y": y}
        self.events([place | {"value": value} for value in ("PRESS", "RELEASE")], window)

    def drag(self, start: tuple[int, int], end: tuple[int, int], window: int = 0) -> None:
        """Move the mouse while its left button is pressed."""
        self.move(*start, window)
        middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        self.events(
            [
                {"type": "LEFTMOUSE", "value": "PRESS", "x": start[0], "y": start[1]},
                {"type": "MOUSEMOVE", "value": "NOTHING", "x": middle[0], "y": middle[1]},
                {"type": "MOUSEMOVE", "value": "NOTHING", "x": end[0], "y": end[1]},
                {"type": "LEFTMOUSE", "value": "RELEASE", "x": end[0], "y": end[1]},
            ],
            window,
        )

    def widen_sidebar(self, wanted: int, scale: float = 1.0) -> None:
        """Drag the edge of the 3D View's sidebar until it is `wanted` pixels wide (or 2 more)."""
        ((left, bottom, width, height),) = self.regions("VIEW_3D", "UI")
        edge = left + int(6 * scale)  # within the edge's hit area in every version
        y = bottom + height - 40  # beside a panel: elsewhere, clicks pass through the sidebar
        self.drag((edge, y), (edge + width - wanted, y))
        ((_, _, width, _),) = self.regions("VIEW_3D", "UI")
        assert wanted <= width <= wanted + 2, f"the sidebar is {width} pixels wide, not {wanted}"

    def scroll(self, x: int, y: int, rows: int = 1, window: int = 0) -> None:
        """Turn the mouse wheel over a place, down if `rows` is positive."""
        wheel = "WHEELDOWNMOUSE" if rows > 0 else "WHEELUPMOUSE"
        self.move(x, y, window)
        turn = {"type": wheel, "value": "PRESS", "x": x, "y": y}
        self.events([turn] * abs(rows), window)

    def key(self, key: str, window: int = 0, **modifiers: bool) -> None:
        """Press and release a key by Blender's name (`RET`, `Z`), e.g. with `ctrl=True`."""
        place = dict(zip("xy", self.mouse, strict=True))
        events = [{"type": key, "value": value} for value in ("PRESS", "RELEASE")]
        self.events([event | place | modifiers for event in events], window)

    def type(self, text: str, window: int = 0) -> None:
        """Type text, character by character."""
        place = dict(zip("xy", self.mouse, strict=True))
        events: list[dict[str, Any]] = []
        for letter in text:
            key = letter.upper() if re.fullmatch("[a-zA-Z]", letter) else "SPACE"
            events.append({"type": key, "value": "PRESS", "unicode": letter} | place)
            events.append({"type": key, "value": "RELEASE"} | place)
        self.events(events, window)

    # --- finding buttons --------------------------------------------------------------------------

    def regions(self, area: str, region: str, window: int = 0) -> list[list[int]]:
        """`[x, y, width, height]` of every visible region of a kind."""
        found: list[list[int]] = self.run(
            f"[[r.x, r.y, r.width, r.height]"
            f" for a in bpy.context.window_manager.windows[{window}].screen.areas"
            f" if a.type == {area!r} for r in a.regions if r.type == {region!r} and r.width > 1]"
        )
        return found

    def find(
        self, wanted: str, area: str = "VIEW_3D", region: str = "UI", window: int = 0
    ) -> tuple[int, int]:
        """The place of a button that calls an operator (`renderjuice.submit`), or of a field that
        shows a property (`...filepath`, `wanted` being the end of its data path)."""
        seen: list[str] = []
        for x, y, width, height in self.regions(area, region, window):
            for column in COLUMNS:
                rows = range(y + height - ROW, y, -ROW)
                places = [(x + int(width * column), row) for row in rows]
                found = self.ask({"find": wanted, "places": places, "window": window})
                if found["at"]:
                    # The first hit is the upper edge of the button: aim nearer its middle.
                    return found["at"][0], found["at"][1] - ROW // 2
                seen += [button for button in found["seen"] if button not in seen]
        raise BlenderError(f"{wanted} is not to be seen in {area} {region}; there are: {seen}")

    def click_operator(self, operator: str, **where: Any) -> None:
        """Find and click the button that calls an operator."""
        self.click(*self.find(operator, **where), where.get("window", 0))

    def fill(self, property_name: str, text: str, **where: Any) -> None:
        """Double-click a text field, replace its content, and press Return."""
        window = where.get("window", 0)
        self.double_click(*self.find(property_name, **where), window)
        self.key("A", window, ctrl=True)
        self.type(text, window)
        self.key("RET", window)

    # --- sidebar, preferences, extensions ---------------------------------------------------------

    def show_sidebar(self, category: str) -> None:
        """Open a tab of the 3D View's sidebar."""
        self.run(
            "view = next(a for a in bpy.context.window.screen.areas if a.type == 'VIEW_3D')\n"
            "sidebar = next(r for r in view.regions if r.type == 'UI')\n"
            "view.spaces.active.show_region_ui = True"
        )
        self.wait_until("sidebar.width > 1 and sidebar.active_panel_category != 'UNSUPPORTED'")
        self.run(f"sidebar.active_panel_category = {category!r}; view.tag_redraw()")
        time.sleep(0.5)  # until it has slid in: before that, no buttons are under the mouse

    def show_preferences(self, module: str) -> int:
        """Open the preferences at an add-on and return the number of their window."""
        self.move(WIDTH // 2, HEIGHT // 2)  # the new window opens around the mouse
        self.run(f"bpy.ops.preferences.addon_show(module={module!r})")
        self.wait_until("len(bpy.context.window_manager.windows) == 2")
        time.sleep(0.5)  # until the window has been drawn
        return 1

    def close_preferences(self) -> None:
        """Close the second window."""
        self.run(
            "with bpy.context.temp_override(window=bpy.context.window_manager.windows[1]):\n"
            "    bpy.ops.wm.window_close()"
        )
        self.wait_until("len(bpy.context.window_manager.windows) == 1")

    def install(self, extension: Path) -> None:
        """Install and enable an extension's zip from disk, also for later Blenders of this user."""
        self.run(
            f"bpy.ops.extensions.package_install_files(filepath={str(extension)!r},"
            f" repo='user_default', enable_on_install=True)\n"
            f"bpy.ops.wm.save_userpref()"
        )

    # --- screenshots and end ----------------------------------------------------------------------

    def screenshot(self, name: str) -> Path:
        """Save a screenshot of the display below build/screenshots/ and return its path."""
        path = ROOT / "build" / "screenshots" / self.version / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        time.sleep(0.4)  # until panels have stopped moving
        command = ["import", "-display", self.display.name, "-window", "root"]
        fast = ["-define", "png:compression-level=1"]
        subprocess.run([*command, *fast, str(path)], check=True, timeout=PATIENCE)
        return path

    def close(self) -> None:
        """Quit, as with File > Quit."""
        self.connection.settimeout(PATIENCE)
        self.connection.sendall(b'{"run": "bpy.ops.wm.quit_blender()"}\n')
        self.process.wait(PATIENCE)
        self.clean()

    def kill(self) -> None:
        """Kill Blender at any time, as a crash does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.clean()

    def clean(self) -> None:
        """Remove the files of this object."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
