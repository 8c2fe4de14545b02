"""Builds shader node trees with little code, for Blender 4.2 and 5.2 alike."""

from __future__ import annotations

from typing import Any

import bpy


class Nodes:
    """The node tree of a new material or world, with short methods to add nodes."""

    def __init__(self, owner: Any) -> None:
        """Empty the tree of `owner`, a bpy Material or World."""
        if owner.node_tree is None:  # Blender 5 creates the tree itself and deprecates this
            owner.use_nodes = True
        self.tree = owner.node_tree
        self.tree.nodes.clear()

    def add(self, kind: str, inputs: dict[Any, Any] | None = None, **attributes: Any) -> Any:
        """Add the node `kind` ("TexNoise" for ShaderNodeTexNoise) and return it.

        `inputs` names sockets (or numbers them) and gives each a value or another node's output.
        """
        node = self.tree.nodes.new("ShaderNode" + kind)
        for name, value in attributes.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[key])
            else:
                node.inputs[key].default_value = value
        return node

    def math(self, operation: str, *values: Any) -> Any:
        """Return the output of a Math node over `values`."""
        return self.add("Math", dict(enumerate(values)), operation=operation).outputs[0]

    def ramp(self, factor: Any, *stops: tuple[float, tuple[float, ...]], **ramp: Any) -> Any:
        """Return the color of a ramp through `stops`: two or more of (position, rgba)."""
        node = self.add("ValToRGB", {0: factor})
        for name, value in ramp.items():
            setattr(node.color_ramp, name, value)
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, color) in zip(elements, stops, strict=True):
            element.position = position
            element.color = color
        return node.outputs[0]

    def mix(self, factor: Any, first: Any, second: Any) -> Any:
        """Return a mix of two shaders: `first` where factor is 0, `second` where it is 1."""
        return self.add("MixShader", {0: factor, 1: first, 2: second}).outputs[0]

    def surface(self, shader: Any, output: str = "OutputMaterial") -> None:
        """Connect `shader` to a new output node."""
        self.add(output, {"Surface": shader})


def material(name: str) -> tuple[bpy.types.Material, Nodes]:
    """Return a new material and its empty tree."""
    new = bpy.data.materials.new(name)
    return new, Nodes(new)
