"""Finds the data-blocks that the render of a scene uses, for bpy objects of Blender 4.2 to 5.2."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

# Used by painting and by windows, never by a render.
NOT_RENDERED = {"BRUSH", "PAINTCURVE", "PALETTE", "SCREEN", "WINDOWMANAGER", "WORKSPACE"}


def all_ids(data: Any) -> Iterator[Any]:
    """Every data-block of `bpy.data`, linked ones and libraries included."""
    for member in data.bl_rna.properties:
        if member.type == "COLLECTION":
            yield from getattr(data, member.identifier)


def clear_tool_references(data: Any) -> None:
    """Clear references that only painting and text editing use. Texts keep their content."""
    for scene in data.scenes:
        paint = scene.tool_settings.image_paint
        if scene.library is None and paint is not None:
            paint.canvas = paint.clone_image = paint.stencil_image = None
    for text in data.texts:
        if text.library is None:
            text.filepath = ""


def clear_unused_node_trees(data: Any) -> None:
    """Clear node trees with `use_nodes` off, which exist before Blender 5.0."""
    for holders in (data.scenes, data.materials, data.worlds, data.lights):
        for holder in holders:
            tree = getattr(holder, "node_tree", None)
            if holder.library is None and tree is not None and not holder.use_nodes:
                tree.nodes.clear()


Skip = Callable[[Any, Any], bool]


def reachable(scene: Any, data: Any, skip: Skip = lambda used, user: False) -> set[Any]:
    """The data-blocks that `scene` uses, directly or indirectly, and their libraries.

    `skip` tells of a used data-block and its user whether that reference counts for nothing.
    """
    uses = defaultdict(set)
    for used, users in data.user_map().items():
        for user in users:
            if not _is_editor_only(used, user) and not skip(used, user):
                uses[user].add(used)
    found: set[Any] = set()
    waiting = [scene]
    while waiting:
        id = waiting.pop()
        if id in found or id.id_type in NOT_RENDERED:
            continue
        found.add(id)
        waiting.extend(uses[id])
        if id.library is not None:
            waiting.append(id.library)
    return found


def _is_editor_only(used: Any, user: Any) -> bool:
    """Whether a reference does not affect the render: sounds of strips, and reference images of
    cameras and empties. References in libraries count as used, because they are read-only."""
    if used.id_type == "SOUND":
        return bool(user.id_type == "SCENE")
    if user.library is not None or used.id_type not in ("IMAGE", "MOVIECLIP"):
        return False
    if user.id_type == "OBJECT":
        return bool(user.type == "EMPTY" and user.data == used)
    return bool(user.id_type == "CAMERA")


def libraries_with_links(ids: Iterable[Any], data: Any) -> set[Any]:
    """The libraries with a data-block among `ids` that uses another library."""
    wanted = set(ids)
    return {
        user.library
        for used, users in data.user_map().items()
        if used.library is not None
        for user in users
        if user in wanted and user.library is not None and user.library != used.library
    }


def name(id: Any, part: str = "") -> str:
    """Describe a data-block in a message: its type, its name, a `part` of it, and its library."""
    named = f'{id.bl_rna.name} "{id.name}"'
    if part:
        named += f", {part}"
    if id.library is not None:
        named += f" (linked from {id.library.filepath.replace(chr(92), '/')})"
    return named
