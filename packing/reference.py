"""A path in a data-block, and what Blender makes of it."""

# Blender's paths are strings, often patterns, and there may be thousands:
# ruff: noqa: PTH100, PTH110, PTH113, PTH120

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import sequences, spelling
from .layout import absolute


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
    views: list[str] = field(default_factory=list)
    """Of a path that stands for more than one view: the path of each."""

    @property
    def stored(self) -> str:
        """The path as Blender has it now."""
        return str(getattr(self.holder, self.attribute))


@dataclass(frozen=True)
class Eyes:
    """The views of a scene, by name: what their files' names end with."""

    suffixes: Mapping[str, str] = field(default_factory=dict)
    stereo: bool = True
    """Whether they are the left and the right one, else any."""
    rendered: bool = False


@dataclass(frozen=True)
class Place:
    """What `//` means: `folder` for most paths, the folder of the .blend `original` for those
    that a saved copy keeps.
    """

    folder: str
    original: str
    version: tuple[int, int, int]
    """Blender's."""
    eyes: Eyes = field(default_factory=Eyes)

    def at(self, blend: str) -> "Place":
        """The same for a .blend that is no saved copy."""
        return replace(self, folder=os.path.dirname(blend), original=blend)


def one(
    content: str, holder: Any, place: Place, attribute: str = "filepath"
) -> Iterator[Reference]:
    """A path to a single file, if one is set."""
    if getattr(holder, attribute):
        path = path_of(holder, attribute, place.folder)
        yield of_files(content, holder, attribute, path, [path])


def path_of(holder: Any, attribute: str, folder: str) -> str:
    """The path that is stored, made absolute and spelled as on disk as far as it is there."""
    path = spelling.on_disk(absolute(getattr(holder, attribute), folder))
    return os.path.abspath(path) if os.path.exists(path) else path  # without `//`: our own folder


def of_files(content: str, holder: Any, attribute: str, path: str, wanted: list[str]) -> Reference:
    """A reference to the `wanted` files, sorted into those on disk and those missing."""
    spelled = [spelling.on_disk(os.path.normpath(each)) for each in wanted]
    found = [(os.path.isfile(each), each) for each in spelled]
    files = [each for is_there, each in found if is_there]
    missing = [each for is_there, each in found if not is_there]
    return Reference(holder, attribute, path, files, missing, content=content)


def series(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A reference to all the frames on disk of the sequence that `path` belongs to."""
    found = sequences.frames(path)
    missing = [] if found else [path]
    return Reference(holder, attribute, path, found, missing, content=content)


def of_folder(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A reference to all that is in a folder; one that is not there holds nothing (no bake)."""
    files, out = sequences.files_below(path)
    return Reference(
        holder, attribute, path, files, leading_out=out, is_folder=True, content=content
    )
