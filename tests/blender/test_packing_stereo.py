"""The files of both eyes are packed; some Blenders crash if a strip lacks one of them."""

from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue import stereo
from tests.packages import Case, check_travels, members, trace

TEXTURES: list[Case] = [stereo.texture_for_two_eyes, stereo.texture_with_other_suffixes]
SECOND_EYE = bpy.app.version < (4, 5)
"""From 4.5 the compositor uses an image's first view for all views, as Cycles always does."""
STRIPS: list[Case] = [stereo.image_strip_for_two_eyes, stereo.movie_strip_for_two_eyes]


@pytest.mark.parametrize("case", TEXTURES, ids=lambda case: case.__name__)
def test_texture_travels_with_both_eyes(case: Case, tmp_path: Path) -> None:
    assert len(check_travels(case, tmp_path, visible=SECOND_EYE).files) == 3


@pytest.mark.parametrize("case", STRIPS, ids=lambda case: case.__name__)
def test_strip_travels_with_both_eyes(case: Case, tmp_path: Path) -> None:
    assert len(check_travels(case, tmp_path, visible=False).files) == 3


@pytest.mark.parametrize("case", TEXTURES + STRIPS, ids=lambda case: case.__name__)
def test_missing_eye_is_named(case: Case, tmp_path: Path) -> None:
    blend = case(tmp_path)
    right = next(path for path in tmp_path.rglob("*") if path.stem.endswith(("_R", ".rechts")))
    right.unlink()
    assert [each.path for each in trace(blend, tmp_path / "scratch").missing] == [str(right)]


def test_a_file_without_an_eyes_suffix_is_one_for_both(tmp_path: Path) -> None:
    stereo.stereo_scene()
    image = bpy.data.images.load(str(projects.picture(tmp_path / "tex/wood.png")))
    image.use_multiview, image.views_format = True, "INDIVIDUAL"
    projects.show(projects.plane(projects.image_material(image)))
    blend = projects.save(tmp_path / "project/shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    assert (members(manifest)[1:], manifest.missing) == (["files/wood.png"], ())


def test_library_with_a_texture_for_two_eyes_travels(tmp_path: Path) -> None:
    assert len(check_travels(stereo.texture_of_a_library, tmp_path, visible=SECOND_EYE).files) == 4


def test_sequence_for_two_eyes_travels(tmp_path: Path) -> None:
    ends = ("2_L.png", "2_R.png")
    check_travels(stereo.sequence_for_two_eyes, tmp_path, visible=False, together=ends)
