"""Bakes simulations in the package that was just made, in scratch.

A Blender that renders in the background never simulates: each frame shows the state in which the
file was saved. So the packer's Blender opens the package, where all paths lead to links to the
artist's files, plays it up to the last frame that the job reads, bakes, and saves it. Nothing is
written outside the package's folder: caches get names of their own before the first evaluation.
"""

# ruff: noqa: PTH103, PTH113, PTH118, PTH120 (Blender's paths are strings)

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bpy

from ..scene import baking
from ..scene.check import Check
from . import bake_limits, bake_watch, manifest, parent, pointcaches, rewrite, simulations
from .bake_limits import Sample
from .blendfile import open_file, open_shown, save, show_empty
from .last_look import Original
from .manifest import File
from .simulations import PointCache, Simulation, Zone

logger = logging.getLogger(__name__)

SECONDS_A_STEP = 0.5
"""Between two steps that are reported."""
NAME = "renderjuice-{number}"
ZONES = "simulations"
"""The folder of the package with the bakes of simulation zones."""


@dataclass(frozen=True)
class Baked:
    """The package's files after a bake, the .blend first, and the checks of what was not baked."""

    files: list[File]
    checks: list[Check]
    folders: dict[str, set[str]] = field(default_factory=dict)
    """The members in each folder of the package that a bake is read from."""
    local: set[tuple[str, str]] = field(default_factory=set)
    """The types and names of what was linked, and is a part of the .blend now."""

    def expected(self, before: Original) -> Original:
        """What the last look finds after the bake, `before` being what it would have found."""
        kept = {key: text for key, text in before.datablocks.items() if key[:2] not in self.local}
        folders = {
            name: before.files.get(name, set()) | members for name, members in self.folders.items()
        }
        return replace(before, datablocks=kept, files=before.files | folders)


class _TooMuch(Exception):
    """The bake is given up."""

    def __init__(self, why: bake_limits.Refusal) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True)
class Play:
    """What is played for a bake: `mode` is a baking.Mode, `start` the scene's own first frame.

    With `measure` only a few frames are, to see whether the bake would be made.
    """

    mode: str
    start: int
    last: int
    measure: bool = False


def play(scene: Any, request: Mapping[str, Any], start: int) -> Play | None:
    """What is played for the job of the packer's `request`; None if nothing is.

    The open `scene` is looked at, and not evaluated.
    """
    mode, frames = request.get("bake", "none"), request["frames"]
    if mode == "none" or not baking.is_possible(scene) or not simulations.is_there(scene):
        return None
    last = max(frames, default=scene.frame_end)
    # Motion blur reads a part of the next frame.
    last = int(last) + (1 if scene.render.use_motion_blur else 0)
    return Play(mode, start, last, request.get("measure", False))


def bake(
    files: Sequence[File], unread: Mapping[str, str], folder: Path, played: Play | None
) -> Baked:
    """Bake the package of `files` below `folder`, the .blend first.

    `unread` are files that the job does not read and a bake may: their paths by their place in the
    package, into which they do not come.
    """
    # Blender 5.2 lists the folder of particles' caches also where it never was.
    left = Baked(list(files), [], {pointcaches.folder_name(files[0].name): set()})
    if played is None:
        return left
    shutil.rmtree(folder, ignore_errors=True)  # left by a killed packer
    parent.step(bake_watch.LOOKING)
    top, probe = folder / files[0].name, folder.with_name(f"{folder.name}-probe")
    _lay_out(files, unread, folder)
    scene = open_file(str(top))
    local = simulations.make_local(scene)
    found = _played(simulations.find(scene, played.start, probe), played)
    if not found:
        return left
    for number, each in enumerate(found, 1):
        each.prepare(NAME.format(number=number))
    shown = scene.frame_current
    # Blender 5.2 leaves gaps on disk before the frame in which a file is opened.
    scene.frame_current = min(each.first for each in found)
    save(top, scene, as_copy=False)
    for old in (folder / pointcaches.folder_name(top.name)).glob(NAME.format(number="*")):
        old.unlink()  # links to what the artist has played, which Blender has renamed
    parent.step(bake_watch.LOOKING)  # it evaluates the scene, which may take its time
    scene = open_shown(str(top))
    found = _played(simulations.find(scene, played.start, probe), played)
    names = [each.owner.name for each in found]
    try:
        _bake(scene, found, _Player(scene, folder, found, played))
        scene.frame_set(shown)
    except _TooMuch as given_up:
        return replace(left, checks=[given_up.why.check(names)])
    except (RuntimeError, simulations.NotBaked) as error:
        logger.exception("A bake has failed")
        return replace(left, checks=[bake_limits.failed(error).check(names)])
    if played.measure:
        return left
    show_empty()
    baked = _saved(files, folder, scene)
    return Baked(baked, [], _folders(baked[len(files) :], top.name), local)


