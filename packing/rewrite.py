"""Sets paths in the file that is open, so that they fit the package."""

# ruff: noqa: PTH103, PTH118, PTH120, PTH211 (Blender's paths are strings)

import os
import shutil

from . import layout
from .layout import Layout
from .walk import Reference


def settled(reference: Reference, names: Layout, here: str) -> bool:
    """Whether the path, as stored in a .blend in the package's folder `here`, already fits."""
    found = layout.resolves_to(reference.stored, here)
    return reference.packed or found == _place(reference, names, here)


def stand_in(reference: Reference, names: Layout, folder: str) -> None:
    """Put the files where the new path leads from the open file's `folder`, as links if it can."""
    for file in reference.files:
        target = os.path.join(folder, names.place(file))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.lexists(target):
            continue
        link(file, target)


def link(file: str, target: str) -> None:
    """Make `target` a link to `file`, or a copy."""
    try:
        os.symlink(file, target)
    except OSError:  # Windows asks for a right that few have
        shutil.copyfile(file, target)


def point(reference: Reference, names: Layout, here: str) -> None:
    """Make the path `//`-relative to the package's folder `here`, in which its .blend lies."""
    wanted = layout.relative(_place(reference, names, here), here)
    if reference.stored.endswith(("/", "\\")):
        wanted += "/"
    if wanted != reference.stored:
        _set(reference, wanted)


def _set(reference: Reference, path: str) -> None:
    holder = reference.holder
    has_views = reference.reads and getattr(holder, "use_multiview", False)
    if has_views:
        holder.use_multiview = False  # only when it comes back are the views' own paths made anew
    setattr(holder, reference.attribute, path)
    if has_views:
        holder.use_multiview = True


def _place(reference: Reference, names: Layout, here: str) -> str:
    if reference.is_folder and not reference.files:
        return here or "."  # Blender lists the path though nothing is there
    return names.place(reference.path)
