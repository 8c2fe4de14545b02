"""Which data-blocks a render of one scene reaches. Takes bpy objects of Blender 4.2 to 5.2."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

# What painting and the window refer to, a render never asks for.
NOT_RENDERED = {"BRUSH", "PAINTCURVE", "PALETTE", "SCREEN", "WINDOWMANAGER", "WORKSPACE"}


def all_ids(data: Any) -> Iterator[Any]:
    """Every data-block of `bpy.data`, linked ones and libraries included."""
    for member in data.bl_rna.properties:
        if member.type == "COLLECTION":
            yield from getattr(data, member.identifier)


def forget_tools(data: Any) -> None:
    """Let go of what only painting and text editing refer to; texts keep their contents."""
    for scene in data.scenes:
        paint = scene.tool_settings.image_paint
        if scene.library is None and paint is not None:
            paint.canvas = paint.clone_image = paint.stencil_image = None
    for text in data.texts:
        if text.library is None:
            text.filepath = ""


def forget_unused_nodes(data: Any) -> None:
    """Empty the node trees that are switched off, which only Blender 4 can."""
    for holders in (data.scenes, data.materials, data.worlds, data.lights):
        for holder in holders:
            tree = getattr(holder, "node_tree", None)
            if holder.library is None and tree is not None and not holder.use_nodes:
                tree.nodes.clear()


def reached(scene: Any, data: Any) -> set[Any]:
    """The data-blocks that `scene` uses, directly or not, with the libraries they come from."""
    uses = defaultdict(set)
    for used, users in data.user_map().items():
        for user in users:
            if not _unseen(used, user):
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


def _unseen(used: Any, user: Any) -> bool:
    """Sounds of strips; and what only the window shows: pictures to work from, behind a camera's
    view or as an empty. Linked users keep these."""
    if used.id_type == "SOUND":
        return bool(user.id_type == "SCENE")
    if user.library is not None or used.id_type not in ("IMAGE", "MOVIECLIP"):
        return False
    if user.id_type == "OBJECT":
        return bool(user.type == "EMPTY" and user.data == used)
    return bool(user.id_type == "CAMERA")


def libraries_with_links(ids: Iterable[Any], data: Any) -> set[Any]:
    """The libraries out of which one of `ids` uses something of another library."""
    wanted = set(ids)
    return {
        user.library
        for used, users in data.user_map().items()
        if used.library is not None
        for user in users
        if user in wanted and user.library is not None and user.library != used.library
    }


def name(id: Any, part: str = "") -> str:
    """How a message names a data-block: its type, its name, `part` of it, and its library."""
    named = f'{id.bl_rna.name} "{id.name}"'
    if part:
        named += f", {part}"
    if id.library is not None:
        named += f" (linked from {id.library.filepath.replace(chr(92), '/')})"
    return named