def _played(found: Sequence[Simulation], played: Play) -> list[Simulation]:
    """Those of the simulations that have begun when the job ends."""
    return [each for each in found if each.first <= played.last]


def _lay_out(files: Sequence[File], unread: Mapping[str, str], folder: Path) -> None:
    """Make `folder` the package: a copy of the .blend, and links to all else."""
    for name, source in {**unread, **{file.name: file.source for file in files[1:]}}.items():
        if os.path.isfile(source):
            target = os.path.join(folder, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            rewrite.link(source, target)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files[0].source, folder / files[0].name)


def _bake(scene: Any, found: Sequence[Simulation], player: "_Player") -> None:
    """Play the open scene and bake what is found. Raises _TooMuch, NotBaked and RuntimeError."""
    player.run()
    if player.played.measure:
        return
    for each in found:
        if isinstance(each, PointCache):
            each.keep(scene)
    for each in found:
        if isinstance(each, Zone):
            with _each_frame(player.report):
                each.bake_into(scene, player.folder, ZONES, player.played.last)


@dataclass
class _Player:
    """Plays a scene frame by frame, and gives up when that takes too much."""

    scene: Any
    folder: Path
    found: Sequence[Simulation]
    played: Play
    _reported: float = 0.0
    _laid_out: int = 0
    """Bytes in the folder before the play."""

    def run(self) -> None:
        """Play from the first to the last frame, or measure. Raises _TooMuch."""
        begun, first = time.monotonic(), min(each.first for each in self.found)
        decided, frames = begun, self.played.last - first + 1
        self._laid_out = bake_limits.below(str(self.folder))
        for played in range(1, frames + 1):
            self.report(first + played - 1)
            self.scene.frame_set(first + played - 1)
            now = time.monotonic()
            is_measured = played == bake_limits.PROBE_FRAMES
            if is_measured or now - decided > bake_limits.PROBE_SECONDS:
                decided = now
                self._check(Sample(played, now - begun, *self._sizes()), frames)
            if is_measured and self.played.measure:
                return

    def report(self, frame: int) -> None:
        """Report a frame, at most every SECONDS_A_STEP; end if the worker is gone."""
        if time.monotonic() - self._reported >= SECONDS_A_STEP:
            self._reported = time.monotonic()
            parent.step(f"baking frame {frame} of {self.played.last}")  # bake_watch knows it

    def _check(self, sample: Sample, frames: int) -> None:
        free = shutil.disk_usage(self.folder).free
        passes = 1 + sum(isinstance(each, Zone) for each in self.found)
        if why := bake_limits.too_much(self.played.mode, sample, frames, passes, free):
            raise _TooMuch(why)

    def _sizes(self) -> tuple[int, int]:
        caches = [each.cache for each in self.found if isinstance(each, PointCache)]
        memory = sum(bake_limits.in_memory(cache.info) for cache in caches)
        return memory, max(0, bake_limits.below(str(self.folder)) - self._laid_out)


@contextlib.contextmanager
def _each_frame(call: Callable[[int], None]) -> Iterator[None]:
    """Call `call` with each frame that Blender plays; end the process if the worker is gone."""

    def on_frame(scene: Any, *_: object) -> None:
        try:
            call(scene.frame_current)
        except SystemExit as gone:  # Blender would only print it
            os._exit(int(gone.code or 0))

    handlers = bpy.app.handlers.frame_change_post
    handlers.append(on_frame)
    try:
        yield
    finally:
        handlers.remove(on_frame)


def _folders(made: Sequence[File], blend: str) -> dict[str, set[str]]:
    """The members of each bake's folder, and of that of the point caches even if it is empty."""
    caches = pointcaches.folder_name(blend)
    folders: dict[str, set[str]] = {caches: set()}
    for file in made:
        parts = file.name.split("/")
        name = caches if parts[0] == caches else "/".join(parts[:2])
        folders.setdefault(name, set()).add(file.name)
    return folders


def _saved(files: Sequence[File], folder: Path, scene: Any) -> list[File]:
    """Save the baked package; return its files with those of the bakes."""
    blend = files[0].name
    source = save(folder.with_name(f"{folder.name}-top") / blend, scene)
    known = {file.name for file in files}
    made = [
        manifest.file_on_disk(os.path.join(at, name), member, "cache")
        for part in (pointcaches.folder_name(blend), ZONES)
        for at, _, names in os.walk(folder / part)
        for name in sorted(names)
        if (member := os.path.relpath(os.path.join(at, name), folder).replace("\\", "/"))
        not in known
    ]
    return [manifest.file_on_disk(source, blend, "blend"), *files[1:], *made]
