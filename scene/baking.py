"""What is baked in the copy for the farm: the artist's choice, and where it is possible.

A Blender that renders in the background never simulates, so a frame without a bake shows the state
in which the file was saved, also where one machine renders all frames.
"""

from collections.abc import Iterator
from typing import Any, Literal, get_args

Mode = Literal["auto", "all", "none"]
MODES: tuple[str, ...] = get_args(Mode)
"""`auto`: bake what takes no longer than AUTO_SECONDS; `all`: however long; `none`: nothing."""
AUTO_SECONDS = 60
"""The longest bake that nobody has asked for."""
ASKED = frozenset({"long-bake", "large-bake", "bake-failed"})
"""The checks of the packer after which the artist chooses a Mode."""
SAID = {
    "auto": "The {kind} simulation of “{name}” is not baked. The copy for the farm gets a bake if"
    " that takes no longer than a minute.",
    "all": "The {kind} simulation of “{name}” is not baked. The copy for the farm gets a bake,"
    " however long that takes.",
}
"""What the checks say of a simulation by mode, if it is not `none`."""


def read(scene: Any) -> str:
    """The Mode that is chosen for the next job of `scene`."""
    own = getattr(scene, "renderjuice_next", None)  # None where the extension is not enabled
    return own.bake.lower() if own else "auto"


def is_possible(scene: Any) -> bool:
    """Whether a play of `scene` is what its frames show, and changes no file.

    Liquids and smoke differ from play to play, and Blender may delete their files; with a
    stretched time the frames lie between those that are baked.
    """
    render = scene.render
    return render.frame_map_old == render.frame_map_new and not any(
        modifier.type == "FLUID" and modifier.fluid_type == "DOMAIN"
        for item in objects(scene.objects)
        for modifier in item.modifiers
    )


def objects(items: Any, seen: set[Any] | None = None) -> Iterator[Any]:
    """`items`, and the objects of instanced collections, which may be linked."""
    seen = set() if seen is None else seen
    for item in items:
        yield item
        collection = item.instance_collection
        if collection is not None and collection not in seen:
            seen.add(collection)
            yield from objects(collection.all_objects, seen)
