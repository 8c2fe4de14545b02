"""Which files of an image sequence show in the frames that are rendered. Takes bpy objects."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from . import walk


def numbers(ids: Iterable[Any], frames: Iterable[int]) -> dict[Any, set[int]]:
    """For each image sequence that `ids` use, the numbers of its files that `frames` show."""
    shown: dict[Any, set[int]] = defaultdict(set)
    frames = list(frames)
    for image, user in _users(ids):
        if image.source == "SEQUENCE" and user.frame_duration and user.use_auto_refresh:
            shown[image].update(_numbers(user, frames))
    return shown


def _users(ids: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for id in ids:
        if id.id_type == "TEXTURE" and getattr(id, "image", None):
            yield id.image, id.image_user
        for tree in walk.trees(id):
            for node in tree.nodes:
                user = getattr(node, "image_user", node)  # a compositor's node is its own
                if getattr(node, "image", None) and hasattr(user, "frame_duration"):
                    yield node.image, user


def _numbers(user: Any, frames: Iterable[int]) -> Iterator[int]:
    """As Blender counts (`BKE_image_user_frame_get`); before its start an image shows nothing."""
    for frame in frames:
        place = frame - user.frame_start + 1
        if user.use_cyclic:
            place = (place - 1) % user.frame_duration + 1
        if place >= 1:
            yield min(place, user.frame_duration) + user.frame_offset
