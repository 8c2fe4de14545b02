"""Tells the farm of each frame once it is on disk."""

import os
import time
from typing import Any

import talk


def views(scene: Any) -> dict[str, str]:
    """Return the names of the eyes that get files of their own, by the end of their file names."""
    if not scene.render.use_multiview:
        return {}
    return {view.file_suffix: view.name for view in scene.render.views if view.use}


def frame_teller(request: dict[str, Any], *, paths: bool = False) -> Any:
    """Return a handler that tells of each frame, with the paths of its pictures if so asked."""
    started, parent = time.monotonic(), os.getppid()

    def told(scene: Any, *_: Any) -> None:
        nonlocal started
        time.sleep(max(0.0, request["seconds_per_frame"] - (time.monotonic() - started)))
        started = time.monotonic()
        if os.getppid() != parent or parent == 1:
            os._exit(1)  # the farm is gone, or was before Blender had started
        own = {"paths": _paths(scene)} if paths else {}
        talk.tell(frame=scene.frame_current, **own)

    return told


def _paths(scene: Any) -> list[str]:
    """Where Blender has written the picture of the current frame, of each eye."""
    frame, render = scene.frame_current, scene.render
    names = views(scene).values() if render.image_settings.views_format == "INDIVIDUAL" else ()
    if not names:
        return [render.frame_path(frame=frame)]
    return [render.frame_path(frame=frame, view=name) for name in names]
