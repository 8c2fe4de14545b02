"""Which files of a sequence Blender reads in the frames that are rendered. Takes bpy objects.

The rules are Blender's own, each held by a test that renders. Where one is animated, nothing is
known.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from . import sequences, walk

ANIMATED = ("frame", "sequence_mode")
"""What the path of an animation has in it that decides which file is read."""


def numbers(ids: Iterable[Any], frames: Iterable[int]) -> dict[Any, set[int]]:
    """For each sequence that `ids` use, the numbers of its files that `frames` show."""
    shown: dict[Any, set[int]] = defaultdict(set)
    frames = list(frames)
    for id in ids:
        for sequence, owner, rule in _users(id):
            if not _is_animated(owner):
                shown[sequence].update(number for frame in frames for number in rule(frame))
    return shown


def _users(id: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Sequences that `id` shows or is; what has the animation; the numbers that a frame reads."""
    if id.id_type in ("VOLUME", "CACHEFILE") and not sequences.ends_in_number(id.filepath):
        return  # always the one file
    if id.id_type == "VOLUME" and id.is_sequence:
        yield id, id, lambda frame: _of_volume(id, frame)
    elif id.id_type == "CACHEFILE" and id.is_sequence:
        yield id, id, lambda frame: [int(id.frame) if id.override_frame else frame]
    elif id.id_type == "TEXTURE" and getattr(id, "image", None):
        yield from _of_image(id.image, id.image_user, id)
    for tree in walk.trees(id):
        for node in tree.nodes:
            user = getattr(node, "image_user", node)  # a compositor's node is its own
            if getattr(node, "image", None) and hasattr(user, "frame_duration"):
                yield from _of_image(node.image, user, tree)
            elif node.bl_idname == "CompositorNodeMovieClip" and node.clip:
                yield from _of_clip(node.clip)


def _is_animated(owner: Any) -> bool:
    data = owner.animation_data
    if data is None:
        return False
    actions = [data.action] + [strip.action for t in data.nla_tracks for strip in t.strips]
    curves = [*data.drivers, *(curve for each in actions if each for curve in _curves(each))]
    return any(word in curve.data_path for curve in curves for word in ANIMATED)


def _curves(action: Any) -> Iterator[Any]:
    if hasattr(action, "fcurves"):  # until 4.5
        yield from action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves


def _of_image(image: Any, user: Any, owner: Any) -> Iterator[tuple[Any, Any, Any]]:
    if image.source == "SEQUENCE" and user.frame_duration and user.use_auto_refresh:
        yield image, owner, lambda frame: _of_image_user(user, frame)


def _of_image_user(user: Any, frame: int) -> Iterator[int]:
    """As `BKE_image_user_frame_get` counts; before its start an image shows nothing."""
    place = frame - user.frame_start + 1
    if user.use_cyclic:
        place = (place - 1) % user.frame_duration + 1
    if place >= 1:
        yield min(place, user.frame_duration) + user.frame_offset


def _of_volume(volume: Any, frame: int) -> Iterator[int]:
    """As `volume_sequence_frame` counts."""
    mode, duration = volume.sequence_mode, volume.frame_duration
    place = frame - volume.frame_start + 1
    if mode == "EXTEND":
        place = max(1, min(place, duration))
    elif mode == "REPEAT":
        place = (place - 1) % duration + 1 if duration else 0
    elif mode == "PING_PONG":
        there_and_back = duration * 2 - 2
        place = (place - 1) % there_and_back + 1 if there_and_back > 0 else 0
        place = duration * 2 - place if place > duration else place
    if duration and 1 <= place <= duration:
        yield place + volume.frame_offset


def _of_clip(clip: Any) -> Iterator[tuple[Any, Any, Any]]:
    """As `get_sequence_filepath` counts, from the number in the path on."""
    first = sequences.number(clip.filepath)
    if clip.source == "SEQUENCE" and first is not None:
        yield clip, clip, lambda frame: [first + frame - clip.frame_start + clip.frame_offset]
