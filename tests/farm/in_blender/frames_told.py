"""Reports each frame to the farm once the frame is on disk."""

import os
import time
from typing import Any

import talk


def views(scene: Any) -> dict[str, str]:
    """Return the names of the stereo views with separate files, keyed by file name suffix."""
    if not scene.render.use_multiview:
        return {}
    return {view.file_suffix: view.name for view in scene.render.views if view.use}


def frame_teller(request: dict[str, Any], *, paths: bool = False) -> Any:
    """Return a handler that reports each frame, with the paths of its images if `paths` is set."""
    started, parent = time.monotonic(), os.getppid()

    def told(scene: Any, *_: Any) -> None:
        nonlocal started
        time.sleep(max(0.0, request["seconds_per_frame"] - (time.monotonic() - started)))
        started = time.monotonic()
        if os.getppid() != parent or parent == 1:
            os._exit(1)  # the farm has ended, maybe before Blender started
        own = {"paths": _paths(scene)} if paths else {}
        talk.tell(frame=scene.frame_current, **own)

    return told


def _paths(scene: Any) -> list[str]:
    """Return the paths of the current frame's images, one for each stereo view."""
    frame, render = scene.frame_current, scene.render
    names = views(scene).values() if render.image_settings.views_format == "INDIVIDUAL" else ()
    if not names:
        return [render.frame_path(frame=frame)]
    return [render.frame_path(frame=frame, view=name) for name in names]
