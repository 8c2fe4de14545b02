"""Random projects: trees of folders, links, textures, and libraries that link from others.

A `Project` is plain data, so that hypothesis can print and shrink it; `make` writes it to disk with
real Blender, and `expect` computes the files to pack from the stored paths alone.
"""

# Blender's paths are strings:
# ruff: noqa: PTH113, PTH120

import math
import os
import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
from hypothesis import strategies as st

from tests import projects

CELL = 4  # pixels of a texture's square


@dataclass(frozen=True)
class Use:
    """A path to texture or .blend number `of`, in one of `SPELLINGS`.

    It goes through link number `link` if that link leads to a folder above the file.
    """

    of: int
    spelling: str
    link: int | None


@dataclass(frozen=True)
class File:
    """A texture in folder number `folder`. `behind`: it is a link to a file in another folder."""

    folder: int
    name: str
    missing: bool
    behind: bool


@dataclass(frozen=True)
class Blend:
    """A .blend file: the textures that it shows, and the earlier .blend files that it links."""

    folder: int
    name: str
    missing: bool
    textures: tuple[Use, ...]
    libraries: tuple[Use, ...]


@dataclass(frozen=True)
class Link:
    """A symbolic link in folder number `folder` to folder number `to`."""

    folder: int
    name: str
    to: int


@dataclass(frozen=True)
class Project:
    """`folders`: the number of the parent folder, and a name. The last of `blends` is rendered."""

    folders: tuple[tuple[int, str], ...]
    links: tuple[Link, ...]
    textures: tuple[File, ...]
    blends: tuple[Blend, ...]
    opened_through: int | None


SPELLINGS = ("relative", "absolute", "roundabout", "roundabout absolute", "backslashes")
ODD = (
    "tex *a*",
    "what?",
    "[1]",
    "Holz ä",
    "Holz a\u0308",
    "木目",
    "a.b.",
    ".hidden",
    " x ",
    "wood.1001",
    "frame_0012",
    "#### %04d",
    "{blend_name}",
    "$HOME~",
    "'quoted' \"twice\"",
    "-r",
    "COM1",
    "Tex",
    "tex",
    "long " * 24,
)
LETTERS = "ab1 .,;*?[]{}()#%&'\"!=+-_~$^@éß木\u0308"
names = st.sampled_from(ODD) | st.text(LETTERS, min_size=1, max_size=10).filter(
    lambda name: name.strip(".") != ""
)
few_names = st.sampled_from(("wood", "Wood", "chair *", "木 1")) | names
number = st.integers(0, 9)
uses = st.builds(Use, number, st.sampled_from(SPELLINGS), st.none() | number)
is_rare = st.sampled_from((False,) * 15 + (True,))
files = st.builds(File, number, few_names, is_rare, is_rare)
blends = st.builds(
    Blend,
    number,
    few_names,
    is_rare,
    st.lists(uses, min_size=1, max_size=3).map(tuple),
    st.lists(uses, min_size=1, max_size=3).map(tuple),
)
random_projects = st.builds(
    Project,
    st.lists(st.tuples(number, names), min_size=1, max_size=6).map(tuple),
    st.lists(st.builds(Link, number, names, number), max_size=2).map(tuple),
    st.lists(files, min_size=1, max_size=5).map(tuple),
    st.lists(blends, min_size=2, max_size=5).map(tuple),
    st.none() | number,
)


@dataclass
class Made:
    """A project on disk. `stored`: the paths in each .blend, by its path with links resolved."""

    top: Path
    stored: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Expected:
    """Absolute paths, with links unresolved: Blender, too, compares names only."""

    files: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def expect(made: Made) -> Expected:
    """Follow the stored paths from the top-level .blend."""
    found, seen, waiting = Expected(), set(), [str(made.top)]
    while waiting:
        blend = waiting.pop()
        seen.add(blend)
        for stored in made.stored[os.path.realpath(blend)]:
            path = resolved(stored, os.path.dirname(blend))
            if not os.path.isfile(path):
                found.missing.add(path)
                continue
            found.files.add(path)
            if path.endswith(".blend") and path not in seen:
                waiting.append(path)
    return found


def resolved(stored: str, folder: str) -> str:
    """The absolute path that Blender makes of a stored path: as text, without resolving links."""
    path = stored.replace("\\", "/")
    return posixpath.normpath(posixpath.join(folder, path[2:]) if path[:2] == "//" else path)


def make(project: Project, root: Path) -> Made:
    """Make the project below `root`; the files that are to be missing are deleted at the end."""
    return _Making(project, root).make()


