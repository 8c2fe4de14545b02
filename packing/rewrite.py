"""Sets paths in the file that is open, so that they fit the package."""

from . import layout
from .layout import Layout
from .walk import Reference


def settled(reference: Reference, names: Layout, here: str) -> bool:
    """Whether the path, as stored in a .blend in the package's folder `here`, already fits."""
    found = layout.resolves_to(reference.stored, here)
    return reference.packed or found == _place(reference, names, here)


def point(reference: Reference, names: Layout, here: str) -> None:
    """Make the path `//`-relative to the package's folder `here`, in which its .blend lies."""
    wanted = layout.relative(_place(reference, names, here), here)
    if reference.stored.endswith(("/", "\\")):
        wanted += "/"
    if wanted != reference.stored:
        setattr(reference.holder, reference.attribute, wanted)


def _place(reference: Reference, names: Layout, here: str) -> str:
    if reference.is_folder and not reference.files:
        return here or "."  # Blender lists the path though nothing is there
    return names.place(reference.path)
