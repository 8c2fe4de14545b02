"""Sets paths in the file that is open, so that they fit the package."""

import posixpath
from collections.abc import Iterable

from . import layout
from .layout import Layout
from .walk import Reference


def settled(reference: Reference, names: Layout, here: str) -> bool:
    """Whether the path, as stored in a .blend in the package's folder `here`, already fits."""
    found = layout.resolves_to(reference.stored, here)
    return reference.packed or found == names.place(reference.path)


def point(references: Iterable[Reference], names: Layout, here: str) -> None:
    """Make every path `//`-relative to the package's folder `here`."""
    for reference in references:
        if reference.packed:  # nothing is read there; only the name is worth keeping
            wanted = "//" + posixpath.basename(names.place(reference.path))
        else:
            wanted = layout.relative(names.place(reference.path), here)
        if reference.stored.endswith(("/", "\\")):
            wanted += "/"
        if wanted != reference.stored:
            setattr(reference.holder, reference.attribute, wanted)
