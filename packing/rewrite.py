"""Sets paths in the open file so that they are valid in the package."""

# ruff: noqa: PTH103, PTH118, PTH120, PTH211 (Blender's paths are strings)

import os
import shutil

from . import layout
from .layout import Layout
from .walk import Reference


def folder(reference: Reference, names: Layout, here: str) -> str:
    """The folder in the package that `//` means; `here` is that of the .blend with the path."""
    if reference.home is None:
        return here
    return os.path.dirname(names.place(reference.home)) if reference.home else ""


def fits_package(reference: Reference, names: Layout, here: str) -> bool:
    """Whether the stored path is valid for a .blend in the package's folder `here`."""
    here = folder(reference, names, here)
    found = layout.resolves_to(reference.stored, here)
    return reference.packed or found == _member_name(reference, names, here)


def link_files(reference: Reference, names: Layout, folder: str) -> None:
    """Link the files to where their new path leads from the open file's `folder`."""
    for file in reference.files:
        target = os.path.join(folder, names.place(file))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.lexists(target):
            continue
        link(file, target)


def link(file: str, target: str) -> None:
    """Make `target` a symbolic link to `file`, or a copy."""
    try:
        os.symlink(file, target)
    except OSError:  # Windows requires a privilege
        shutil.copyfile(file, target)


def set_path(reference: Reference, names: Layout, here: str) -> None:
    """Set the path relative to the package's folder `here`, which contains its .blend."""
    here = folder(reference, names, here)
    wanted = layout.relative(_member_name(reference, names, here), here)
    if reference.stored.endswith(("/", "\\")):
        wanted += "/"
    if wanted != reference.stored:
        _set(reference, wanted)


def _set(reference: Reference, path: str) -> None:
    holder = reference.holder
    has_views = reference.reads_file and getattr(holder, "use_multiview", False)
    if has_views:
        holder.use_multiview = False  # enabling it again makes Blender set the views' paths
    setattr(holder, reference.attribute, path)
    if has_views:
        holder.use_multiview = True


def _member_name(reference: Reference, names: Layout, here: str) -> str:
    if reference.is_folder and not reference.files:
        return here or "."  # the folder is empty, but Blender still has a path
    return names.place(reference.path)
