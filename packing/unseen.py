"""Finds data-blocks that cannot affect the render, for bpy objects of Blender 4.2 to 5.2.

These are objects that no view layer renders and that only collections use, images whose nodes lead
nowhere, materials in slots that no face has, muted strips, and what only custom properties name.
"""

import contextlib
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ..scene import rendered_scenes
from . import strips, switched_off, walk

_MEMBER_OF_CUSTOM = re.compile(r"[\"']\]\.")
"""In the path of a driver: a member of what a custom property holds, as in `["light"].energy`."""
VIEWERS = ("CompositorNodeViewer", "CompositorNodeSplitViewer", "GeometryNodeViewer")
OUTPUTS = ("OUTPUT_MATERIAL", "OUTPUT_WORLD", "OUTPUT_LIGHT")
"""Types of nodes of which one is the output of its tree, for each engine."""
ENGINES = ("ALL", "CYCLES", "EEVEE")


def objects(data: Any, ids: Iterable[Any]) -> set[Any]:
    """The objects among `ids` that no scene renders and that nothing else uses."""
    ids = set(ids)
    rendered: set[Any] = set()
    backgrounds = [scene.background_set for scene in data.scenes]
    for scene in data.scenes:
        if scene in ids:
            for layer in scene.view_layers:
                if layer.use or scene in backgrounds:  # in these it decides nothing
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
    return not any(modifier.type in switched_off.PHYSICS for modifier in object.modifiers)


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
    """Whether no node of `user` with the image, movie clip or node group `used` leads to an output
    of its tree, or its tree is a compositor that does not run."""
    if used.id_type not in ("IMAGE", "MOVIECLIP", "NODETREE"):
        return False
    trees = [(tree, _nodes_with(used, tree)) for tree in walk.trees(user)]
    if not any(nodes for _, nodes in trees) or switched_off.is_in_strip(used, user):
        return False
    if user.id_type == "SCENE" and not switched_off.composites(user):
        return True
    return not any(nodes and _leading_to_outputs(tree, user) & nodes for tree, nodes in trees)


def _nodes_with(used: Any, tree: Any) -> set[Any]:
    """The nodes of `tree` that use the data-block `used`."""
    return {
        node
        for node in tree.nodes
        if used in (getattr(node, name, None) for name in ("image", "clip", "node_tree"))
        or any(getattr(socket, "default_value", None) == used for socket in node.inputs)
    }


def _leading_to_outputs(tree: Any, user: Any) -> set[Any]:
    """The nodes of `tree`, not muted ones, from which links lead to an output of it.

    A node's switch cannot be animated. `user` has the tree, or is it.
    """
    before: dict[Any, set[Any]] = defaultdict(set)
    for link in tree.links:
        if not link.is_muted:
            before[link.to_node].add(link.from_node)
    for node in tree.nodes:  # the two ends of a zone are not linked
        if getattr(node, "paired_output", None) is not None:
            before[node.paired_output].add(node)
    waiting, found = list(_outputs(tree, user)), set()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(before[node])
    return {node for node in found if not node.mute}


def _outputs(tree: Any, user: Any) -> Iterator[Any]:
    """The nodes without outputs, except viewers and those of which no engine takes the material,
    world or light `user`."""
    taken = None
    if user.id_type in ("MATERIAL", "WORLD", "LIGHT"):
        taken = [tree.get_output_node(engine) for engine in ENGINES]
    for node in tree.nodes:
        if node.outputs or node.bl_idname in VIEWERS:
            continue
        if taken is None or node.type not in OUTPUTS or node in taken:
            yield node


def is_in_unused_slot(used: Any, user: Any, users: Any) -> bool:
    """Whether `used` is a material of the mesh or object `user` that none of its faces has.

    `users` is bpy.data's user_map. A modifier may give faces any material, and so may what uses the
    object; some renderers take volumes from the first slot.
    """
    if used.id_type != "MATERIAL" or user.id_type not in ("MESH", "OBJECT"):
        return False
    objects = [user] if user.id_type == "OBJECT" else users[user]
    if any(each.id_type != "OBJECT" or not _is_plain(each, users) for each in objects):
        return False
    mesh = user.data if user.id_type == "OBJECT" else user
    slots = [slot.material for slot in user.material_slots] if mesh != user else mesh.materials
    shown = {min(number, len(slots) - 1) for number in _numbers(mesh)} | {0}
    return not any(used == slots[number] for number in shown if slots)


def _is_plain(object: Any, users: Any) -> bool:
    plain = object.type == "MESH" and not object.modifiers
    return plain and _is_only_collected(object, users)


def _numbers(mesh: Any) -> set[int]:
    """The numbers of the slots that faces have."""
    numbers = array("i", bytes(4 * len(mesh.polygons)))
    mesh.polygons.foreach_get("material_index", numbers)
    return set(numbers)


def muted_strips(scene: Any) -> list[Any]:
    """The strips of `scene` that neither show nor are part of an effect that may."""
    if not scene.sequence_editor or scene.animation_data:
        return []
    every = list(strips.of_scene(scene))
    inputs = [getattr(strip, name, None) for strip in every for name in ("input_1", "input_2")]
    shown = [*rendered_scenes.shown_strips(scene), *filter(None, inputs)]
    return [strip for strip in every if strip not in shown]


@contextlib.contextmanager
def without_custom_properties(ids: Iterable[Any]) -> Iterator[None]:
    """Clear data-blocks in custom properties meanwhile, which are notes of artists and add-ons.

    Unless a driver reads what such a data-block has.
    """
    ids = list(ids)
    held = [] if _are_driven(ids) else [each for id in ids for each in _custom(id)]
    looks = [_look(group, key) for group, key, _ in held]
    for group, key, _ in held:
        del group[key]
    try:
        yield
    finally:
        for (group, key, value), look in zip(held, looks, strict=True):
            group[key] = value
            if look:
                group.id_properties_ui(key).update(**look)


def _custom(id: Any) -> list[tuple[Any, str, Any]]:
    """The custom properties of `id` that are data-blocks: their owner, their name, their value."""
    owners = [id, *(id.pose.bones if getattr(id, "pose", None) else ())]
    if hasattr(id, "bl_system_properties_get"):  # since 5.0 those of add-ons are apart
        owners.append(id.bl_system_properties_get())
    return [found for owner in owners if owner is not None for found in _in_group(owner)]


def _in_group(group: Any) -> Iterator[tuple[Any, str, Any]]:
    for key in list(group.keys()):
        if key.startswith("cycles"):  # settings, such as the camera of adaptive subdivision
            continue
        value = group[key]
        if hasattr(value, "id_type"):
            yield group, key, value
        for each in value if isinstance(value, list) else [value]:
            if hasattr(each, "keys") and not hasattr(each, "id_type"):
                yield from _in_group(each)


def _look(group: Any, key: str) -> dict[str, Any]:
    """How a custom property is shown; {} for a member of another."""
    if not hasattr(group, "id_properties_ui"):
        return {}
    look: dict[str, Any] = group.id_properties_ui(key).as_dict()
    return look


def _are_driven(ids: Iterable[Any]) -> bool:
    """Whether a driver may read a member of a data-block in a custom property."""
    animated = [
        owner.animation_data
        for id in ids
        for owner in (id, *walk.trees(id))
        if getattr(owner, "animation_data", None)
    ]
    drivers = [curve.driver for data in animated for curve in data.drivers]
    targets = [t for driver in drivers for v in driver.variables for t in v.targets]
    return any(driver.use_self for driver in drivers) or any(
        _MEMBER_OF_CUSTOM.search(target.data_path) for target in targets
    )
