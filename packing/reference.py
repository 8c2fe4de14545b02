"""Defines Reference, a path in a data-block with the files it stands for."""

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
    """A path stored in a data-block as `getattr(holder, attribute)`.

    - `path`: the absolute path of a file, a pattern, a frame or a folder
    - `files`, `missing`: the files it stands for, on disk and missing
    - `leading_out`: links in a folder whose target is outside
    - `packed`: the bytes are in the .blend
    - `beside`: not stored, but a folder that Blender looks for beside the .blend, by its name
    - `reads_file`: Blender reads the file when the path is set
    - `content`: a key of content.CONTENTS, the kind of file that Blender reads there
    - `part`: the modifier or strip that has the path
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
    reads_file: bool = False
    content: str = ""
    part: str = ""
    home: str | None = None
    """The .blend whose folder `//` means where that is not the data-block's own; "" for the one
    at the top."""
    unread: list[str] = field(default_factory=list)
    """The files, there or missing, that no frame of the job reads: not among the others."""
    views: list[str] = field(default_factory=list)
    """The path of each view, if there are several."""

    @property
    def stored(self) -> str:
        """The path as currently stored."""
        return str(getattr(self.holder, self.attribute))


@dataclass(frozen=True)
class Eyes:
    """The views of a scene: file suffixes by name."""

    suffixes: Mapping[str, str] = field(default_factory=dict)
    stereo: bool = True
    """Whether they are the views of Stereo 3D, "left" and "right"."""
    rendered: bool = False


@dataclass(frozen=True)
class Place:
    """What `//` means: `folder` for most paths, and the folder of the .blend `original` for paths
    that Blender does not remap when it saves a copy.
    """

    folder: str
    original: str
    version: tuple[int, int, int]
    """Blender's version."""
    eyes: Eyes = field(default_factory=Eyes)
    shot: str = ""
    """The .blend at the top, whichever is open."""

    @property
    def blend(self) -> str:
        """The .blend `original`, as `Reference.home` has it."""
        return "" if self.original == self.shot else self.original

    def at(self, blend: str) -> "Place":
        """The Place for a .blend that is not a saved copy."""
        return replace(self, folder=os.path.dirname(blend), original=blend)


def single_file(
    content: str, holder: Any, place: Place, attribute: str = "filepath"
) -> Iterator[Reference]:
    """The Reference of a path to a single file, if it is set."""
    if getattr(holder, attribute):
        path = path_of(holder, attribute, place.folder)
        yield of_files(content, holder, attribute, path, [path])


def path_of(holder: Any, attribute: str, folder: str) -> str:
    """The stored path, made absolute, with the existing part spelled as on disk."""
    path = spelling.on_disk(absolute(getattr(holder, attribute), folder))
    return os.path.abspath(path) if os.path.exists(path) else path  # relative to the current folder


def of_files(content: str, holder: Any, attribute: str, path: str, wanted: list[str]) -> Reference:
    """A Reference to the `wanted` files, split into existing and missing ones."""
    spelled = [spelling.on_disk(os.path.normpath(each)) for each in wanted]
    found = [(os.path.isfile(each), each) for each in spelled]
    files = [each for is_there, each in found if is_there]
    missing = [each for is_there, each in found if not is_there]
    return Reference(holder, attribute, path, files, missing, content=content)


def series(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A Reference to all files on disk of the sequence that `path` belongs to."""
    found = sequences.frames(path)
    missing = [] if found else [path]
    return Reference(holder, attribute, path, found, missing, content=content)


def of_folder(content: str, holder: Any, attribute: str, path: str) -> Reference:
    """A Reference to all files in a folder, which may be missing before the first bake."""
    files, out = sequences.files_below(path)
    return Reference(
        holder, attribute, path, files, leading_out=out, is_folder=True, content=content
    )
