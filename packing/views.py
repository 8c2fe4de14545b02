"""Expands paths to one file per view, such as `wood_L.png` and `wood_R.png`, by view suffixes."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from .reference import Eyes

STEREO = ("left", "right")
"""The names of the views that Blender renders in Stereo 3D."""


def of_scene(scene: Any) -> Eyes:
    """The enabled views of `scene`, whether or not multiview is on."""
    render = scene.render
    stereo = render.views_format == "STEREO_3D"
    views = [each for each in render.views if each.use and (not stereo or each.name in STEREO)]
    return Eyes({each.name: each.file_suffix for each in views}, stereo, render.use_multiview)


def paths(path: str, eyes: Eyes) -> list[str]:
    """The paths of all views, one of which is `path`; [path] if it has no view suffix."""
    stem, extension = os.path.splitext(path)  # noqa: PTH122 (Blender's paths are strings)
    suffixes = eyes.suffixes.values()
    for suffix in suffixes:
        if extension and stem.endswith(suffix):
            begin = stem.removesuffix(suffix)
            return list(dict.fromkeys(f"{begin}{each}{extension}" for each in suffixes))
    return [path]


@contextlib.contextmanager
def shown(eyes: Eyes, scene: Any) -> Iterator[None]:
    """Give `scene`, the window's scene, these views during the block.

    Blender derives the paths of an image's views from them.
    """
    render = scene.render
    render.use_multiview = True
    render.views_format = "STEREO_3D" if eyes.stereo else "MULTIVIEW"
    for name in eyes.suffixes:
        if name not in render.views:
            render.views.new(name)
    for view in render.views:
        view.use = view.name in eyes.suffixes
        view.file_suffix = eyes.suffixes.get(view.name, view.file_suffix)
    try:
        yield
    finally:
        render.use_multiview = False
