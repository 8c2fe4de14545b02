"""Small pictures of frames, made by Blender's own preview job; panels draw those that are here.

Nothing is read here: a preview is given its path, and Blender reads the file in the background when
the preview is drawn for the first time. The worker has inspected each file before.
"""

# One Blender, one store of previews.
# ruff: noqa: PLW0603

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..frames.selection import FrameFile
    from ..jobs.protocol import FramesInspected
    from ..jobs.snapshot import JobSnapshot

MOST = 96
SECONDS_BETWEEN_LOADS = 1.0
"""Blender's preview job ends a tenth of a second after its last picture, and what is asked of it in
the moment before it is gone stays empty for good: pictures are begun together, and rarely."""

_previews: Any = None
_wanted: dict[str, str] = {}
_loaded_at = float("-inf")


def want(inspected: FramesInspected, jobs: Mapping[str, JobSnapshot]) -> None:
    """Have small pictures of a job's frames, as the worker has inspected them, in a while."""
    job = jobs.get(inspected.job)
    if job is not None:
        _want(_key_and_path(job, frame) for frame in inspected.frames)


def _key_and_path(job: JobSnapshot, frame: FrameFile) -> tuple[str, str]:
    """Under which key the picture of a job's frame is known here, and its path."""
    path = f"{job.output}/{frame.name}"
    return f"{frame.changed} {path}", path


def _want(pictures: Iterable[tuple[str, str]]) -> None:
    """Have these pictures, pairs of key and path. The oldest ones make room."""
    pairs = dict(pictures)
    for key in pairs.keys() & (_previews or {}).keys():
        _previews[key] = _previews.pop(key)
        del pairs[key]
    _wanted.update(pairs)


def load() -> bool:
    """Begin with those that are wanted, if it is time; whether there were any. For the timer."""
    global _previews, _loaded_at
    if not _wanted or time.monotonic() - _loaded_at < SECONDS_BETWEEN_LOADS:
        return False
    _loaded_at = time.monotonic()
    if _previews is None:
        import bpy.utils.previews  # enabling the extension stays fast

        _previews = bpy.utils.previews.new()
    for key, path in _wanted.items():
        _previews.load(key, path, "IMAGE").icon_id  # noqa: B018  made now, and not while drawing
    _wanted.clear()
    for key in list(_previews)[: max(0, len(_previews) - MOST)]:
        del _previews[key]
    return True


def waiting() -> bool:
    """Whether some are wanted and not begun with."""
    return bool(_wanted)


def icon(job: JobSnapshot, frame: FrameFile) -> int:
    """The icon of a job's frame, 0 while there is none."""
    preview = _previews.get(_key_and_path(job, frame)[0]) if _previews else None
    return preview.icon_id if preview else 0


def forget() -> None:
    """Leave nothing behind."""
    global _previews
    _wanted.clear()
    if _previews is not None:
        import bpy.utils.previews

        bpy.utils.previews.remove(_previews)
        _previews = None
