"""Which files of a sequence Blender reads in the frames that are rendered. Takes bpy objects.

The rules are Blender's own, each held by a test that renders. Where one is animated, nothing is
known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import sequences, strips, walk

ANIMATED = ("frame", "sequence", "cyclic", "refresh")
"""What the path of an animation has in it that decides which file is read."""
PROVEN = ("ShaderNodeTexImage", "ShaderNodeTexEnvironment", "CompositorNodeImage")
"""The nodes that read one file a frame, as renders have shown."""
PLAIN_STRIPS = ("IMAGE", "MOVIE", "SOUND", "COLOR", "TEXT")
"""Strips that show no other ones."""
STRIP_TIME = ("frame", "strobe", "offset_start", "offset_end", "retiming")
"""As ANIMATED, for strips."""

Rule = Callable[[int], Iterable[int]]
"""Gives the numbers of the files that a frame reads."""


@dataclass(frozen=True)
class Use:
    """One use of a `sequence`; `owners` are what may animate it."""

    sequence: Any
    owners: tuple[Any, ...]
    rule: Rule
    is_proven: bool = True
    """Whether renders have shown that nothing else is read."""

    @property
    def is_known(self) -> bool:
        """Whether no animation changes the rule."""
        return not any(is_animated(each, ANIMATED) for each in self.owners)


def numbers(ids: Iterable[Any], frames: Iterable[int]) -> dict[Any, set[int]]:
    """For each sequence that `ids` use, the numbers of its files that `frames` show."""
    shown: dict[Any, set[int]] = defaultdict(set)
    frames = list(frames)
    for id in ids:
        for use in uses(id):
            if use.is_known:
                shown[use.sequence].update(n for frame in frames for n in use.rule(frame))
    return shown


def uses(id: Any) -> Iterator[Use]:
    """The sequence that `id` is, and those that it shows."""
    yield from _itself(id)
    if id.id_type == "TEXTURE" and getattr(id, "image", None):
        yield from _of_image(id.image, id.image_user, (id, id.image))
    yield from _in_nodes(id)


def all_numbers(users: Mapping[Any, Iterable[Any]], frames: Iterable[int]) -> dict[Any, set[int]]:
    """For each sequence in `users`, the numbers of all files that `frames` read.

    A sequence with a user or an animation that is not understood is left out.
    """
    found = {}
    for id, own in users.items():
        found_uses = _all_uses(id, own)
        if found_uses and all(use.is_known and use.is_proven for use in found_uses):
            read = {n for use in found_uses for frame in frames for n in use.rule(frame)}
            if min(read, default=0) >= 0:
                found[id] = read
    return found


def in_strips(scene: Any, frames: Iterable[int]) -> dict[Any, set[str]]:
    """For each image strip of `scene`, the names of the files that `frames` read.

    Empty where another strip may show it at other frames. A strip with a time of its own is left
    out.
    """
    found = list(strips.of_scene(scene))
    if any(each.type not in PLAIN_STRIPS for each in found) or is_animated(scene, STRIP_TIME):
        return {}
    plain = [each for each in found if each.type == "IMAGE" and _has_scene_time(each)]
    return {each: {_of_strip(each, frame) for frame in frames} for each in plain}


def _has_scene_time(strip: Any) -> bool:
    return (
        strip.frame_start == int(strip.frame_start)
        and strip.strobe <= 1
        and not (strip.use_reverse_frames or strip.use_proxy or strip.use_multiview)
        and not (strip.animation_offset_start or strip.animation_offset_end)
        and not getattr(strip, "retiming_keys", ())
    )


def _of_strip(strip: Any, frame: int) -> str:
    """As `SEQ_give_frame_index` counts: the ends are held."""
    last = min(strip.frame_duration, len(strip.elements)) - 1
    return str(strip.elements[max(0, min(frame - int(strip.frame_start), last))].filename)


def is_animated(owner: Any, words: Iterable[str]) -> bool:
    """Whether an animation or a driver of `owner` has one of `words` in its path."""
    data = getattr(owner, "animation_data", None)
    if data is None:
        return False
    strips = [strip for track in data.nla_tracks for strip in _nested(track.strips)]
    actions = [data.action, *(strip.action for strip in strips)]
    curves = [*data.drivers, *(curve for each in actions if each for curve in _curves(each))]
    return any(word in curve.data_path for curve in curves for word in words)


def _nested(strips: Any) -> Iterator[Any]:
    for strip in strips:
        yield strip
        yield from _nested(strip.strips)  # of a meta strip


def _curves(action: Any) -> Iterator[Any]:
    yield from getattr(action, "fcurves", ())  # until 4.5, and in 4.4 those of one slot only
    for layer in getattr(action, "layers", ()):
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves


def _all_uses(id: Any, users: Iterable[Any]) -> list[Use]:
    """All uses of the sequence `id` by `users`; [] where one of them is not understood."""
    if id.id_type == "IMAGE" and id.source == "SEQUENCE" and id.type == "IMAGE":
        return _together(id, users)
    if id.id_type == "MOVIECLIP" and not id.use_proxy:
        return _when_loaded(id, _together(id, users))
    if id.id_type == "VOLUME":
        return list(_itself(id))
    if (
        id.id_type == "CACHEFILE"
        and not id.layers
        and not getattr(id, "use_render_procedural", False)
    ):
        return list(_itself(id))
    return []


def _together(id: Any, users: Iterable[Any]) -> list[Use]:
    found: list[Use] = []
    for user in users:
        own = [use for use in uses(user) if use.sequence == id]
        if _is_reference_image(id, user):
            own = [Use(id, (), lambda _: ())]
        elif not own or len(own) != _pointers(id, user):
            return []
        found += own
    return found


def _is_reference_image(id: Any, user: Any) -> bool:
    """Whether it is only drawn in viewports: behind a camera, or as an empty."""
    return bool(user.id_type == "CAMERA" or (user.id_type == "OBJECT" and user.data == id))


def _when_loaded(clip: Any, uses: list[Use]) -> list[Use]:
    """The uses of a clip and, if there are any, that of its path: the size is the first file's."""
    first = sequences.number(clip.filepath) or 0
    return [*uses, replace(uses[0], rule=lambda _: [first + clip.frame_offset])] if uses else []


