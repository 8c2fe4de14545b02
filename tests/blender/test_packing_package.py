"""Packages made from real projects render the same picture somewhere else."""

import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import archive, tracer
from renderjuice.packing.manifest import Manifest

from tests import projects

Case = Callable[[Path], Path]


def trace(blend: Path, scratch: Path, **more: Any) -> Manifest:
    """Save a copy of `blend` and trace it in a background Blender."""
    copy = projects.copy(blend, scratch / "copy.blend")
    request = {
        "schema": 1,
        "blend": str(copy),
        "original": str(blend),
        "scene": bpy.context.scene.name,
        "applied": {},
        "frames": [],
        "work": str(scratch / "work"),
        "manifest": str(scratch / "manifest.json"),
    } | more
    command = tracer.command(bpy.app.binary_path, sys.executable)
    return tracer.trace(request, command, should_stop=lambda: False, log=print)


def pack(manifest: Manifest, folder: Path) -> archive.Package:
    return archive.write(manifest, folder, on_bytes=lambda n: None, should_stop=lambda: False)


def unpack(package: archive.Package, folder: Path) -> Path:
    """The .blend to open, as the farm would find it."""
    folder.mkdir(parents=True)
    if package.kind == "blend":
        return Path(shutil.copy(package.path, folder))
    with zipfile.ZipFile(package.path) as file:
        file.extractall(folder)
    (top,) = folder.glob("*.blend")
    return top


def listed_paths(blend: Path) -> list[Path]:
    """Every path that Blender lists in the package, checked to be relative and there."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    stored = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    assert [path for path in stored if not path.startswith("//")] == []
    return [Path(p) for p in bpy.utils.blend_paths(absolute=True, packed=False, local=False)]


# The projects. Each is made below a folder `root`, and returns the .blend to render.


def relative_texture(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "project/tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend")


def absolute_texture_outside(root: Path) -> Path:
    projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "shared/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    return projects.save(root / "project/shot.blend", relative=False)


CASES: list[Case] = [relative_texture, absolute_texture_outside]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_package_renders_equal(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "home"
    blend = case(root)
    at_home = projects.render(blend, tmp_path / "home.png")

    manifest = trace(blend, tmp_path / "scratch")
    assert manifest.missing == ()
    package = pack(manifest, tmp_path / "packages")
    root.rename(tmp_path / "gone")
    top = unpack(package, tmp_path / "farm" / "somewhere else")

    assert top.name == blend.name
    for path in listed_paths(top):
        assert path.is_file() and path.resolve().is_relative_to(top.parent), path
    assert projects.render(top, tmp_path / "farm.png") == at_home
    for member in manifest.files[1:]:
        (top.parent / member.name).unlink()
    assert projects.render(top, tmp_path / "without.png") != at_home
