"""Finds the files that modifiers read."""

# ruff: noqa: PTH120 (Blender's paths are strings)

import os
from collections.abc import Callable, Iterator
from typing import Any

from .reference import Place, Reference, of_folder, path_of, single_file


def references(object: Any, place: Place) -> Iterator[Reference]:
    """The paths of the modifiers of an object."""
    for modifier in object.modifiers:
        walker = MODIFIERS.get(modifier.type)
        if walker is not None:
            for reference in walker(modifier, place):
                reference.part = f'modifier "{modifier.name}"'
                yield reference


def _fluid(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.fluid_type == "DOMAIN":
        settings = modifier.domain_settings
        path = path_of(settings, "cache_directory", place.folder)
        yield of_folder("fluid", settings, "cache_directory", path)


def _ocean(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.filepath:
        path = path_of(modifier, "filepath", place.folder)
        reference = of_folder("image", modifier, "filepath", path)
        if not modifier.is_cached:  # Blender does not store it, so it is unset after loading
            reference.files = []
        yield reference


def _multires(modifier: Any, place: Place) -> Iterator[Reference]:
    if modifier.is_external:
        yield from single_file("multires", modifier, place)


def _mesh_cache(modifier: Any, place: Place) -> Iterator[Reference]:
    return single_file("mesh-cache", modifier, place)


def _geometry_nodes(modifier: Any, place: Place) -> Iterator[Reference]:
    """Bake folders. Before 5.1, saving a copy does not remap them: `//` stays the original's."""
    folder = place.folder if place.version >= (5, 1) else os.path.dirname(place.original)
    if modifier.bake_directory:
        path = path_of(modifier, "bake_directory", folder)
        yield of_folder("bake", modifier, "bake_directory", path)
    for bake in modifier.bakes:
        if bake.use_custom_path and bake.directory:
            yield of_folder("bake", bake, "directory", path_of(bake, "directory", folder))


MODIFIERS: dict[str, Callable[[Any, Place], Iterator[Reference]]] = {
    "FLUID": _fluid,
    "MESH_CACHE": _mesh_cache,
    "MULTIRES": _multires,
    "NODES": _geometry_nodes,
    "OCEAN": _ocean,
}
