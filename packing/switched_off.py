"""Finds uses of data-blocks that are switched off, for bpy objects of Blender 4.2 to 5.2.

These are modifiers that are not rendered and muted constraints, the 3D scene and the compositor
behind strips, the compositor where it is off, materials that a view layer overrides, and fonts of
styles that no letter has.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..scene import rendered_scenes
from . import shown, strips

PHYSICS = ("CLOTH", "COLLISION", "DYNAMIC_PAINT", "FLUID", "SOFT_BODY", "PARTICLE_SYSTEM")
KEPT_MODIFIERS = (*PHYSICS, "MULTIRES")
"""Modifiers that may affect others, or are not proven to change nothing."""
SWITCHES = ("show_render", "mute", "enabled")
NOT_READ = ("rna_type", "particles", "child_particles")
"""Properties without data-blocks, of which there may be many."""
FONTS = ("font", "font_bold", "font_italic", "font_bold_italic")


class SwitchedOff:
    """Judges uses in the open file, of which the data-blocks `ids` are rendered with `scene`."""

    def __init__(self, scene: Any, ids: Iterable[Any]) -> None:
        scenes = [id for id in ids if id.id_type == "SCENE"]
        self._is_overridden = _are_overridden(scenes)
        self._behind = scene if len(scenes) == 1 and _shows_strips(scene) else None

    def __call__(self, used: Any, user: Any) -> bool:
        """Whether `user` uses the data-block `used` only where that is switched off."""
        if user == self._behind and used.id_type in ("COLLECTION", "OBJECT", "WORLD"):
            return True
        if user.id_type == "SCENE":
            is_compositor = used == rendered_scenes.compositor(user)  # since 5.0
            return is_compositor and not composites(user) and not is_in_strip(used, user)
        if self._is_overridden and used.id_type == "MATERIAL" and _is_mesh(user):
            return not _has_drivers(user)
        if used.id_type == "FONT" and user.id_type == "CURVE":
            return not _has_letters(used, user)
        return user.id_type == "OBJECT" and _is_in_parts_only(used, user, parts(user))


def parts(object: Any) -> list[Any]:
    """The modifiers and constraints of an object that no frame evaluates."""
    if shown.is_animated(object, SWITCHES):
        return []
    found = [
        modifier
        for modifier in object.modifiers
        if not modifier.show_render and modifier.type not in KEPT_MODIFIERS
    ]
    bones = object.pose.bones if object.pose else ()
    constraints = [each for owner in (object, *bones) for each in owner.constraints]
    return found + [constraint for constraint in constraints if constraint.mute]


def _is_in_parts_only(used: Any, object: Any, off: Collection[Any]) -> bool:
    if not off or used not in {id for part in off for id in _ids(part, object, set())}:
        return False
    seen = {_key(part) for part in off}
    return used not in set(_ids(object, object, seen))


def _ids(struct: Any, owner: Any, seen: set[Any]) -> Iterator[Any]:
    """The data-blocks that a `struct` of the data-block `owner` holds, except those in `seen`."""
    if _key(struct) in seen:
        return
    seen.add(_key(struct))
    yield from _custom(struct)
    for prop in struct.bl_rna.properties:
        if prop.type not in ("POINTER", "COLLECTION") or prop.identifier in NOT_READ:
            continue
        value = getattr(struct, prop.identifier)
        for each in value if prop.type == "COLLECTION" else [value]:
            if hasattr(each, "id_type"):
                yield each
            elif getattr(each, "id_data", None) == owner:
                yield from _ids(each, owner, seen)


def _key(struct: Any) -> tuple[int, str]:
    return struct.as_pointer(), struct.bl_rna.identifier


def _custom(struct: Any) -> Iterator[Any]:
    """The data-blocks among what is stored by name: until 5.1 the inputs of a nodes modifier."""
    try:
        names = list(struct.keys())
    except TypeError:
        return
    for name in names:
        if hasattr(struct[name], "id_type"):
            yield struct[name]


def _are_overridden(scenes: Iterable[Any]) -> bool:
    """Whether a view layer replaces all materials wherever one is rendered, in Cycles."""
    scenes = list(scenes)
    layers = [layer for scene in scenes for layer in scene.view_layers if layer.use]
    is_proven = all(scene.render.engine == "CYCLES" for scene in scenes)
    return is_proven and bool(layers) and all(layer.material_override for layer in layers)


def _is_mesh(user: Any) -> bool:
    return bool(user.id_type == "MESH" or (user.id_type == "OBJECT" and user.type == "MESH"))


def _has_drivers(id: Any) -> bool:
    return bool(id.animation_data and id.animation_data.drivers)


def _has_letters(font: Any, text: Any) -> bool:
    if text.animation_data:
        return True
    styles = {bool(each.use_bold) + 2 * bool(each.use_italic) for each in text.body_format}
    return any(getattr(text, FONTS[style]) == font for style in styles | {0})


def _shows_strips(scene: Any) -> bool:
    """Whether strips alone are rendered, and none of them is a scene."""
    if scene.animation_data or not rendered_scenes.shown_strips(scene):
        return False
    return not any(strip.type == "SCENE" for strip in strips.of_scene(scene))


def composites(scene: Any) -> bool:
    """Whether a render of `scene` runs its compositor."""
    if shown.is_animated(scene, ("use_compositing", "use_sequencer", *SWITCHES)):
        return True
    return bool(scene.render.use_compositing and not rendered_scenes.shown_strips(scene))


def is_in_strip(used: Any, user: Any) -> bool:
    """Whether a strip of `user`, or a modifier of it, uses the data-block `used`.

    Strips do not tell which clip they show.
    """
    if user.id_type != "SCENE":
        return False
    found = list(strips.of_scene(user))
    if used.id_type == "MOVIECLIP":
        return any(strip.type == "MOVIECLIP" for strip in found)
    return any(used in _ids(strip, user, set()) for strip in found)
