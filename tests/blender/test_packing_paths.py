"""The packer resolves a path as Blender does; Blender itself gives the expected value."""

import os
from pathlib import Path

import bpy
import pytest
from renderjuice.packing import layout

from tests import projects
from tests.packages import members, trace

SPELLINGS = [
    "//wood.png",
    "//tex/../wood.png",
    "//./tex//wood.png",
    "///tex/wood.png",
    r"//tex\wood.png",
    r"//..\tex\wood.png",
    "//../../../../../../../../../../tex/wood.png",
    "/tex/./../wood.png",
    "//tex/wood.png/",
    r"Z:\tex\wood.png",
    "c:/tex/wood.png",
    r"C:\tex/../wood.png",
    r"\tex\wood.png",
    r"\\server\share\wood.png",
    "tex/wood.png",
]


@pytest.mark.skipif(os.name == "nt", reason="these are spelled for Linux and macOS")
@pytest.mark.parametrize("stored", SPELLINGS)
def test_a_path_is_made_absolute_as_blender_does(stored: str, tmp_path: Path) -> None:
    projects.new_scene()
    image = bpy.data.images.new("Wood", 8, 8)
    image.source = "FILE"
    image.filepath_raw = stored
    projects.show(projects.plane(projects.image_material(image)))
    projects.save(tmp_path / "project/shot.blend", relative=False)
    (found,) = bpy.utils.blend_paths(absolute=True)
    assert layout.absolute(stored, str(tmp_path / "project")) == os.path.normpath(found)


def test_a_strip_that_climbs_out_of_its_folder_and_its_twin_are_one_file(tmp_path: Path) -> None:
    scene = projects.new_scene()
    wood = projects.picture(tmp_path / "tex/wood.png")
    strips = projects.strips(scene.sequence_editor_create())
    (tmp_path / "clips").mkdir()
    strip = strips.new_image("Wood", str(tmp_path / "clips/wood.png"), channel=1, frame_start=1)
    strip.elements[0].filename = "../tex/wood.png"
    strips.new_image("Same", str(wood), channel=2, frame_start=1)
    blend = projects.save(tmp_path / "project/shot.blend", relative=False)
    manifest = trace(blend, tmp_path / "scratch")
    assert members(manifest)[1:] == ["files/tex/wood.png"]
