"""Thumbnails of frames, as previews that Blender loads in the background.

Start: `want` queues frames that the worker has inspected. Steady state: `load`, called by a timer,
creates their previews; Blender's preview job reads the files. End: the oldest previews are deleted
beyond MAX_PREVIEWS, and `forget` deletes all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..frames.selection import FrameFile
    from ..jobs.snapshot import JobSnapshot
    from ..jobs.worker_events import FramesInspected

MAX_PREVIEWS = 96
SECONDS_BETWEEN_LOADS = 1.0
"""Blender's preview job ends 0.1 s after its last image, and a preview requested just before stays
empty for good. Requesting them together and rarely avoids that."""


class Thumbnails:
    """The thumbnails of this Blender."""

    def __init__(self) -> None:
        self.previews: Any = None
        """The `bpy.utils.previews` collection, oldest first; None before the first thumbnail."""
        self._wanted: dict[str, str] = {}  # paths of queued images by key
        self._loaded_at = float("-inf")

    @property
    def waiting(self) -> bool:
        """Whether thumbnails are queued."""
        return bool(self._wanted)

    def want(self, inspected: FramesInspected, jobs: Mapping[str, JobSnapshot]) -> None:
        """Queue the thumbnails of a job's inspected frames."""
        job = jobs.get(inspected.job)
        if job is not None:
            self._want(_key_and_path(job, frame) for frame in inspected.frames)

    def _want(self, pictures: Iterable[tuple[str, str]]) -> None:
        """Queue pairs of key and path; existing previews become the newest."""
        pairs = dict(pictures)
        for key in pairs.keys() & (self.previews or {}).keys():
            self.previews[key] = self.previews.pop(key)
            del pairs[key]
        self._wanted.update(pairs)

    def load(self) -> bool:
        """Create the queued previews, if it is time; return whether there were any."""
        if not self._wanted or time.monotonic() - self._loaded_at < SECONDS_BETWEEN_LOADS:
            return False
        self._loaded_at = time.monotonic()
        if self.previews is None:
            import bpy.utils.previews  # enabling the extension stays fast

            self.previews = bpy.utils.previews.new()
        for key, path in self._wanted.items():
            self.previews.load(key, path, "IMAGE").icon_id  # noqa: B018  starts loading
        self._wanted.clear()
        for key in list(self.previews)[: max(0, len(self.previews) - MAX_PREVIEWS)]:
            del self.previews[key]
        return True

    def icon(self, job: JobSnapshot, frame: FrameFile) -> int:
        """The icon id of a job's frame; 0 if there is none."""
        preview = self.previews.get(_key_and_path(job, frame)[0]) if self.previews else None
        return preview.icon_id if preview else 0

    def forget(self) -> None:
        """Delete all thumbnails."""
        self._wanted.clear()
        if self.previews is not None:
            import bpy.utils.previews

            bpy.utils.previews.remove(self.previews)
            self.previews = None


def _key_and_path(job: JobSnapshot, frame: FrameFile) -> tuple[str, str]:
    """The preview's key and the path of a job's frame."""
    path = f"{job.output}/{frame.name}"
    return f"{frame.changed} {path}", path


thumbnails = Thumbnails()
"""The one instance."""
