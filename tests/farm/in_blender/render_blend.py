"""Renders the package's .blend as the config says, and tells of each frame."""

import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import scene_config
import talk
from file_outputs import redirect_file_outputs


def render(request: dict[str, Any]) -> dict[str, Any]:
    """Render every frame; returns the config that was really used."""
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
    talk.tell(total=len(frames), nodes=nodes, views=views(scene))
    bpy.app.handlers.render_write.append(frame_teller(request))
    for first, last in scene_config.ranges(frames):
        render_range(scene, first, last)
    return final


def views(scene: Any) -> dict[str, str]:
    """Return the names of the eyes that get files of their own, by the end of their file names."""
    if not scene.render.use_multiview:
        return {}
    return {view.file_suffix: view.name for view in scene.render.views if view.use}


def frame_teller(request: dict[str, Any]) -> Any:
    """Return a handler that tells of each frame once it is on disk."""
    started, parent = time.monotonic(), os.getppid()

    def told(scene: Any, *_: Any) -> None:
        nonlocal started
        time.sleep(max(0.0, request["seconds_per_frame"] - (time.monotonic() - started)))
        started = time.monotonic()
        if os.getppid() != parent or parent == 1:
            os._exit(1)  # the farm is gone, or was before Blender had started
        talk.tell(frame=scene.frame_current)

    return told


def render_range(scene: Any, first: int, last: int) -> None:
    """Render neighbouring frames as Blender renders an animation."""
    scene.frame_start, scene.frame_end, scene.frame_step = first, last, 1
    try:
        bpy.ops.render.render(animation=True)
    except RuntimeError as error:
        raise talk.Refuse(str(error).removeprefix("Error: ").strip(), "RENDER_FAILED") from error


talk.answer(render)
