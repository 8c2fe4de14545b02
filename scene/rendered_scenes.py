"""Finds the scenes that a render of one scene includes, by its compositor and sequencer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy


def rendered_scenes(scene: bpy.types.Scene) -> list[bpy.types.Scene]:
    """`scene` and all scenes that contribute to its image, without duplicates, `scene` first."""
    found: dict[Any, None] = {}
    waiting = [scene]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = None
            waiting += [*_in_compositor(one), *_in_sequencer(one)]
    return list(found)


def _in_compositor(scene: bpy.types.Scene) -> list[Any]:
    tree = compositor(scene) if scene.render.use_compositing else None
    if tree is None:
        return []
    return [n.scene for n in active_nodes(tree, {tree}) if n.type == "R_LAYERS" and n.scene]


def _in_sequencer(scene: bpy.types.Scene) -> list[Any]:
    return [strip.scene for strip in shown_strips(scene) if strip.type == "SCENE" and strip.scene]


def shown_strips(scene: bpy.types.Scene) -> list[Any]:
    """The unmuted strips of the sequencer, except sounds, including those in meta strips.

    If there are none, Blender renders the scene itself.
    """
    editor: Any = scene.sequence_editor
    return list(_visible_strips(editor)) if editor and scene.render.use_sequencer else []


def _visible_strips(owner: Any) -> Iterator[Any]:
    """The visible strips of an editor or a meta strip."""
    strips = owner.strips if hasattr(owner, "strips") else owner.sequences  # until Blender 4.3
    for strip in strips:
        if strip.type != "SOUND" and not strip.mute and not owner.channels[strip.channel].mute:
            yield strip
            if strip.type == "META":
                yield from _visible_strips(strip)


def compositor(scene: Any) -> Any:
    """The scene's compositor node tree, or None."""
    if hasattr(scene, "compositing_node_group"):  # since Blender 5.0
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def active_nodes(tree: Any, seen: set[Any]) -> Iterator[Any]:
    """The unmuted nodes of a tree and of its groups. `seen` collects the visited trees."""
    for node in tree.nodes:
        if node.mute:
            continue
        yield node
        group = getattr(node, "node_tree", None)
        if group is not None and group not in seen:
            seen.add(group)
            yield from active_nodes(group, seen)