def _pointers(id: Any, user: Any) -> int:
    """How often `user` holds `id`: its nodes and their sockets, grease pencil, the active clip."""
    style = getattr(user, "grease_pencil", None)
    held = [getattr(style, name, None) for name in ("fill_image", "stroke_image")]
    held.append(getattr(user, "active_clip", None))
    for tree in walk.trees(user):
        sockets = [each for node in tree.nodes for each in (*node.inputs, *node.outputs)]
        for each in (*sockets, *tree.interface.items_tree):
            held.append(getattr(each, "default_value", None))
        for node in tree.nodes:
            held += [getattr(node, name, None) for name in ("image", "clip")]
    return sum(each is not None and each == id for each in held)


def _itself(id: Any) -> Iterator[Use]:
    """What counts frames by itself, wherever it is used."""
    if id.id_type not in ("VOLUME", "CACHEFILE") or not id.is_sequence:
        return
    if not sequences.ends_in_number(id.filepath):
        return  # always the one file
    if id.id_type == "VOLUME":
        yield Use(id, (id,), lambda frame: _of_volume(id, frame))
    else:
        yield Use(id, (id,), lambda frame: [int(id.frame) if id.override_frame else frame])


def _in_nodes(id: Any) -> Iterator[Use]:
    for tree in walk.trees(id):
        owners = (id, tree)
        for node in tree.nodes:
            user = getattr(node, "image_user", node)  # a compositor's node is its own
            if getattr(node, "image", None) and hasattr(user, "frame_duration"):
                is_proven = node.bl_idname in PROVEN
                yield from _of_image(node.image, user, (*owners, node.image), is_proven)
            elif node.bl_idname == "CompositorNodeMovieClip" and node.clip:
                yield from _of_clip(node.clip, owners)


def _of_image(
    image: Any, user: Any, owners: tuple[Any, ...], is_proven: bool = False
) -> Iterator[Use]:
    if image.source == "SEQUENCE":
        yield Use(image, owners, lambda frame: [_of_image_user(user, frame)], is_proven)


def _of_image_user(user: Any, frame: int) -> int:
    """As `BKE_image_user_frame_get` counts."""
    place, duration = frame - user.frame_start + 1, user.frame_duration
    if not duration:
        return 0
    place = (place - 1) % duration + 1 if user.use_cyclic else max(0, min(place, duration))
    return int(place + user.frame_offset)


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


def _of_clip(clip: Any, owners: tuple[Any, ...]) -> Iterator[Use]:
    """As `get_sequence_filepath` counts, from the number in the path on."""
    first = sequences.number(clip.filepath)
    if clip.source == "SEQUENCE" and first is not None:
        start = first + clip.frame_offset
        yield Use(clip, (clip, *owners), lambda frame: [start + frame - clip.frame_start])
