"""Finds the files of a scene's strips, and removes sound strips."""

# ruff: noqa: PTH118 (Blender's paths are strings)

import os
from collections.abc import Iterator
from typing import Any

from . import views
from .reference import Eyes, Place, Reference, of_files, path_of


def references(scene: Any, place: Place) -> Iterator[Reference]:
    """The paths of the strips of `scene`, including those in meta strips."""
    eyes = views.of_scene(scene)
    for strip in of_scene(scene):
        for reference in _strip(strip, place, eyes):
            reference.part = f'strip "{strip.name}"'
            yield reference


def of_scene(scene: Any) -> Any:
    """The strips of `scene`, including those in meta strips."""
    editor = scene.sequence_editor
    if editor is None:
        return ()
    return editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def _strip(strip: Any, place: Place, eyes: Eyes) -> Iterator[Reference]:
    if strip.type == "IMAGE":
        folder = path_of(strip, "directory", place.folder)
        paths = [os.path.join(folder, each.filename) for each in strip.elements]
        wanted = [each for path in paths for each in _of_views(strip, path, eyes)]
        reference = of_files("image", strip, "directory", folder, wanted)
        reference.is_folder = True
        yield reference
    elif strip.type == "MOVIE" and strip.filepath:
        path = path_of(strip, "filepath", place.folder)
        yield of_files("film", strip, "filepath", path, _of_views(strip, path, eyes))


def _of_views(strip: Any, path: str, eyes: Eyes) -> list[str]:
    if eyes.rendered and strip.use_multiview and strip.views_format == "INDIVIDUAL":
        return views.paths(path, eyes)
    return [path]


def remove_sound_strips(scene: Any) -> bool:
    """Remove the sound strips of `scene`, which no frame needs; return whether there were any.

    A strip stores a path besides that of its Sound data-block, which is read-only before 5.0.
    """
    sounds = [strip for strip in of_scene(scene) if strip.type == "SOUND"]
    for strip in sounds:
        _siblings(scene.sequence_editor, strip).remove(strip)
    return bool(sounds)


def has_sound_strips(id: Any) -> bool:
    """Whether the data-block `id` is a scene with sound strips."""
    return id.id_type == "SCENE" and any(strip.type == "SOUND" for strip in of_scene(id))


def _siblings(editor: Any, strip: Any) -> Any:
    """The collection that contains `strip`: the editor's or a meta strip's."""
    parent = strip.parent_meta()
    holder = editor if parent is None else parent
    return holder.strips if hasattr(holder, "strips") else holder.sequences
