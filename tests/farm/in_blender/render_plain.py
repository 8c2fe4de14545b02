"""Renders the package's .blend unchanged, like `blender -b FILE -a`, and reports each frame.

The blender program has already opened the file and renders after this script, which only adds
handlers. The bpy module has no command line, so with it the script opens the file and does what
`-a` does.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import frames_told
import scene_config
import talk


def listen(request: dict[str, Any]) -> dict[str, Any]:
    """Report what will be rendered, then each frame; returns the config stored in the file."""
    scene = bpy.context.scene
    if scene.render.is_movie_format:
        raise talk.Refuse("The file renders a video: choose an image format", "VIDEO_OUTPUT")
    own = scene_config.scene_frames(scene)
    wanted = request["frames"] or own
    if wanted != own:  # as -s and -e do
        scene.frame_start, scene.frame_end, scene.frame_step = wanted[0], wanted[-1], 1
    frames = scene_config.scene_frames(scene)
    talk.tell(total=len(frames), nodes={}, views=frames_told.views(scene))
    handler = frames_told.frame_teller(request, paths=True)
    bpy.app.handlers.render_write.append(handler)
    return scene_config.read(scene, frames)


def as_a_module(request: dict[str, Any]) -> dict[str, Any]:
    """With the bpy module: open the file and render it; returns the config that was used."""
    talk.open_blend(request["blend"])
    final = listen(request)
    bpy.context.scene.render.use_single_layer = False  # the command line ignores it
    try:
        bpy.ops.render.render(animation=True)
    except RuntimeError as error:
        raise talk.Refuse(str(error).removeprefix("Error: ").strip(), "RENDER_FAILED") from error
    return final


def beside_the_command_line(request: dict[str, Any]) -> None:
    """With the blender program: write the result once Blender has finished rendering."""
    try:
        result = {"result": listen(request)}
    except talk.Refuse as reason:
        talk.write(request, {"refused": {"name": str(reason), "type": reason.type}})
        os._exit(0)
    bpy.app.handlers.render_complete.append(lambda *_: talk.write(request, result))


if bpy.app.binary_path:
    beside_the_command_line(json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8")))
else:
    talk.answer(as_a_module)
