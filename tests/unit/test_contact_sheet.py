"""The contact sheet shows every frame, in order, or says which one it cannot read."""

import pytest

from scripts import contact_sheet

Image = pytest.importorskip("PIL.Image", reason="there is no Pillow in this Python")

COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200), (200, 0, 200)]


def frames(folder, count, size=(32, 18)):
    paths = [folder / f"shot_{number:04d}.png" for number in range(1, count + 1)]
    for path, colour in zip(paths, COLOURS * 10, strict=False):
        Image.new("RGB", size, colour).save(path)
    return paths


def centres(page, count, size):
    columns, _ = contact_sheet.grid(count)
    step = (size[0] + contact_sheet.GAP, size[1] + contact_sheet.GAP + contact_sheet.LABEL)
    return [
        page.getpixel(
            (
                contact_sheet.GAP + i % columns * step[0] + size[0] // 2,
                contact_sheet.GAP + i // columns * step[1] + size[1] // 2,
            )
        )
        for i in range(count)
    ]


def test_every_frame_is_there_in_order(tmp_path, capsys):
    out = tmp_path / "new folder" / "sheet.png"

    assert contact_sheet.main([str(out), *map(str, frames(tmp_path, 6))]) == 0

    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as page:
        assert page.format == "PNG"
        assert centres(page, 6, (32, 18)) == COLOURS


def test_every_frame_has_its_number_below_it(tmp_path):
    page = contact_sheet.sheet(frames(tmp_path, 2))
    below = [
        page.crop((x, contact_sheet.GAP + 18, x + 32, page.height)).getcolors(1000)
        for x in (contact_sheet.GAP, 2 * contact_sheet.GAP + 32)
    ]

    assert all(len(colours) > 1 for colours in below), "something is written there"
    assert below[0] != below[1], "and not the same below both"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("shot_0012.png", "12"),
        ("sh010_v2_0001.png", "1"),
        ("a-0005.png", "5"),
        ("still.png", "still"),
    ],
)
def test_the_number_is_the_last_one_in_the_name(tmp_path, name, number):
    assert contact_sheet.number(tmp_path / name) == number


@pytest.mark.parametrize(
    ("count", "expected"), [(1, (1, 1)), (2, (2, 1)), (6, (3, 2)), (7, (3, 3)), (24, (6, 4))]
)
def test_the_grid_has_a_place_for_each(count, expected):
    assert contact_sheet.grid(count) == expected


def test_large_frames_are_made_smaller(tmp_path):
    page = contact_sheet.sheet(frames(tmp_path, 6, size=(1920, 1080)))

    assert contact_sheet.WIDTH - 10 <= page.width <= contact_sheet.WIDTH


def test_frames_of_another_size_keep_their_place(tmp_path):
    paths = frames(tmp_path, 6)
    Image.new("RGB", (100, 100), COLOURS[1]).save(paths[1])

    assert centres(contact_sheet.sheet(paths), 6, (32, 18)) == COLOURS


@pytest.mark.parametrize("damage", ["missing", "text", "cut short", "folder"])
def test_a_frame_that_cannot_be_read_is_named(tmp_path, capsys, damage):
    paths, out = frames(tmp_path, 3), tmp_path / "sheet.png"
    if damage == "cut short":
        Image.effect_noise((64, 64), 80).save(paths[1])
        paths[1].write_bytes(paths[1].read_bytes()[:600])
    elif damage == "text":
        paths[1].write_text("no picture", encoding="utf-8")
    else:
        paths[1].unlink()
    if damage == "folder":
        paths[1].mkdir()

    assert contact_sheet.main([str(out), *map(str, paths)]) == 1

    said = capsys.readouterr().err
    assert f"{paths[1]}: this frame cannot be read: " in said
    assert "Traceback" not in said
    assert not out.exists()


def test_a_sheet_that_cannot_be_written_says_why(tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    status = contact_sheet.main([str(tmp_path / "file/sheet.png"), *map(str, frames(tmp_path, 1))])

    assert status == 1
    assert "file" in capsys.readouterr().err


def test_wrong_usage(tmp_path, capsys):
    assert contact_sheet.main([str(tmp_path / "sheet.png")]) == 2
    assert "OUT.png FRAME" in capsys.readouterr().err
