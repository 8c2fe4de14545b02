"""Finds the files that nodes read directly: IES profiles and OSL scripts."""

from collections.abc import Iterator
from typing import Any

from . import sequences
from .reference import Place, Reference, single_file


def references(node: Any, place: Place) -> Iterator[Reference]:
    """The paths of a node."""
    if node.bl_idname == "ShaderNodeTexIES" and node.mode == "EXTERNAL":
        yield from single_file("photometric", node, place)
    elif node.bl_idname == "ShaderNodeScript" and node.mode == "EXTERNAL":
        yield from shader(node, "filepath", place)


def shader(holder: Any, attribute: str, place: Place) -> Iterator[Reference]:
    """An OSL script with its include files and its compiled file."""
    for reference in single_file("shader", holder, place, attribute):
        reference.files = sequences.with_includes(reference.path) if reference.files else []
        yield reference
