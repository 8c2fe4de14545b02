"""Which scenes a render of one scene renders too: through its compositor and its sequencer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy


def rendered_scenes(scene: bpy.types.Scene) -> list[bpy.types.Scene]:
    """`scene` and all scenes that its picture is made of, each once, `scene` first."""
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
    """The strips that the sequencer makes the picture of, those inside meta strips too.

    Without any, Blender renders the scene itself: sounds are none, nor is what is muted.
    """
    editor: Any = scene.sequence_editor
    return list(_shown(editor)) if editor and scene.render.use_sequencer else []


def _shown(owner: Any) -> Iterator[Any]:
    """Of the sequencer or a meta strip."""
    strips = owner.strips if hasattr(owner, "strips") else owner.sequences  # until Blender 4.3
    for strip in strips:
        if strip.type != "SOUND" and not strip.mute and not owner.channels[strip.channel].mute:
            yield strip
            if strip.type == "META":
                yield from _shown(strip)


def compositor(scene: Any) -> Any:
    """The node tree of the compositor, None where the scene has none."""
    if hasattr(scene, "compositing_node_group"):  # since Blender 5.0
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def active_nodes(tree: Any, seen: set[Any]) -> Iterator[Any]:
    """The nodes of a tree and of its groups that are not muted. `seen` holds the trees so far."""
    for node in tree.nodes:
        if node.mute:
            continue
        yield node
        group = getattr(node, "node_tree", None)
        if group is not None and group not in seen:
            seen.add(group)
            yield from active_nodes(group, seen)
