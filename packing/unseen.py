"""Finds data-blocks that cannot affect the render, for bpy objects of Blender 4.2 to 5.2.

These are objects that no view layer renders and that only collections use, and images whose nodes
are not linked.
"""

from collections.abc import Iterable
from typing import Any

from . import walk

PHYSICS = ("CLOTH", "COLLISION", "DYNAMIC_PAINT", "FLUID", "SOFT_BODY", "PARTICLE_SYSTEM")


def objects(data: Any, ids: Iterable[Any]) -> set[Any]:
    """The objects among `ids` that no scene renders and that nothing else uses."""
    ids = set(ids)
    rendered: set[Any] = set()
    for scene in data.scenes:
        if scene in ids:
            for layer in scene.view_layers:
                _add_rendered(layer.layer_collection, rendered)
    candidates = [id for id in ids if id.id_type == "OBJECT" and id not in rendered]
    users = data.user_map() if candidates else {}
    return {id for id in candidates if _is_passive(id) and _is_only_collected(id, users)}


def _add_rendered(layer: Any, found: set[Any]) -> None:
    if layer.exclude or layer.collection.hide_render:
        return
    found.update(each for each in layer.collection.objects if _may_render(each))
    for child in layer.children:
        _add_rendered(child, found)


def _may_render(object: Any) -> bool:
    """Whether an object is not hidden in renders, or this is animated."""
    return not object.hide_render or object.animation_data is not None


def _is_passive(object: Any) -> bool:
    """Whether an object does not affect others if it is not rendered."""
    if object.type == "CAMERA" or object.rigid_body or object.rigid_body_constraint:
        return False
    if object.field is not None and object.field.type != "NONE":
        return False
    return not any(modifier.type in PHYSICS for modifier in object.modifiers)


def _is_only_collected(id: Any, users: Any) -> bool:
    """Whether only scenes use a data-block, directly or in collections."""
    waiting, seen = [id], {id}
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user.id_type not in ("SCENE", "COLLECTION"):
                return False
            if user.id_type == "COLLECTION" and user not in seen:
                seen.add(user)
                waiting.append(user)
    return True


def is_unplugged(used: Any, user: Any) -> bool:
    """Whether no node of `user` with the image or movie clip `used` is linked."""
    if used.id_type not in ("IMAGE", "MOVIECLIP"):
        return False
    nodes = [
        node
        for tree in walk.trees(user)
        for node in tree.nodes
        if used in (getattr(node, "image", None), getattr(node, "clip", None))
        or any(getattr(socket, "default_value", None) == used for socket in node.inputs)
    ]
    return bool(nodes) and not any(out.is_linked for node in nodes for out in node.outputs)
