"""Small pictures of frames, made by Blender's own preview job; panels draw those that are here.

Nothing is read here: a preview is given its path, and Blender reads the file in the background when
the preview is drawn for the first time. The worker has inspected each file before.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..frames.selection import FrameFile
    from ..jobs.protocol import FramesInspected
    from ..jobs.snapshot import JobSnapshot

MAX_PREVIEWS = 96
SECONDS_BETWEEN_LOADS = 1.0
"""Blender's preview job ends a tenth of a second after its last picture, and what is asked of it in
the moment before it is gone stays empty for good: pictures are begun together, and rarely."""


class Thumbnails:
    """The pictures of one Blender."""

    def __init__(self) -> None:
        self.previews: Any = None
        """Blender's collection of previews by key, oldest first; None before the first one."""
        self._wanted: dict[str, str] = {}  # the path of each picture by its key
        self._loaded_at = float("-inf")

    @property
    def waiting(self) -> bool:
        """Whether there are pictures to begin with."""
        return bool(self._wanted)

    def want(self, inspected: FramesInspected, jobs: Mapping[str, JobSnapshot]) -> None:
        """Have small pictures of a job's frames, as the worker has inspected them, in a while."""
        job = jobs.get(inspected.job)
        if job is not None:
            self._want(_key_and_path(job, frame) for frame in inspected.frames)

    def _want(self, pictures: Iterable[tuple[str, str]]) -> None:
        """Have these pictures, pairs of key and path. The oldest ones make room."""
        pairs = dict(pictures)
        for key in pairs.keys() & (self.previews or {}).keys():
            self.previews[key] = self.previews.pop(key)
            del pairs[key]
        self._wanted.update(pairs)

    def load(self) -> bool:
        """Begin with those that are wanted, if it is time; whether there were any."""
        if not self._wanted or time.monotonic() - self._loaded_at < SECONDS_BETWEEN_LOADS:
            return False
        self._loaded_at = time.monotonic()
        if self.previews is None:
            import bpy.utils.previews  # enabling the extension stays fast

            self.previews = bpy.utils.previews.new()
        for key, path in self._wanted.items():
            self.previews.load(key, path, "IMAGE").icon_id  # noqa: B018  made now, not at a draw
        self._wanted.clear()
        for key in list(self.previews)[: max(0, len(self.previews) - MAX_PREVIEWS)]:
            del self.previews[key]
        return True

    def icon(self, job: JobSnapshot, frame: FrameFile) -> int:
        """The icon of a job's frame, 0 while there is none."""
        preview = self.previews.get(_key_and_path(job, frame)[0]) if self.previews else None
        return preview.icon_id if preview else 0

    def forget(self) -> None:
        """Remove all pictures."""
        self._wanted.clear()
        if self.previews is not None:
            import bpy.utils.previews

            bpy.utils.previews.remove(self.previews)
            self.previews = None


def _key_and_path(job: JobSnapshot, frame: FrameFile) -> tuple[str, str]:
    """Under which key the picture of a job's frame is known here, and its path."""
    path = f"{job.output}/{frame.name}"
    return f"{frame.changed} {path}", path


thumbnails = Thumbnails()
"""Those of this Blender."""
