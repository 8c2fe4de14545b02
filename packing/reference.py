"""A path in a data-block, and what Blender makes of it."""

# ruff: noqa: PTH120 (Blender's paths are strings)

import os
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reference:
    """One path stored in a data-block: `getattr(holder, attribute)`.

    `path` is it made absolute (a file, a pattern, one frame or a folder), `files` what it stands
    for on disk, `missing` what is not there, `leading_out` links in a folder to what is not in it.
    `packed`: the bytes are in the .blend already.
    `content` is a word of content.CONTENTS: what Blender would read there.
    `part` names the modifier or strip in a data-block that has several. `beside`: not stored at
    all, but a folder that Blender looks for beside the .blend, by the .blend's name.
    """

    holder: Any
    attribute: str
    path: str
    files: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    leading_out: list[str] = field(default_factory=list)
    packed: bool = False
    is_folder: bool = False
    beside: bool = False
    reads: bool = False
    content: str = ""
    part: str = ""

    @property
    def stored(self) -> str:
        """The path as Blender has it now."""
        return str(getattr(self.holder, self.attribute))


@dataclass(frozen=True)
class Place:
    """What `//` means: `folder` for most paths, the folder of the .blend `original` for those
    that a saved copy keeps.
    """

    folder: str
    original: str
    version: tuple[int, int, int]
    """Blender's."""

    def at(self, blend: str) -> "Place":
        """The same for a .blend that is no saved copy."""
        return Place(os.path.dirname(blend), blend, self.version)
