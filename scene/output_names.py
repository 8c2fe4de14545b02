"""The names that the output path gives to frames, as Blender itself makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy

_PROBES = (123456, 654321)  # their digits differ at both ends
_STEREO = ("left", "right")


def read(scene: bpy.types.Scene) -> list[list[str]] | None:
    """For each view that gets a file of its own: its name and suffix, and what stands before and
    behind a frame's number, without the format's suffix, which an override may change.

    One entry without a view's name where there are no views. None where Blender cannot make a path.
    """
    render: Any = scene.render
    views = [("", "")]
    if render.use_multiview and render.image_settings.views_format == "INDIVIDUAL":
        views = [
            (view.name, view.file_suffix)
            for view in render.views
            if view.use and (render.views_format == "MULTIVIEW" or view.name in _STEREO)
        ]
    try:
        return [[name, suffix, *_around(render, name)] for name, suffix in views] or None
    except RuntimeError:  # a template that cannot be filled in
        return None


def _around(render: Any, view: str) -> tuple[str, str]:
    """What stands before and behind the number."""
    one, other = (_name(render, frame, view) for frame in _PROBES)
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
