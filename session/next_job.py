"""Defines `scene.renderjuice_next`: the kind, name and folder of the scene's next job.

Files store only values that the user has typed. `shown_title`, `shown_frames` and `shown_output`
fall back to the scene's values, and store a value only if it differs.
"""

# Blender's properties are calls in annotations, which type checkers do not support.
# mypy: disable-error-code="valid-type, attr-defined, arg-type, func-returns-value"

from typing import Any

import bpy

from . import scan

FOLDER_OPTIONS: Any = {"OUTPUT_PATH"}
if bpy.app.version >= (5, 0, 0):  # draws a path that begins with // in red without
    FOLDER_OPTIONS |= {"PATH_SUPPORTS_BLEND_RELATIVE"}


TEST_FRAMES = (
    ("ENDS", "First, Middle, Last", "Three frames", 0),
    ("EVERY", "Every Nth", "Frames at equal distances, from the first on", 1),
    ("CHOSEN", "Custom", "Frames that you name", 2),
)
"""Which frames a test renders, as items of an EnumProperty."""


def scenes_frames(scene: bpy.types.Scene) -> str:
    """The scene's frame range as a text, such as `1-240` or `1-240x2`."""
    start, end, step = scene.frame_start, scene.frame_end, scene.frame_step
    if start == end:
        return str(start)
    return f"{start}-{end}" + (f"x{step}" if step > 1 else "")


def _get_title(self: Any) -> str:
    return str(self.title or scan.place(self.id_data).title)


def _set_title(self: Any, text: str) -> None:
    same = not self.title and text.strip() == scan.place(self.id_data).title
    self.title = "" if same else text.strip()


def _get_frames(self: Any) -> str:
    overrides = self.id_data.renderjuice
    return str(overrides.frames) if overrides.use_frames else scenes_frames(self.id_data)


def _set_frames(self: Any, text: str) -> None:
    overrides = self.id_data.renderjuice
    overrides.use_frames = text.strip() not in ("", scenes_frames(self.id_data))
    if overrides.use_frames:
        overrides.frames = text.strip()


def _get_output(self: Any) -> str:
    return str(self.output or scan.place(self.id_data).shown_folder)


def _set_output(self: Any, text: str) -> None:
    same = not self.output and text.strip() == scan.place(self.id_data).shown_folder
    self.output = "" if same else text.strip()


class RenderjuiceNextJob(bpy.types.PropertyGroup):
    """The user's settings for a scene's next job."""

    mode: bpy.props.EnumProperty(
        name="Render",
        items=(
            ("ANIMATION", "Animation", "Render all frames", 0),
            ("STILL", "Still", "Render the current frame", 1),
            ("TEST", "Test", "Render a few frames to see what all of them take", 2),
        ),
    )
    bake: bpy.props.EnumProperty(
        name="Bake",
        description="Which simulations are baked in the copy for the farm. The file stays as it is",
        items=(
            ("AUTO", "Short Bakes", "Bake what takes no longer than a minute", 0),
            ("ALL", "All Bakes", "Bake all simulations, however long it takes", 1),
            ("NONE", "No Bakes", "Send simulations as they are", 2),
        ),
    )
    title: bpy.props.StringProperty(name="Own Name")
    output: bpy.props.StringProperty(name="Own Folder")
    shown_title: bpy.props.StringProperty(
        name="Name",
        description="What the job and its folder are called. The file's name unless you type"
        " another",
        get=_get_title,
        set=_set_title,
    )
    shown_frames: bpy.props.StringProperty(
        name="Frames",
        description="Frames and ranges, such as 1-100, 120, 130-200x5. The frame range of the scene"
        " unless you type another",
        get=_get_frames,
        set=_set_frames,
    )
    shown_output: bpy.props.StringProperty(
        name="Output",
        description="The folder for the frames. Beside the file unless you choose another",
        subtype="DIR_PATH",
        options=FOLDER_OPTIONS,
        get=_get_output,
        set=_set_output,
    )
    # As the operator of test frames has them.
    which: bpy.props.EnumProperty(
        name="Test",
        items=TEST_FRAMES,
    )
    every: bpy.props.IntProperty(
        name="Every",
        description="Distance from one test frame to the next",
        default=20,
        min=1,
        soft_min=2,
    )
    chosen: bpy.props.StringProperty(
        name="Test Frames", description="Frames and ranges, such as 1, 50-52"
    )


def test_text(own: Any) -> str:
    """The test frames that `own` chooses, in the syntax of scene/test_frames.py.

    `own` is a RenderjuiceNextJob, or the operator of test frames: both have `which`, one of
    TEST_FRAMES, `every` and `chosen`.
    """
    return str({"ENDS": "", "EVERY": f"x{own.every}", "CHOSEN": own.chosen}[own.which])


def register() -> None:
    """Add the properties."""
    bpy.utils.register_class(RenderjuiceNextJob)
    bpy.types.Scene.renderjuice_next = bpy.props.PointerProperty(type=RenderjuiceNextJob)
    bpy.types.WindowManager.renderjuice_show_findings = bpy.props.BoolProperty(
        name="Checks", description="Show what was found", default=True, options={"SKIP_SAVE"}
    )


def unregister() -> None:
    """Remove the properties. Values stored in files are kept."""
    del bpy.types.WindowManager.renderjuice_show_findings
    del bpy.types.Scene.renderjuice_next
    bpy.utils.unregister_class(RenderjuiceNextJob)
