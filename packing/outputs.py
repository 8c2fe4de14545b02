"""Where the render writes: kept inside the package's folder, under the names it has here.

A saved copy keeps these paths as they are, so they are made anew and never resolved.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..system.names import safe_name
from . import walk

FOLDER = "//render/"


def keep_scene_inside(scene: Any) -> None:
    """Point the render of `scene` below `//render/`."""
    scene.render.filepath = FOLDER + _last(scene.render.filepath)


def nodes_outside(id: Any) -> Iterator[Any]:
    """The File Output nodes of a data-block that write elsewhere than below `//render/`."""
    for tree in walk.trees(id):
        for node in tree.nodes:
            if node.bl_idname == "CompositorNodeOutputFile" and not _is_inside(node):
                yield node


def keep_node_inside(node: Any) -> None:
    """Point a File Output node to a folder of its own below `//render/`."""
    folder = f"{FOLDER}{_safe(node.name)}/"
    if hasattr(node, "directory"):  # since 5.0
        node.directory = folder
        node.file_name = _inside(node.file_name)
        return
    if node.format.file_format == "OPEN_EXR_MULTILAYER":  # base_path names the file then
        node.base_path = folder + _last(node.base_path)
        return
    node.base_path = folder
    for slot in node.file_slots:
        slot.path = _inside(slot.path)


def keep_nodes_inside(ids: Iterable[Any]) -> bool:
    """Point the File Output nodes of the open file's own `ids` inside; whether any was outside."""
    nodes = [node for id in ids if id.library is None for node in nodes_outside(id)]
    for node in nodes:
        keep_node_inside(node)
    return bool(nodes)


def _is_inside(node: Any) -> bool:
    names = [node.file_name] if hasattr(node, "directory") else [s.path for s in node.file_slots]
    folder = node.directory if hasattr(node, "directory") else node.base_path
    is_whole = folder.startswith(FOLDER) and ".." not in folder
    return is_whole and all(name == _inside(name) for name in names)


def _last(path: str) -> str:
    """The file's part of a path: `C:\\out\\shot_####` and `//out/shot_####` give `shot_####`."""
    return path.replace("\\", "/").rpartition("/")[2]


def _inside(path: str) -> str:
    """A path below the node's folder, without steps that lead out of it."""
    parts = path.replace("\\", "/").split("/")
    kept = [part for part in parts[:-1] if part not in ("", ".", "..") and ":" not in part]
    return posixpath.join(*kept, parts[-1])


def _safe(name: str) -> str:
    """A node's name as a folder's name."""
    return safe_name(re.sub(r"[{}]", "_", name))
