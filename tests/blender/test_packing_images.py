"""Images of all kinds are packed, and the package renders the same picture in another folder."""

from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue import images
from tests.packages import Case, check_travels, members, trace

CASES: list[Case] = [
    *(
        images.relative,
        images.absolute_outside_the_project,
        images.spaces_and_letters,
        images.udim_numbers,
        images.movie,
        images.compositor_only,
        images.geometry_nodes_only,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_image_travels(case: Case, tmp_path: Path) -> None:
    check_travels(case, tmp_path)


def test_sequence_travels_as_far_as_the_frames_read_it(tmp_path: Path) -> None:
    case = images.sequence_with_offset_and_gaps
    manifest = check_travels(case, tmp_path, visible=False, frames=[2, 5])
    found = [name for name in members(manifest) if "smoke" in name]
    assert found == [f"files/smoke_{n:03}.png" for n in (5, 9, 12)]


def test_packed_image_makes_a_single_blend(tmp_path: Path) -> None:
    manifest = check_travels(images.already_packed, tmp_path)
    assert members(manifest) == ["shot.blend"]


def test_image_of_a_brush_only_stays(tmp_path: Path) -> None:
    images.textured(tmp_path / "tex/wood.png")
    brush = bpy.data.brushes.new("Chalk", mode="TEXTURE_PAINT")
    brush.use_fake_user = True
    brush.texture = bpy.data.textures.new("Chalk", "IMAGE")
    brush.texture.image = bpy.data.images.load(str(projects.picture(tmp_path / "tex/chalk.png")))
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/wood.png"]


def test_image_that_is_only_painted_on_stays(tmp_path: Path) -> None:
    images.textured(tmp_path / "tex/wood.png")
    canvas = bpy.data.images.load(str(projects.picture(tmp_path / "tex/canvas.png")))
    bpy.context.scene.tool_settings.image_paint.canvas = canvas
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/wood.png"]


def test_missing_images_are_named_with_their_data_block(tmp_path: Path) -> None:
    image = images.textured(tmp_path / "tex/wood.png")
    image.name = "Old wood"
    blend = projects.save(tmp_path / "shot.blend")
    (tmp_path / "tex/wood.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/wood.png")
    assert missing.datablock == "Old wood"
    assert missing.used_by == 'Image "Old wood"'


def test_missing_tile_is_named(tmp_path: Path) -> None:
    blend = images.udim_numbers(tmp_path)
    (tmp_path / "tex/wood.1011.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/wood.1011.png")


def test_missing_sequence_is_named(tmp_path: Path) -> None:
    blend = images.sequence_with_offset_and_gaps(tmp_path)
    for path in (tmp_path / "tex").glob("smoke_0*"):
        path.unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "tex/smoke_005.png")


def test_texture_of_a_grease_pencil_material_travels(tmp_path: Path) -> None:
    blend = images.grease_pencil_material(tmp_path)
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/paper.png"]


def test_gap_of_a_sequence_is_missing_in_the_frames_that_show_it(tmp_path: Path) -> None:
    blend = images.sequence_with_offset_and_gaps(tmp_path)  # files 5, 6, 9, 12; offset 7
    assert trace(blend, tmp_path / "a", frames=[2, 5]).missing == ()
    (missing,) = trace(blend, tmp_path / "b", frames=[2, 3, 5]).missing
    assert missing.path == str(tmp_path / "tex/smoke_010.png")
