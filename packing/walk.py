"""Finds the files that each type of data-block refers to. Takes bpy objects of Blender 4.2 to 5.2.

One function a type, in WALKERS; each gives a Reference for every path, with the files on disk that
the path stands for. Nothing is changed here.
"""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH113, PTH118, PTH120

import os
from collections.abc import Callable, Iterator
from typing import Any

from . import pointcaches, sequences, spelling, usd
from .layout import absolute
from .reference import Place, Reference

__all__ = ["Place", "Reference", "is_packed", "references", "trees"]


FILE_PATH = "NodeSocketStringFilePath"


def references(id: Any, place: Place) -> Iterator[Reference]:
    """Every path of the data-block `id` and its own node tree."""
    walker = WALKERS.get(id.id_type)
    if walker is not None:
        yield from walker(id, place)
    for tree in trees(id):
        for node in tree.nodes:
            yield from _node(node, place)


def trees(id: Any) -> Iterator[Any]:
    """The node trees that are part of `id` itself (a group is a data-block of its own)."""
    if id.id_type == "NODETREE":
        yield id
        return
    tree = getattr(id, "node_tree", None)  # a 5.x scene has none: its compositor is a data-block
    if tree is not None:
        yield tree


def _one(
    content: str, holder: Any, place: Place, attribute: str = "filepath"
) -> Iterator[Reference]:
    """A path to a single file, if one is set."""
    if getattr(holder, attribute):
        path = _path(holder, attribute, place.folder)
        yield _of(content, holder, attribute, path, [path])


def _path(holder: Any, attribute: str, folder: str) -> str:
    """The path that is stored, made absolute and spelled as on disk as far as it is there."""
    return spelling.on_disk(absolute(getattr(holder, attribute), folder))


def _of(content: str, holder: Any, attribute: str, path: str, wanted: list[str]) -> Reference:
    """A reference to the `wanted` files, sorted into those on disk and those missing."""
    spelled = [spelling.on_disk(each) for each in wanted]
    found = [(os.path.isfile(each), each) for each in spelled]
    files = [each for is_there, each in found if is_there]
    missing = [each for is_there, each in found if not is_there]
    return Reference(holder, attribute, path, files, missing, content=content)


