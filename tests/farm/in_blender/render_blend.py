"""Renders the package's .blend with the requested config and reports each frame."""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import frames_told
import scene_config
import talk
from file_outputs import redirect_file_outputs


def render(request: dict[str, Any]) -> dict[str, Any]:
    """Render every frame and return the config that was actually used."""
    talk.open_blend(request["blend"])
    scene = bpy.context.scene
    try:
        scene_config.apply(scene, request["config"])
    except ValueError as error:
        raise talk.Refuse(str(error), "CONFIG_NOT_POSSIBLE") from error
    if scene.render.is_movie_format:
        raise talk.Refuse("The file renders a video: choose an image format", "VIDEO_OUTPUT")
    frames = request["frames"] or scene_config.scene_frames(scene)
    final = scene_config.read(scene, frames)
    base_name = scene.render.filepath.replace("\\", "/").rpartition("/")[2]
    scene.render.filepath = (
        str(Path(request["outputs"], base_name)) if base_name else (request["outputs"] + os.sep)
    )
    nodes = redirect_file_outputs(Path(request["nodes"]))
    talk.tell(total=len(frames), nodes=nodes, views=frames_told.views(scene))
    bpy.app.handlers.render_write.append(frames_told.frame_teller(request))
    for first, last in scene_config.ranges(frames):
        render_range(scene, first, last)
    return final


def render_range(scene: Any, first: int, last: int) -> None:
    """Render consecutive frames with Blender's animation render."""
    scene.frame_start, scene.frame_end, scene.frame_step = first, last, 1
    try:
        bpy.ops.render.render(animation=True)
    except RuntimeError as error:
        raise talk.Refuse(str(error).removeprefix("Error: ").strip(), "RENDER_FAILED") from error


talk.answer(render)