class _Making:
    def __init__(self, project: Project, root: Path) -> None:
        self.project = project
        self.root = root
        self.folders = [root]
        root.mkdir(parents=True)
        for above, name in project.folders:
            self.folders.append(self._unused(above, name))
            self.folders[-1].mkdir()
        self.links: list[tuple[Path, Path]] = []
        for link in project.links:
            path, target = self._unused(link.folder, link.name), self._folder(link.to)
            path.symlink_to(target)
            self.links.append((path, target))
        self.cells = sum(len(blend.textures) for blend in project.blends)
        self.cell = 0

    def make(self) -> Made:
        self.textures = [self._texture(n, file) for n, file in enumerate(self.project.textures)]
        self.blends: list[Path] = []
        made = Made(self.root)
        for blend in self.project.blends:
            path = self._unused(blend.folder, blend.name, ".blend")
            if blend is self.project.blends[-1]:
                made.top = path = self._through(self.project.opened_through, path)
            made.stored[os.path.realpath(path)] = self._blend(blend, path)
            self.blends.append(path)
        for path, file in zip(self.textures, self.project.textures, strict=True):
            if file.missing:
                path.unlink()
        for path, blend in zip(self.blends[:-1], self.project.blends[:-1], strict=True):
            if blend.missing:
                path.unlink()
        return made

    def _folder(self, number: int) -> Path:
        return self.folders[number % len(self.folders)]

    def _unused(self, folder: int, name: str, extension: str = "") -> Path:
        """A path that does not exist yet; a repeated name gets a suffix.

        Names that differ only in case also count as repeated: such a file would be taken for a
        missing one, which other tests cover.
        """
        there = {path.name.casefold() for path in self._folder(folder).iterdir()}
        more = ""
        while f"{name}{more}{extension}".casefold() in there:
            more += "+"
        return self._folder(folder) / f"{name}{more}{extension}"

    def _through(self, link: int | None, path: Path) -> Path:
        """`path` through a link, if that link leads to a folder above it."""
        if link is None or not self.links:
            return path
        name, target = self.links[link % len(self.links)]
        return name / path.relative_to(target) if path.is_relative_to(target) else path

    def _texture(self, number: int, file: File) -> Path:
        path = self._unused(file.folder, file.name, ".png")
        real = self.root / "pictures" / f"{number}.png" if file.behind else path
        projects.picture(real, (number / 5, 1 - number / 5, number % 3 / 2))
        if file.behind:
            path.symlink_to(real)
        return path

    def _blend(self, blend: Blend, path: Path) -> list[str]:
        """Save one .blend, and return the paths stored in it."""
        projects.new_scene()
        scene = bpy.context.scene
        everything = bpy.data.collections.new("All")
        scene.collection.children.link(everything)
        stored: dict[tuple[Any, str], str] = {}
        for use in blend.textures:
            spelled = self._spelled(use, self.textures[use.of % len(self.textures)], path)
            image = self._show_texture(everything, resolved(spelled, str(path.parent)))
            stored[image, "filepath_raw"] = spelled
        for use in blend.libraries if self.blends else ():
            spelled = self._spelled(use, self.blends[use.of % len(self.blends)], path)
            library = _show_library(everything, resolved(spelled, str(path.parent)))
            stored[library, "filepath"] = spelled  # the last spelling, if a library has two
        side = math.ceil(math.sqrt(self.cells))
        scene.camera.location = (side - 1, side - 1, 20)
        scene.camera.data.ortho_scale = 2 * side
        scene.render.resolution_x = scene.render.resolution_y = CELL * side
        projects.save(path, relative=False)
        for (holder, attribute), spelled in stored.items():
            setattr(holder, attribute, spelled)  # after the first save, so that // paths resolve
        projects.save(path, relative=False)
        return list(stored.values())

    def _spelled(self, use: Use, target: Path, blend: Path) -> str:
        path = str(self._through(use.link, target))
        near = posixpath.relpath(path, blend.parent)
        if use.spelling == "absolute":
            return path
        if use.spelling == "roundabout absolute":
            return f"{self.root}/../{self.root.name}/.//{posixpath.relpath(path, self.root)}"
        if use.spelling == "roundabout":
            folder, name = posixpath.split(near)
            return f"//../{blend.parent.name}/./{folder or '.'}/{name}"
        return "//" + (near.replace("/", "\\") if use.spelling == "backslashes" else near)

    def _show_texture(self, everything: Any, path: str) -> Any:
        side = math.ceil(math.sqrt(self.cells))
        image = bpy.data.images.load(path)
        plane = projects.plane(projects.image_material(image))
        plane.location = (2 * (self.cell % side), 2 * (self.cell // side), 0)
        everything.objects.link(plane)
        self.cell += 1
        return image


def _show_library(everything: Any, path: str) -> Any:
    (linked,) = projects.linked_by_name(Path(path), "All", kind="collections")
    instance = bpy.data.objects.new("All", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", linked
    everything.objects.link(instance)
    return linked.library
