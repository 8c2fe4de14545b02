"""A user's setup for the tests: a project, a user folder with the extension, and the farm.

    blender = studio.open()                      # Blender with the project, in the window
    studio.submit(blender)                       # a click in the sidebar
    studio.wait_for(blender, "job.stage == 'finished'")
    assert studio.frames() == [...]

The state of jobs in Blender is read from the session's state, as the panels do. In a condition,
`job` is the snapshot of one job.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from tests.farm.running import Farm
from tests.processes import processes
from tests.window.harness import Blender, BlenderError

MODULE = "bl_ext.user_default.renderjuice"
FRAMES = 4
PROJECT = f"""
import bpy
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.cycles.samples = 1
scene.cycles.device = "CPU"
scene.cycles.use_denoising = False
scene.render.resolution_x = scene.render.resolution_y = 64
scene.frame_start, scene.frame_end = 1, {FRAMES}
cube = bpy.data.objects["Cube"]
cube.keyframe_insert("rotation_euler", frame=1)
cube.rotation_euler.z = 1
cube.keyframe_insert("rotation_euler", frame={FRAMES})
material = cube.active_material
material.use_nodes = True
node = material.node_tree.nodes.new("ShaderNodeTexImage")
node.image = bpy.data.images.load(TEXTURE)
color = material.node_tree.nodes["Principled BSDF"].inputs["Base Color"]
material.node_tree.links.new(node.outputs["Color"], color)
bpy.ops.wm.save_as_mainfile(filepath=BLEND)
bpy.ops.file.make_paths_relative()
bpy.ops.wm.save_mainfile()
"""


def make_project(blender: Blender, folder: Path) -> None:
    """Save a small Cycles scene and a texture large enough that its upload takes a moment."""
    texture = folder / "textures" / "noise.png"
    texture.parent.mkdir(parents=True)
    side = 1400
    noise = random.Random(1).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), noise).save(texture, compress_level=0)
    blend = folder / "shot.blend"
    blender.run(f"TEXTURE, BLEND = {str(texture)!r}, {str(blend)!r}\n{PROJECT}")


def import_session(blender: Blender, module: str = MODULE) -> None:
    """Import the modules of session/, its `state` and `codec` for use in `blender.run`."""
    blender.run(
        f"from {module}.session import account, connection, preferences, records, redraw, scan\n"
        f"from {module}.session.state import state\n"
        f"from {module}.jobs import codec"
    )


FRAMES_SHOWN = f"""
from {MODULE}.session import connection
str((vars(state.frames), state.trouble, state.link and state.link.alive, thumbnails.waiting,
 bpy.app.timers.is_registered(connection.tick), sorted(state.jobs), len(thumbnails.previews or ())))
"""


def wait_for_previews(blender: Blender, count: int) -> None:
    """Wait until `count` previews of the shown job exist, each with content in its middle row."""
    blender.run(
        f"from {MODULE}.session.thumbnails import thumbnails\n"
        "def has_content(preview):\n"
        "    width, height = preview.image_size\n"
        "    middle = width * (height // 2)\n"
        "    return any(preview.image_pixels[middle : middle + width])\n"
        "def previews():\n"
        "    job = state.jobs.get(state.frames._shown)\n"
        "    every = (thumbnails.previews or {}).items() if job else ()\n"
        "    return [one for key, one in every if f'{job.output}/' in key]"
    )
    try:
        blender.wait_until(f"len(previews()) == {count}")
    except BlenderError as error:
        raise BlenderError(f"{error}\n{blender.run(FRAMES_SHOWN)}") from None
    time.sleep(1)  # until drawn: reading an undrawn preview makes Blender load it
    blender.wait_until("all(map(has_content, previews()))")


def in_preferences(window: int) -> dict[str, Any]:
    """The arguments that make `find` search the window of the preferences."""
    return {"area": "PREFERENCES", "region": "WINDOW", "window": window}


STARTED = ("worker/main.py", "trace.py", "selftest/main.py")
"""The scripts of the processes that the extension starts."""


class Studio:
    """One user, one computer and one farm. `blend` is the project's file."""

    module = MODULE

    def __init__(self, start: Callable[..., Blender], folder: Path, farm: Farm):
        self.start = start
        self.resources = folder / "resources"
        self.project = folder / "project"
        self.blend = self.project / "shot.blend"
        self.farm = farm

    @property
    def state(self) -> Path:
        """The folder where the extension keeps records, key and log."""
        return self.resources / "extensions" / ".user" / "user_default" / "renderjuice"

    def open(self, *arguments: str, key: str | None = None, **environment: str) -> Blender:
        """Start Blender with the project. Without `key`, use the farm's key; with "", use none."""
        environment.setdefault("RENDERJUICE_API_URL", self.farm.api_url)
        if key != "":
            environment["RENDERJUICE_API_KEY"] = self.farm.key if key is None else key
        blender = self.start(
            arguments=(*(arguments or ("--online-mode",)), str(self.blend)),
            environment=environment,
        )
        import_session(blender, self.module)
        return blender

    def submit(self, blender: Blender) -> None:
        """Click Submit Animation in the sidebar."""
        blender.show_sidebar("Renderjuice")
        blender.click_operator("renderjuice.submit")

    def type_preferences(self, blender: Blender, **texts: str) -> None:
        """Open the preferences, type each text into the field of that name, and close them."""
        window = blender.show_preferences(self.module)
        for name, text in texts.items():
            blender.fill(name, text, **in_preferences(window))
        blender.close_preferences()

    def wait_for(self, blender: Blender, condition: str) -> dict[str, Any]:
        """Wait for a job that meets a condition and return it."""
        found = f"next((codec.plain(job) for job in state.jobs.values() if {condition}), None)"
        try:
            job: dict[str, Any] = blender.wait_until(found)
            return job
        except BlenderError as error:
            shown = blender.run("codec.plain(list(state.jobs.values())), state.trouble")
            raise BlenderError(f"{error}\nJobs: {shown}") from None

    def frames(self) -> list[str]:
        """The downloaded files, relative to the project's folder of frames."""
        folder = self.project / "renderjuice"
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("[!.]*") if p.is_file())

    def everything(self) -> dict[str, int]:
        """Every file of the project with its modification time."""
        return {str(path): path.stat().st_mtime_ns for path in self.project.rglob("*")}

    def processes(self) -> list[str]:
        """The command lines of the workers, packers and self-tests of this user folder."""
        ours = f"BLENDER_USER_RESOURCES={self.resources}"
        return [
            process.command
            for process in processes()
            if ours in process.environment and any(name in process.command for name in STARTED)
        ]

    def all_end(self, seconds: float) -> list[str]:
        """Wait up to `seconds` and return the processes that still run; normally none."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left
