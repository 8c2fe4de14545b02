"""Traces, packs and unpacks projects in tests, as the worker and the farm do."""

import atexit
import functools
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy
from renderjuice.packing import archive, command, tracer, walk
from renderjuice.packing.manifest import Manifest
from renderjuice.scene.copy import save_copy

from tests import projects
from tests.relocated import RelocatedBlender

BRUSHES = str(Path(bpy.utils.system_resource("DATAFILES")) / "assets/brushes") + os.sep
"""Each Blender links its own brushes when it opens a file, which stores only their names."""

Case = Callable[[Path], Path]
"""Makes a project below a folder, and returns the .blend to render."""


@functools.cache
def relocated_blender() -> RelocatedBlender:
    """The farm's Blender: one process for all tests of this pytest process."""
    folder = Path(tempfile.mkdtemp(prefix="renderjuice-relocated-"))
    farm = RelocatedBlender(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(farm.__exit__)
    return farm


def request(blend: Path, copy: Path) -> dict[str, Any]:
    """The request that the packer gets for a saved copy of the open file; it works beside it."""
    return {
        "schema": 1,
        "blend": str(copy),
        "original": str(blend),
        "paths_kept": True,
        "scene": bpy.context.scene.name,
        "applied": {},
        "frames": [bpy.context.scene.frame_current],
        "work": str(copy.parent / "work"),
        "manifest": str(copy.parent / "manifest.json"),
    }


def trace(blend: Path, scratch: Path, /, *, whole: bool = True, **more: Any) -> Manifest:
    """Save a copy of `blend` and trace it in a background Blender.

    The packer's final check must report nothing, unless `whole` is False.
    """
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return trace_open(blend, scratch, whole=whole, **more)


def trace_open(blend: Path, scratch: Path, /, *, whole: bool = True, **more: Any) -> Manifest:
    """Like `trace`, for a `blend` that is already open."""
    copy = scratch / "copy.blend"
    scratch.mkdir(parents=True, exist_ok=True)
    save_copy(str(copy))
    asked = request(blend, copy) | more
    blender = command.blender(bpy.app.binary_path, sys.executable)
    manifest = tracer.trace(asked, blender, should_stop=lambda: False, on_step=print)
    lost = [check for check in manifest.checks if check.id.startswith("package-")]
    assert not (whole and lost), lost
    return manifest


def pack(manifest: Manifest, folder: Path) -> archive.Package:
    return archive.write(manifest, folder, on_bytes=lambda n: None, should_stop=lambda: False)


def unpack(package: archive.Package, folder: Path) -> Path:
    """Unpack a package as the farm does, and return the .blend to open."""
    folder.mkdir(parents=True)
    if package.kind == "blend":
        return Path(shutil.copy(package.path, folder))
    with zipfile.ZipFile(package.path) as file:
        file.extractall(folder)
    (top,) = folder.glob("*.blend")
    return top


def check_paths(top: Path, package: Path | None = None) -> None:
    """Check that every path that Blender lists in `top` is relative, in the package, and exists."""
    package = package or top.parent
    bpy.ops.wm.open_mainfile(filepath=str(top))
    stored = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    absolute = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
    inside = {each.filepath for each in bpy.data.libraries if walk.is_packed(each)}
    for short, path in zip(stored, absolute, strict=True):
        if path.startswith(BRUSHES):
            continue
        assert short.startswith("//"), short
        assert Path(path).resolve().is_relative_to(package), path
        is_pattern = any(token in short for token in ("<UDIM>", "<UVTILE>"))
        assert is_pattern or short in inside or Path(path).exists(), path


def members(manifest: Manifest) -> list[str]:
    return [file.name for file in manifest.files]


def check_travels(
    case: Case,
    tmp_path: Path,
    *,
    visible: bool = True,
    together: Sequence[str] = (),
    frames: Sequence[int] | None = None,
    lists: bool = True,
    then: Callable[[Path], None] | None = None,
) -> Manifest:
    """Pack the project, move it away, and render the same picture from the package alone.

    Removing any packed file other than the top-level .blend must change the picture. With
    `visible=False`, only the files whose names end with one of `together` are removed, all in one
    step. The job renders `frames`, or the scene's current frame.
    With `lists=False`, the paths that Blender lists are not checked: it may list paths that it
    does not read.
    `then` changes the project after the first render.
    """
    root = tmp_path / "home"
    blend = case(root)
    at_home = projects.render(blend, tmp_path / "home.png")
    if then is not None:
        then(root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}

    asked = {} if frames is None else {"frames": list(frames)}
    manifest = trace(blend, tmp_path / "scratch", **asked)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    assert manifest.missing == ()
    package = pack(manifest, tmp_path / "packages")
    assert package.kind == ("blend" if len(manifest.files) == 1 else "zip")
    root.rename(tmp_path / "gone")
    top = unpack(package, tmp_path / "farm" / "some where else")

    assert top.name == blend.name
    if lists:
        check_paths(top)
    assert relocated_blender().render(top, tmp_path / "farm.png") == at_home
    names = members(manifest)[1:]
    for ending in together:
        assert any(name.endswith(ending) for name in names), (ending, names)
    alike = [name for name in names if name.endswith(tuple(together))]
    for needed in [[name] for name in names] if visible else [alike]:
        check_visible(top, needed, at_home, tmp_path)
    return manifest


def check_visible(top: Path, names: list[str], at_home: list[float], tmp_path: Path) -> None:
    """Check that the package renders a different picture without the members `names`.

    It renders in a different folder, because Blender caches fonts by their paths.
    """
    for number, name in enumerate(names):
        (top.parent / name).rename(tmp_path / f"away-{number}")
    moved = top.parent.rename(top.parent.with_name("without"))
    without = projects.render(moved / top.name, tmp_path / "without.png")
    moved.rename(top.parent)
    for number, name in enumerate(names):
        (tmp_path / f"away-{number}").rename(top.parent / name)
    assert not names or without != at_home, names
