"""Finds the files that nodes read directly: IES profiles, OSL scripts, files of import nodes."""

from collections.abc import Iterator
from typing import Any

from . import sequences
from .reference import Place, Reference, single_file

FILE_PATH = "NodeSocketStringFilePath"


def references(node: Any, place: Place) -> Iterator[Reference]:
    """The paths of a node."""
    if node.bl_idname == "ShaderNodeTexIES" and node.mode == "EXTERNAL":
        yield from single_file("photometric", node, place)
    elif node.bl_idname == "ShaderNodeScript" and node.mode == "EXTERNAL":
        yield from shader(node, "filepath", place)
    for socket in node.inputs:
        if socket.bl_idname != FILE_PATH:
            continue
        if not socket.is_linked:
            # Before 5.0, saving a copy does not remap it.
            home = place if place.version >= (5, 0) else place.at(place.original)
            yield from single_file("import", socket, home, "default_value")
        for link in socket.links:
            if link.from_node.bl_idname == "FunctionNodeInputString":
                at_home = place.at(place.original)
                yield from single_file("import", link.from_node, at_home, "string")


def shader(holder: Any, attribute: str, place: Place) -> Iterator[Reference]:
    """An OSL script with its include files and its compiled file."""
    for reference in single_file("shader", holder, place, attribute):
        reference.files = sequences.with_includes(reference.path) if reference.files else []
        yield reference
