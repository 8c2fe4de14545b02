"""Redirects output paths into the package's folder, with their file names unchanged.

The original paths are replaced without being resolved.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..system.names import safe_name
from . import walk

FOLDER = "//render/"


def redirect_scene(scene: Any) -> None:
    """Redirect the output of `scene` to `//render/`."""
    scene.render.filepath = FOLDER + _file_name(scene.render.filepath)


def nodes_outside(id: Any) -> Iterator[Any]:
    """The File Output nodes of a data-block that write outside `//render/`."""
    for tree in walk.trees(id):
        for node in tree.nodes:
            if node.bl_idname == "CompositorNodeOutputFile" and not _is_inside(node):
                yield node


def redirect_node(node: Any) -> None:
    """Redirect a File Output node to its own folder below `//render/`."""
    folder = f"{FOLDER}{_folder_name(node.name)}/"
    if hasattr(node, "directory"):  # since 5.0
        node.directory = folder
        node.file_name = _inside(node.file_name)
        return
    if node.format.file_format == "OPEN_EXR_MULTILAYER":  # base_path names the file then
        node.base_path = folder + _file_name(node.base_path)
        return
    node.base_path = folder
    for slot in node.file_slots:
        slot.path = _inside(slot.path)


def redirect_nodes(ids: Iterable[Any]) -> bool:
    """Redirect the File Output nodes of local `ids`; return whether there were any."""
    nodes = [node for id in ids if id.library is None for node in nodes_outside(id)]
    for node in nodes:
        redirect_node(node)
    return bool(nodes)


def _is_inside(node: Any) -> bool:
    names = [node.file_name] if hasattr(node, "directory") else [s.path for s in node.file_slots]
    folder = node.directory if hasattr(node, "directory") else node.base_path
    is_whole = folder.startswith(FOLDER) and ".." not in folder
    return is_whole and all(name == _inside(name) for name in names)


def _file_name(path: str) -> str:
    """The file name of a path: `C:\\out\\shot_####` and `//out/shot_####` give `shot_####`."""
    return path.replace("\\", "/").rpartition("/")[2]


def _inside(path: str) -> str:
    """A path relative to the node's folder, without drive and `..`."""
    parts = path.replace("\\", "/").split("/")
    kept = [part for part in parts[:-1] if part not in ("", ".", "..") and ":" not in part]
    return posixpath.join(*kept, parts[-1])


def _folder_name(name: str) -> str:
    """A node's name as a safe folder name."""
    return safe_name(re.sub(r"[{}]", "_", name))
