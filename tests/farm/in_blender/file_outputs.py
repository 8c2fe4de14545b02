"""Redirects the compositor's File Output nodes, whose paths are on the artist's disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy


def redirect_file_outputs(folder: Path) -> dict[str, str]:
    """Make every File Output node write below `folder`, each into its own folder.

    Return a mapping from folder name to node name.
    """
    names = {}
    for number, node in enumerate(_file_outputs()):
        place = folder / str(number)
        place.mkdir(parents=True)
        names[str(number)] = node.name
        if hasattr(node, "directory"):  # Blender 5 and later
            node.directory = str(place)
        elif node.format.file_format == "OPEN_EXR_MULTILAYER":  # one file, named by base_path
            base_name = node.base_path.replace("\\", "/").rpartition("/")[2]
            node.base_path = f"{place}/{base_name}"
        else:
            node.base_path = str(place)
    return names


def _file_outputs() -> Iterator[Any]:
    trees = [tree for tree in bpy.data.node_groups if tree.bl_idname == "CompositorNodeTree"]
    if bpy.app.version < (5, 0):
        trees += [scene.node_tree for scene in bpy.data.scenes if scene.node_tree]
    for tree in trees:
        yield from (node for node in tree.nodes if node.bl_idname == "CompositorNodeOutputFile")
