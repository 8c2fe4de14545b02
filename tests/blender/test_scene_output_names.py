"""The names that the output path gives to frames are the ones that Blender itself makes."""

from itertools import chain

import pytest
from renderjuice.api.output_file import OutputFile
from renderjuice.frames.completeness import judge
from renderjuice.scene import output_names

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def named(path, view=""):
    name = path.replace("\\", "/").rpartition("/")[2]
    return OutputFile("https://storage.example/x", name, "", view, "", "frame")


def made(scene, frames, view=""):
    more = {"view": view} if view else {}
    return [named(scene.render.frame_path(frame=frame, **more)) for frame in frames]


FRAMES = [-7, 0, 1, 12, 999, 12345, 1048574]


@pytest.mark.parametrize("extensions", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "//render/shot_####_v2",
        "/tmp/shot_####_4k",
        "/tmp/shot_####.24fps",
        "/tmp/v001_sh010####",
        "/tmp/shot",
        "/tmp/",
        "/tmp/a#b####",
        "/tmp/####.png",
        "/tmp/shot_###.exr",
        "/tmp/10#01",
        "/tmp/shot.v2",
    ],
)
def test_blender_s_own_paths_are_known(scene, path, extensions):
    render = scene.render
    render.filepath, render.use_file_extension = path, extensions
    names = output_names.read(scene)
    for kind in ("PNG", "OPEN_EXR"):  # the second one is an override of the first
        render.image_settings.file_format = kind
        found = judge(FRAMES, made(scene, FRAMES), names)
        assert (found.missing, found.complete) == ([], True), names
        assert judge(FRAMES, made(scene, FRAMES[1:]), names).missing == [-7]


@pytest.mark.parametrize("mode", ["STEREO_3D", "MULTIVIEW"])
def test_each_view_with_a_file_of_its_own_is_known(scene, mode):
    render = scene.render
    render.filepath, render.use_multiview, render.views_format = "/tmp/shot_####_v2", True, mode
    if mode == "MULTIVIEW":
        render.views.new("centre").file_suffix = "_mid"
    views = [view.name for view in render.views if mode == "MULTIVIEW" or view.name != "centre"]
    names = output_names.read(scene)
    assert [name[0] for name in names] == views
    each = [made(scene, [1, 2], view) for view in views]
    assert judge([1, 2], list(chain(*each)), names).complete
    for absent in range(len(views)):
        others = list(chain(*each[:absent], *each[absent + 1 :]))
        assert judge([1, 2], others, names).missing == [1, 2]


def test_eyes_in_one_file_are_one_view(scene):
    render = scene.render
    render.filepath, render.use_multiview = "/tmp/shot_####", True
    render.image_settings.views_format = "STEREO_3D"
    assert [name[0] for name in output_names.read(scene)] == [""]
