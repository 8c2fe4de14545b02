"""Computes the file names that the output path and File Output nodes produce."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..system.names import safe_name
from .rendered_scenes import active_nodes, compositor

if TYPE_CHECKING:
    import bpy

_PROBES = (123456, 654321)  # differ in the first and last digits
_STEREO = ("left", "right")


def read(scene: bpy.types.Scene) -> list[list[str]] | None:
    """The file names by view: [view, view suffix, text before the frame number, text after it],
    for File Output nodes also the node's name. The file suffix is not included, because an override
    may change it.

    The view is "" without multiview. Both texts are "" if Blender cannot resolve the path. None if
    no view is rendered.
    """
    render: Any = scene.render
    own_files = render.image_settings.views_format == "INDIVIDUAL"
    frames = [
        [name, suffix, *_parts_of_path(render, name)] for name, suffix in _views(render, own_files)
    ]
    nodes = [
        [name, suffix, begin, end + suffix, node.name]
        for node in _file_outputs(scene)
        for pattern, own_files in _files(node)
        for begin, end in [_parts_of_pattern(pattern)]
        for name, suffix in _views(render, own_files)
    ]
    return [*frames, *nodes] if frames else None


def without_others(
    existing: Iterable[str], names: Iterable[Sequence[str]] | None, frames: Iterable[int]
) -> list[str]:
    """The `existing` names in a folder, without those of other frames than `frames`.

    `names` is the result of `read`. Names that do not match it are kept, because the farm may name
    files differently.
    """
    wanted = set(frames)
    patterns = [
        re.compile(rf"{re.escape(begin)}(-?\d+){re.escape(end)}(\.\w+)?", re.IGNORECASE)
        for _, _, begin, end, *node in names or ()
        if not node
    ]
    matches = {name: [one.fullmatch(name) for one in patterns] for name in existing}
    return [
        name
        for name, found in matches.items()
        if not any(found) or any(one and int(one[1]) in wanted for one in found)
    ]


def longest(scene: bpy.types.Scene, frames: Iterable[int]) -> str:
    """The longest path of a file that `frames` of the scene write, below the job's folder.

    It is as downloads name it. A File Output node's files are counted with a suffix.
    """
    render: Any = scene.render
    frame = max(frames, key=lambda one: len(str(one)), default=1)
    own_files = render.image_settings.views_format == "INDIVIDUAL"
    paths = [[f"{frame:04}"]]
    with contextlib.suppress(RuntimeError):  # an invalid path template
        paths += [[_name(render, frame, view)] for view, _ in _views(render, own_files)]
    paths += [
        [*node, f"{begin}{frame:04}{end}{render.file_extension}"]
        for _, _, begin, end, *node in read(scene) or ()
        if node
    ]
    return max(("/".join(map(safe_name, path)) for path in paths), key=len)


def _views(render: Any, own_files: bool) -> list[tuple[str, str]]:
    """The views that have their own files, with their suffixes."""
    if not render.use_multiview or not own_files:
        return [("", "")]
    return [
        (view.name, view.file_suffix)
        for view in render.views
        if view.use and (render.views_format == "MULTIVIEW" or view.name in _STEREO)
    ]


def _parts_of_path(render: Any, view: str) -> tuple[str, str]:
    """The text before and after the frame number."""
    try:
        one, other = (_name(render, frame, view) for frame in _PROBES)
    except RuntimeError:  # an invalid path template
        return "", ""
    first, second = map(str, _PROBES)
    begin = one.partition(first)[0]
    while begin and not other.startswith(begin + second):
        begin = begin[:-1]
    end = one[len(begin) + len(first) :]
    if render.use_file_extension:
        end = end.removesuffix(render.file_extension)
    return begin, end


def _name(render: Any, frame: int, view: str) -> str:
    path = render.frame_path(frame=frame, view=view) if view else render.frame_path(frame=frame)
    return str(path).replace("\\", "/").rpartition("/")[2]


def _file_outputs(scene: Any) -> Iterator[Any]:
    tree = compositor(scene) if scene.render.use_compositing else None
    if tree is not None:
        for node in active_nodes(tree, {tree}):
            if node.bl_idname == "CompositorNodeOutputFile":
                yield node


def _files(node: Any) -> list[tuple[str, bool]]:
    """A node's file patterns, and whether each view has its own file: one per linked input, or one
    for all with a multilayer format."""
    linked = [number for number, socket in enumerate(node.inputs) if socket.is_linked]
    is_new = hasattr(node, "directory")  # since Blender 5.0
    if is_new and node.format.media_type == "MULTI_LAYER_IMAGE":
        return [(node.file_name, _has_view_files(node.format))] if linked else []
    if not is_new and node.format.file_format == "OPEN_EXR_MULTILAYER":
        return [(node.base_path, _has_view_files(node.format))] if linked else []
    if is_new:
        items = [node.file_output_items[number] for number in linked]
        own = [item.format if item.override_node_format else node.format for item in items]
        names = [node.file_name + item.name for item in items]
    else:
        slots = [node.file_slots[number] for number in linked]
        own = [node.format if slot.use_node_format else slot.format for slot in slots]
        names = _unique(slot.path for slot in slots)
    return [(name, _has_view_files(format)) for name, format in zip(names, own, strict=True)]


def _unique(paths: Iterable[str]) -> list[str]:
    """A node's slot paths, made unique in the same way as in packing/outputs.py."""
    found: list[str] = []
    for path in paths:
        number, unique = 1, path
        while unique.casefold() in map(str.casefold, found):
            number += 1
            unique = f"{path}_{number}_"
        found.append(unique)
    return found


def _has_view_files(format: Any) -> bool:
    return bool(format.views_format == "INDIVIDUAL")


def _parts_of_pattern(pattern: str) -> tuple[str, str]:
    """The text before and after the frame number, which replaces the last `#`s."""
    name = pattern.replace("\\", "/").rpartition("/")[2]
    if "{" in name:  # a path template
        return "", ""
    runs = list(re.finditer("#+", name))
    return (name[: runs[-1].start()], name[runs[-1].end() :]) if runs else (name, "")
