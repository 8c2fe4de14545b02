"""Checks path templates of File Output nodes: Blender skips files whose path is invalid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .checks import Check
from .facts import path_problem
from .rendered_scenes import active_nodes, compositor

if TYPE_CHECKING:
    import bpy


def problems(scene: bpy.types.Scene) -> Iterator[Check]:
    """A warning for each File Output node with an invalid path.

    Blender (4.5 and newer) validates only the scene's output path, so each path is temporarily set
    there. Use it in the packer's Blender only.
    """
    tree = compositor(scene) if scene.render.use_compositing else None
    if tree is None:
        return
    own = scene.render.filepath
    for node in active_nodes(tree, {tree}):
        if node.bl_idname == "CompositorNodeOutputFile":
            scene.render.filepath = _path(node)
            problem = path_problem(scene)
            scene.render.filepath = own
            if problem:
                message = (
                    f"Blender cannot read a path of the node {node.name}, and does not write its"
                    f" files: {problem}"
                )
                yield Check("path-template", "warning", message, path=_path(node))


def _path(node: Any) -> str:
    """All path templates of a node, joined."""
    if hasattr(node, "directory"):  # since Blender 5.0
        items = [item.name for item in node.file_output_items]
        path = "/".join([node.directory, node.file_name, *items])
        return path.replace("{node_name}", "node")  # not available in the scene's path
    return "/".join([node.base_path, *(slot.path for slot in node.file_slots)])
