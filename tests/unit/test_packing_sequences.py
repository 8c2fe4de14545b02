"""Finding the tiles and frames of image sequences on disk."""

from pathlib import Path

import pytest
from renderjuice.packing import sequences


@pytest.mark.posix("these are spelled for Linux and macOS")
def test_tiles_by_number_and_by_letters() -> None:
    assert sequences.tiles("/t/a.<UDIM>.png", [1001, 1013]) == ["/t/a.1001.png", "/t/a.1013.png"]
    assert sequences.tiles("/t/a_<UVTILE>.png", [1001, 1010, 1013]) == [
        "/t/a_u1_v1.png",
        "/t/a_u10_v1.png",
        "/t/a_u3_v2.png",
    ]
    assert sequences.tiles("/t/a.png", [1001, 1002]) == ["/t/a.png"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("a_005.png", ["a_001.png", "a_005.png", "a_999.png", "a_1000.png"]),
        ("b7.v2.exr", ["b7.v2.exr", "b7.v3.exr"]),
        ("10.png", ["10.png", "11.png"]),
        ("none.png", ["none.png"]),
        ("gone_1.png", []),
        ("gone.png", []),
    ],
)
def test_frames_of_a_sequence(given: str, found: list[str], tmp_path: Path) -> None:
    for name in [
        *("a_001.png", "a_005.png", "a_999.png", "a_1000.png", "a_01.png", "a_0001.png"),
        *("a_001.jpg", "xa_001.png", "a_001.png.bak", "a_001_b.png", "none.png"),
        *("b7.v2.exr", "b7.v3.exr", "b8.v2.exr", "10.png", "11.png"),
    ]:
        (tmp_path / name).touch()
    (tmp_path / "a_002.png").mkdir()
    expected = sorted(str(tmp_path / name) for name in found)
    assert sequences.frames(str(tmp_path / given)) == expected


def test_files_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/1").touch()
    (tmp_path / "a/2").touch()
    assert sequences.files_below(str(tmp_path / "a")) == (
        [str(tmp_path / "a/2"), str(tmp_path / "a/b/1")],
        [],
    )
    assert sequences.files_below(str(tmp_path / "none")) == ([], [])


@pytest.mark.posix("these are spelled for Linux and macOS")
@pytest.mark.parametrize(
    ("path", "pattern"),
    [("/a1/f_0012.png", "/a1/f_####.png"), ("/b7.v2.exr", "/b7.v#.exr"), ("/a/b.png", "/a/b.png")],
)
def test_pattern_of_a_sequence(path: str, pattern: str) -> None:
    assert sequences.pattern(path) == pattern
