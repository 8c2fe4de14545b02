"""Checks for what cannot be packed. Takes bpy objects of Blender 4.2 to 5.2."""

from collections.abc import Iterator
from typing import Any

from ..scene.checks import Check, Level
from . import needed, sequences, usd, walk
from .reference import Reference


def of_nodes(id: Any) -> Iterator[Check]:
    """Checks of unknown nodes in `id`."""
    for tree in walk.trees(id):
        for node in tree.nodes:
            if node.bl_idname == "NodeUndefined":
                yield check(
                    "unknown-node",
                    id,
                    f"The node “{node.name}” of {needed.name(id)} is unknown to Blender without"
                    " add-ons or was made by a newer one. The farm may render without it.",
                )


def of_import(id: Any, node: Any) -> Check:
    """The check of a node in the node tree `id` that imports a file whose path nodes compute."""
    return check(
        "computed-path",
        id,
        f"The node “{node.name}” of {needed.name(id)} gets the path of its file from"
        " other nodes. Which file that is shows only when they run, so it does not"
        " travel: write the path into the node.",
    )


def of_path(id: Any, reference: Reference) -> Iterator[Check]:
    """Checks of files that belong to a path of `id` and are not packed."""
    named = needed.name(id, reference.part)
    for path in reference.leading_out:
        yield check(
            "leads-out",
            id,
            f"{path}, used by {named}, is a link to what is not in its folder, and is not sent."
            " Put a copy of the file in its place.",
            "error",
            path=path,
        )
    if id.id_type == "CACHEFILE":
        for path in reference.files:
            if usd.has_clips(path):
                yield check(
                    "usd-clips",
                    id,
                    f"{path}, used by {named}, names more files by a pattern (value clips), which"
                    " do not travel. Save the clips as one USD file.",
                    path=path,
                )
    is_ocean = getattr(reference.holder, "type", "") == "OCEAN"
    if is_ocean and sequences.files_in(reference.path):
        yield check(
            "ocean-bake",
            id,
            f"The bake of {named} does not travel: Blender forgets it when a file is opened. The"
            " farm makes the waves anew, as this file does when it is opened again.",
            "note",
            path=reference.path,
        )


def check(name: str, id: Any, message: str, level: Level = "warning", **more: str) -> Check:
    """Make a check about the data-block `id`."""
    return Check(name, level, message, id.name, id_type=id.id_type, **more)
