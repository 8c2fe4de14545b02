"""The files that nodes read by themselves: light profiles, OSL scripts, what geometry imports."""

from collections.abc import Iterator
from typing import Any

from . import sequences
from .reference import Place, Reference, one

FILE_PATH = "NodeSocketStringFilePath"


def references(node: Any, place: Place) -> Iterator[Reference]:
    """The paths of a node."""
    if node.bl_idname == "ShaderNodeTexIES" and node.mode == "EXTERNAL":
        yield from one("photometric", node, place)
    elif node.bl_idname == "ShaderNodeScript" and node.mode == "EXTERNAL":
        yield from shader(node, "filepath", place)
    for socket in node.inputs:
        if socket.bl_idname != FILE_PATH:
            continue
        if not socket.is_linked:
            # Before 5.0 a saved copy keeps it.
            home = place if place.version >= (5, 0) else place.at(place.original)
            yield from one("import", socket, home, "default_value")
        for link in socket.links:
            if link.from_node.bl_idname == "FunctionNodeInputString":
                at_home = place.at(place.original)
                yield from one("import", link.from_node, at_home, "string")


def shader(holder: Any, attribute: str, place: Place) -> Iterator[Reference]:
    """An OSL script with the files that it includes, and what it was compiled to before."""
    for reference in one("shader", holder, place, attribute):
        reference.files = sequences.with_includes(reference.path) if reference.files else []
        yield reference
