"""Packs .blend files from outside this project and renders each package without its folder.

$RENDERJUICE_OUTSIDE is the folder; by default it is the folder of files bundled with this Blender.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import bpy
import pytest
from mathutils import Vector

from tests import projects
from tests.packages import members, pack, relocated_blender, trace, unpack

FOLDER = Path(os.environ.get("RENDERJUICE_OUTSIDE") or bpy.utils.resource_path("LOCAL"))
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.blend"))
PROGRAMS = shutil.ignore_patterns("*.py", "*.pyc", "*.so", ".git")


@pytest.mark.parametrize("name", FILES)
def test_outside(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    root = tmp_path / "home"
    shutil.copytree(FOLDER, root, copy_function=_link, symlinks=True, ignore=PROGRAMS)
    blend = root / name
    try:
        make_small(blend)
    except RuntimeError:
        pytest.skip("this Blender does not read it")
    at_home = projects.render(blend, tmp_path / "home.png")
    is_empty = at_home == at_home[:4] * (len(at_home) // 4)
    record_property("asked", "empty" if is_empty else "picture")

    manifest = trace(blend, tmp_path / "scratch")
    record_property("files", len(members(manifest)) - 1)
    record_property("missing", len(manifest.missing))
    package = pack(manifest, tmp_path / "packages")
    root.rename(tmp_path / "gone")
    top = unpack(package, tmp_path / "farm/some where else")
    on_farm = relocated_blender().render(top, tmp_path / "farm.png")
    is_equal = on_farm == at_home
    if not is_equal:
        (tmp_path / "gone").rename(root)
        check_is_steady({blend: at_home, top: on_farm}, tmp_path / "again.png")
    record_property("wrong", "" if is_equal else "other picture")
    assert is_equal


def check_is_steady(pictures: dict[Path, list[float]], png: Path) -> None:
    """Skip the test if that other Blender renders one of the files differently the next time."""
    for _ in range(5):
        for blend, expected in pictures.items():
            if relocated_blender().render(blend, png) != expected:
                pytest.skip("Blender itself renders the same file differently each time")


def make_small(blend: Path) -> None:
    """Save the file with settings for a fast render: Cycles, few pixels, a camera if it has none.

    Raises RuntimeError if Blender cannot read it.
    """
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    scene = bpy.context.scene
    projects.render_quickly(scene)
    if hasattr(scene.render.image_settings, "media_type"):  # since 5.0
        scene.render.image_settings.media_type = "IMAGE"
    if scene.camera is None:
        scene.camera = _camera_above(scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)


def _camera_above(scene: bpy.types.Scene) -> bpy.types.Object:
    """Return a new camera that sees all objects from above."""
    bpy.context.view_layer.update()
    corners = [each.matrix_world @ Vector(c) for each in scene.objects for c in each.bound_box]
    low, high = ([f(c[i] for c in corners or [(0, 0, 0)]) for i in range(3)] for f in (min, max))
    camera = bpy.data.objects.new("Above", bpy.data.cameras.new("Above"))
    camera.location = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2] + 1)
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = max(high[0] - low[0], high[1] - low[1], 1)
    camera.data.clip_end = high[2] - low[2] + 2
    scene.collection.objects.link(camera)
    return camera


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
