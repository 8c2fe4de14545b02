"""Finds the files that each type of data-block refers to, for bpy objects of Blender 4.2 to 5.2.

WALKERS has one function per type. It yields a Reference for each path, and changes nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from . import images, modifiers, nodes, pointcaches, strips, usd
from .reference import Place, Reference, of_files, path_of, series, single_file

__all__ = ["Place", "Reference", "is_packed", "references", "trees"]


def references(id: Any, place: Place) -> Iterator[Reference]:
    """All paths of the data-block `id` and its embedded node tree."""
    walker = WALKERS.get(id.id_type)
    if walker is not None:
        yield from walker(id, place)
    for tree in trees(id):
        for node in tree.nodes:
            yield from nodes.references(node, place)


def trees(id: Any) -> Iterator[Any]:
    """The node trees embedded in `id`, or itself; a node group is a separate data-block."""
    if id.id_type == "NODETREE":
        yield id
        return
    tree = getattr(id, "node_tree", None)  # since 5.0 the compositor is a separate data-block
    if tree is not None:
        yield tree


def _font(font: Any, place: Place) -> Iterator[Reference]:
    return _packable("font", font, place)


def _sound(sound: Any, place: Place) -> Iterator[Reference]:
    return _packable("sound", sound, place)


def _packable(content: str, id: Any, place: Place) -> Iterator[Reference]:
    """A single file, which may be packed into the .blend."""
    if id.filepath in ("", "<builtin>"):
        return
    if id.packed_file is not None:
        yield Reference(id, "filepath", path_of(id, "filepath", place.folder), packed=True)
    else:
        yield from single_file(content, id, place)


def _movie_clip(clip: Any, place: Place) -> Iterator[Reference]:
    if clip.source == "SEQUENCE":
        reference = series("image", clip, "filepath", path_of(clip, "filepath", place.folder))
        reference.reads_file = True  # if the file is missing, Blender sets the source to a movie
        yield reference
    else:
        yield from single_file("film", clip, place)


def _volume(volume: Any, place: Place) -> Iterator[Reference]:
    if volume.packed_file is not None:
        yield Reference(volume, "filepath", path_of(volume, "filepath", place.folder), packed=True)
    elif volume.is_sequence and volume.filepath:
        yield series("volume", volume, "filepath", path_of(volume, "filepath", place.folder))
    else:
        yield from single_file("volume", volume, place)


def _cache_file(cache: Any, place: Place) -> Iterator[Reference]:
    if cache.is_sequence and cache.filepath:
        yield series("geometry", cache, "filepath", path_of(cache, "filepath", place.folder))
    else:
        for reference in single_file("geometry", cache, place):
            reference.files = [each for path in reference.files for each in usd.layers(path)]
            yield reference
    for layer in cache.layers:
        yield from single_file("geometry", layer, place)


def is_packed(library: Any) -> bool:
    """Whether a library's data-blocks are in the .blend that links them (5.0: archive libraries).

    An archive keeps its source library, which may have no data-blocks itself.
    """
    if library.packed_file is not None or getattr(library, "is_archive", False):
        return True
    return bool(getattr(library, "archive_libraries", ())) and not library.users_id


def library_path(library: Any, folder: str) -> str:
    """The absolute path of a library, spelled as on disk; `folder` is what `//` means in it."""
    return path_of(library, "filepath", folder)


def _library(library: Any, place: Place) -> Iterator[Reference]:
    path = library_path(library, place.folder)
    if is_packed(library):
        yield Reference(library, "filepath", path, packed=True)
    else:
        yield of_files("blend", library, "filepath", path, [path])


def _object(object: Any, place: Place) -> Iterator[Reference]:
    yield from modifiers.references(object, place)
    yield from pointcaches.references(object, place)


def _brush(brush: Any, place: Place) -> Iterator[Reference]:
    if getattr(brush, "icon_filepath", ""):  # until 4.2
        yield from single_file("image", brush, place, "icon_filepath")


def _camera(camera: Any, place: Place) -> Iterator[Reference]:
    if camera.type == "CUSTOM" and camera.custom_mode == "EXTERNAL":  # since 5.0
        yield from nodes.shader(camera, "custom_filepath", place)


Walker = Callable[[Any, Place], Iterator[Reference]]
WALKERS: dict[str, Walker] = {
    "BRUSH": _brush,
    "CAMERA": _camera,
    "CACHEFILE": _cache_file,
    "FONT": _font,
    "IMAGE": images.references,
    "LIBRARY": _library,
    "MOVIECLIP": _movie_clip,
    "OBJECT": _object,
    "SCENE": strips.references,
    "SOUND": _sound,
    "VOLUME": _volume,
}
