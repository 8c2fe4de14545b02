"""Names and numbers of the farm's files: the names are the server's, so hostile."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from renderjuice.api.output_file import OutputFile
from renderjuice.frames import files


def output(name, *, path="", view="", node="", kind="frame"):
    return OutputFile(
        url="https://storage.example/x",
        file_name=name,
        relative_path=path,
        view=view,
        composite_node_name=node,
        kind=kind,
    )


@given(st.text(), st.text(), st.text())
def test_no_name_leaves_the_folder(name, path, view):
    place = files.place(output(name, path=path, view=view))
    root = Path("/home/anna/frames")
    inside = Path(f"{root}/{place}")
    assert ".." not in inside.parts
    assert inside.is_relative_to(root)
    assert inside != root


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("..", "_"),
        ("con.png", "_con.png"),
        ("a\x00b\n.png", "a_b_.png"),
        ("frame. ", "frame"),
        ("C:\\x.png", "C__x.png"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_hostile_names_become_harmless(name, safe):
    assert files.safe_name(name) == safe


def test_a_long_name_of_many_bytes_still_fits_with_what_is_added():
    name = files.safe_name("\N{PILE OF POO}" * 100 + ".png")
    assert name.endswith(".png")
    assert len(f"{name}.part.etag".encode()) <= 255


def test_two_files_of_one_name_both_come_home():
    names = files.places([output("a.png"), output("A.png"), output("a.png"), output("a (2).png")])
    assert len({name.casefold() for name in names}) == 4


def test_views_and_folders_are_kept():
    assert files.place(output("0001.png", path="beauty/", view="left")) == "beauty/left/0001.png"
    assert files.place(output("0001_L.png", view="_L")) == "0001_L.png"


def test_a_node_s_files_get_its_folder_where_the_farm_names_none():
    mist = output("0001.png", node="Mist", kind="compositeNode")
    deep = output("0001.png", node="Mist", path="deep/", kind="compositeNode")
    named = output("0001.png", node="Mist", path="out/Mist", kind="compositeNode")
    places = ["0001.png", "Mist/0001.png", "Mist/deep/0001.png", "out/Mist/0001.png"]
    assert files.places([output("0001.png"), mist, deep, named]) == places


def test_missing_frames_are_named():
    found = [output("shot_0001.png"), output("shot_0003.png")]
    assert files.missing([1, 2, 3], found) == [2]


def test_a_frame_must_be_there_in_each_view():
    found = [output("1_L.png", view="L"), output("2_L.png", view="L"), output("1_R.png", view="R")]
    assert files.missing([1, 2], found) == [2]


def test_names_without_frame_numbers_say_nothing():
    assert files.missing([1, 2], [output("first.png"), output("second.png")]) is None
    assert files.missing([1, 2], [output("a_1.png"), output("b_1.png")]) is None
    assert files.missing(None, [output("0001.png")]) is None


def test_no_frames_at_all_are_all_missing():
    assert files.missing([1, 2], []) == [1, 2]


def png(path):
    Image.frombytes("RGB", (8, 8), os.urandom(192)).save(path)
    return path.read_bytes()


def seen(data, size, *, gap=0):
    """The checksums of a file that comes in blocks of that size, from its byte `gap` on."""
    sums = files.PngSums()
    for at in range(gap, len(data), size):
        sums.take(at, data[at : at + size])
    return sums


def test_a_png_with_any_bit_flipped_is_broken(tmp_path):
    path = tmp_path / "frame.png"
    data = png(path)
    assert files.broken(path, ".png") is None
    for position in range(len(data)):
        flipped = data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :]
        path.write_bytes(flipped)
        assert files.broken(path, ".png", seen(flipped, 50)), position


@pytest.mark.parametrize("size", [1, 3, 12, 64, 1000])
def test_the_checksums_of_a_png_are_taken_while_it_comes_in(tmp_path, size):
    path = tmp_path / "frame.png"
    data = png(path)
    whole = seen(data, size)
    assert whole.agree
    path.write_bytes(b"no picture")
    assert files.broken(path, ".png", whole) is None, "it is read again"
    assert not seen(data[:-1], size).agree
    for behind in range(70):
        path.write_bytes(data + bytes(behind))
        read_again = files.broken(path, ".png")
        assert seen(path.read_bytes(), size).agree == (read_again is None), behind


def test_a_png_whose_beginning_came_before_is_read_from_the_disk(tmp_path):
    path = tmp_path / "frame.png"
    rest = seen(png(path), 50, gap=50)
    assert not rest.agree
    assert files.broken(path, ".png", rest) is None
    path.write_bytes(bytes(50) + path.read_bytes()[50:])
    assert files.broken(path, ".png", rest)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".png", b"\x89PNG\r\n\x1a\n" + b"x" * 100),
        (".jpg", b"\xff\xd8" + b"x" * 100),
        (".exr", b"x"),
    ],
)
def test_a_file_without_its_beginning_or_end_is_broken(tmp_path, suffix, data):
    path = tmp_path / "frame.part"
    path.write_bytes(data)
    assert files.broken(path, suffix)