def _series(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A reference to all the frames on disk of the sequence that `path` belongs to."""
    found = sequences.frames(path)
    missing = [] if found else [path]
    return Reference(holder, attribute, path, found, missing, content=content)


def _folder(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A reference to all that is in a folder; one that is not there holds nothing (no bake)."""
    files, out = sequences.files_below(path)
    return Reference(
        holder, attribute, path, files, leading_out=out, is_folder=True, content=content
    )


def _font(font: Any, place: Place) -> Iterator[Reference]:
    return _packable("font", font, place)


def _sound(sound: Any, place: Place) -> Iterator[Reference]:
    return _packable("sound", sound, place)


def _packable(content: str, id: Any, place: Place) -> Iterator[Reference]:
    """One file, or its bytes in the .blend."""
    if id.filepath in ("", "<builtin>"):
        return
    if id.packed_file is not None:
        yield Reference(id, "filepath", _path(id, "filepath", place.folder), packed=True)
    else:
        yield from _one(content, id, place)


def _image(image: Any, place: Place) -> Iterator[Reference]:
    # filepath_raw: writing `filepath` would load the image again, packed ones included.
    attribute, path = "filepath_raw", _path(image, "filepath_raw", place.folder)
    if not image.filepath_raw or image.source in ("GENERATED", "VIEWER"):
        return
    if image.packed_file is not None or len(image.packed_files) > 0:
        yield Reference(image, attribute, path, packed=True)
    elif image.source == "SEQUENCE":
        yield _series("image", image, attribute, path)
    elif image.source == "TILED":
        wanted = sequences.tiles(path, [tile.number for tile in image.tiles])
        yield _of("image", image, attribute, path, wanted)
    elif image.use_multiview and image.views_format == "INDIVIDUAL":
        reference = _of("film", image, "filepath", path, sequences.views(path))
        reference.reads = True  # each view has a path of its own, that only Blender can set
        yield reference
    else:
        yield _of("film", image, attribute, path, [path])


def _movie_clip(clip: Any, place: Place) -> Iterator[Reference]:
    if clip.source == "SEQUENCE":
        reference = _series("image", clip, "filepath", _path(clip, "filepath", place.folder))
        reference.reads = True  # or it would be a movie from now on
        yield reference
    else:
        yield from _one("film", clip, place)


def _volume(volume: Any, place: Place) -> Iterator[Reference]:
    if volume.packed_file is not None:
        yield Reference(volume, "filepath", _path(volume, "filepath", place.folder), packed=True)
    elif volume.is_sequence and volume.filepath:
        yield _series("volume", volume, "filepath", _path(volume, "filepath", place.folder))
    else:
        yield from _one("volume", volume, place)


def _cache_file(cache: Any, place: Place) -> Iterator[Reference]:
    if cache.is_sequence and cache.filepath:
        yield _series("geometry", cache, "filepath", _path(cache, "filepath", place.folder))
    else:
        for reference in _one("geometry", cache, place):
            reference.files = [each for path in reference.files for each in usd.layers(path)]
            yield reference
    for layer in cache.layers:
        yield from _one("geometry", layer, place)


def is_packed(library: Any) -> bool:
    """Whether a library's data-blocks are in the .blend that links them (since 5.0: an archive).

    An archive keeps the library that it was made from, which may hold nothing itself.
    """
    if library.packed_file is not None or getattr(library, "is_archive", False):
        return True
    return bool(getattr(library, "archive_libraries", ())) and not library.users_id


def library_path(library: Any, folder: str) -> str:
    """Where a library is, spelled as on disk; `folder` is what `//` means in its path."""
    return _path(library, "filepath", folder)


def _library(library: Any, place: Place) -> Iterator[Reference]:
    path = library_path(library, place.folder)
    if is_packed(library):
        yield Reference(library, "filepath", path, packed=True)
    else:
        yield _of("blend", library, "filepath", path, [path])


def _object(object: Any, place: Place) -> Iterator[Reference]:
    for modifier in object.modifiers:
        walker = MODIFIERS.get(modifier.type)
        if walker is not None:
            for reference in walker(modifier, place):
                reference.part = f'modifier "{modifier.name}"'
                yield reference
    yield from pointcaches.references(object, place)


def _fluid(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.fluid_type == "DOMAIN":
        settings = modifier.domain_settings
        path = _path(settings, "cache_directory", place.folder)
        yield _folder("fluid", settings, "cache_directory", path)


def _ocean(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.filepath:
        path = _path(modifier, "filepath", place.folder)
        reference = _folder("image", modifier, "filepath", path)
        if not modifier.is_cached:  # as in every file that was opened: Blender forgets it
            reference.files = []
        yield reference


def _multires(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.is_external:
        yield from _one("multires", modifier, place)


def _mesh_cache(modifier: Any, place: Place) -> Iterator[Reference]:
    return _one("mesh-cache", modifier, place)


def _geometry_nodes(modifier: Any, place: Place) -> Iterator[Reference]:
    """Bake folders. A saved copy keeps these paths before 5.1; there `//` is the original's."""
    folder = place.folder if place.version >= (5, 1) else os.path.dirname(place.original)
    if modifier.bake_directory:
        path = _path(modifier, "bake_directory", folder)
        yield _folder("bake", modifier, "bake_directory", path)
    yield from _node_inputs(modifier, place)
    for bake in modifier.bakes:
        if bake.use_custom_path and bake.directory:
            yield _folder("bake", bake, "directory", _path(bake, "directory", folder))


class _Input:
    """A text input of a nodes modifier: where its value is kept depends on the version."""

    def __init__(self, modifier: Any, identifier: str) -> None:
        self._modifier, self._identifier = modifier, identifier

    @property
    def value(self) -> str:
        if hasattr(self._modifier, "properties"):  # since 5.2
            return str(getattr(self._modifier.properties.inputs, self._identifier).value)
        return str(self._modifier[self._identifier])

    @value.setter
    def value(self, path: str) -> None:
        if hasattr(self._modifier, "properties"):
            getattr(self._modifier.properties.inputs, self._identifier).value = path
        else:
            self._modifier[self._identifier] = path


def _node_inputs(modifier: Any, place: Place) -> Iterator[Reference]:
    """Inputs of a modifier's nodes that are paths of files. A saved copy keeps these paths."""
    group = modifier.node_group
    if group is None:
        return
    at_home = place.at(place.original)
    for socket in group.interface.items_tree:
        is_text = getattr(socket, "in_out", "") == "INPUT" and "String" in socket.socket_type
        if is_text and _is_path(socket, group):
            yield from _one("import", _Input(modifier, socket.identifier), at_home, "value")


def _is_path(socket: Any, group: Any) -> bool:
    """Whether a text input is a path, by its own type or by where its text goes."""
    if getattr(socket, "subtype", "") == "FILE_PATH":
        return True
    return any(
        link.from_node.bl_idname == "NodeGroupInput"
        and link.from_socket.identifier == socket.identifier
        and link.to_socket.bl_idname == FILE_PATH
        for link in group.links
    )


def _scene(scene: Any, place: Place) -> Iterator[Reference]:
    editor = scene.sequence_editor
    if editor is None:
        return
    for strip in editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all:
        for reference in _strip(strip, place):
            reference.part = f'strip "{strip.name}"'
            yield reference


def _strip(strip: Any, place: Place) -> Iterator[Reference]:
    if strip.type == "IMAGE":
        folder = _path(strip, "directory", place.folder)
        wanted = [os.path.join(folder, each.filename) for each in strip.elements]
        reference = _of("image", strip, "directory", folder, wanted)
        reference.is_folder = True
        yield reference
    elif strip.type == "MOVIE":
        yield from _one("film", strip, place)  # a sound strip's file is its Sound data-block's


def _brush(brush: Any, place: Place) -> Iterator[Reference]:
    if getattr(brush, "icon_filepath", ""):  # until 4.2
        yield from _one("image", brush, place, "icon_filepath")


def _camera(camera: Any, place: Place) -> Iterator[Reference]:
    if camera.type == "CUSTOM" and camera.custom_mode == "EXTERNAL":  # since 5.0
        yield from _shader(camera, "custom_filepath", place)


def _node(node: Any, place: Place) -> Iterator[Reference]:
    if node.bl_idname == "ShaderNodeTexIES" and node.mode == "EXTERNAL":
        yield from _one("photometric", node, place)
    elif node.bl_idname == "ShaderNodeScript" and node.mode == "EXTERNAL":
        yield from _shader(node, "filepath", place)
    for socket in node.inputs:
        if socket.bl_idname != FILE_PATH:
            continue
        if not socket.is_linked:
            # Before 5.0 a saved copy keeps it.
            home = place if place.version >= (5, 0) else place.at(place.original)
            yield from _one("import", socket, home, "default_value")
        for link in socket.links:
            if link.from_node.bl_idname == "FunctionNodeInputString":
                at_home = place.at(place.original)
                yield from _one("import", link.from_node, at_home, "string")


def _shader(holder: Any, attribute: str, place: Place) -> Iterator[Reference]:
    """An OSL script with the files that it includes, and what it was compiled to before."""
    for reference in _one("shader", holder, place, attribute):
        reference.files = sequences.with_includes(reference.path) if reference.files else []
        yield reference


Walker = Callable[[Any, Place], Iterator[Reference]]
WALKERS: dict[str, Walker] = {
    "BRUSH": _brush,
    "CAMERA": _camera,
    "CACHEFILE": _cache_file,
    "FONT": _font,
    "IMAGE": _image,
    "LIBRARY": _library,
    "MOVIECLIP": _movie_clip,
    "OBJECT": _object,
    "SCENE": _scene,
    "SOUND": _sound,
    "VOLUME": _volume,
}
MODIFIERS: dict[str, Walker] = {
    "FLUID": _fluid,
    "MESH_CACHE": _mesh_cache,
    "MULTIRES": _multires,
    "NODES": _geometry_nodes,
    "OCEAN": _ocean,
}
