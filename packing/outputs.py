"""Redirects output paths into the package's folder, with their file names unchanged.

The original paths are replaced without being resolved.
"""

import posixpath
import re
from collections import Counter
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
    yield from (node for node in _nodes(id) if not _is_inside(node))


def _nodes(id: Any) -> Iterator[Any]:
    for tree in walk.trees(id):
        yield from (node for node in tree.nodes if node.bl_idname == "CompositorNodeOutputFile")


def redirect_node(node: Any, name: str) -> None:
    """Redirect a File Output node to its own folder `name` below `//render/`."""
    folder = f"{FOLDER}{name}/"
    if hasattr(node, "directory"):  # since 5.0
        node.directory = folder
        node.file_name = _inside(node.file_name)
        return
    if node.format.file_format == "OPEN_EXR_MULTILAYER":  # base_path names the file then
        node.base_path = folder + _file_name(node.base_path)
        return
    node.base_path = folder
    paths: set[str] = set()
    for slot in node.file_slots:
        slot.path = _unique(_inside(slot.path), paths)


def redirect_nodes(ids: Iterable[Any], library: str = "") -> bool:
    """Redirect the File Output nodes of local `ids`; return whether there were any.

    Each node gets its own folder, so that none overwrites the files of another or the frames. The
    nodes of a `library` write below a folder of its name, because it is opened without the others.
    """
    moved, folders = [], set()
    for node in (node for id in ids if id.library is None for node in _nodes(id)):
        folder = _folder(node).removeprefix(FOLDER).strip("/").casefold()
        if _is_inside(node) and folder and folder not in folders:
            folders.add(folder)
        else:
            moved.append(node)
    names = Counter(_folder_name(node.name).casefold() for node in moved)
    below = f"{_folder_name(library)}/" if library else ""
    for node in moved:
        name = _folder_name(node.name)
        if names[name.casefold()] > 1:  # nodes of two groups: add the original folder's name
            original = _folder(node).replace("\\", "/").rstrip("/")
            name = _folder_name(f"{node.name} {_file_name(original)}".strip())
        redirect_node(node, _unique(below + name, folders))
    return bool(moved)


def _unique(name: str, taken: set[str]) -> str:
    """Return `name`, with a number if it is `taken` in any case, and add it to `taken`."""
    number, unique = 1, name
    while unique.casefold() in taken:
        number += 1
        unique = f"{name}_{number}_"  # a frame number may follow
    taken.add(unique.casefold())
    return unique


def _folder(node: Any) -> str:
    return str(node.directory if hasattr(node, "directory") else node.base_path)


def _is_inside(node: Any) -> bool:
    names = [node.file_name] if hasattr(node, "directory") else [s.path for s in node.file_slots]
    folder = _folder(node)
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
