"""Which frames are missing, by the names of the farm's files: unknown is not good."""

import pytest
from renderjuice.api.output_file import OutputFile
from renderjuice.frames.completeness import frame_number, judge

PLAIN = [["", "", "shot_", ""]]
EYES = [["left", "_L", "shot_", "_L"], ["right", "_R", "shot_", "_R"]]


def output(name, *, path="", view="", node="", kind="frame", url="https://storage.example/x"):
    return OutputFile(
        url=url,
        file_name=name,
        relative_path=path,
        view=view,
        composite_node_name=node,
        kind=kind,
    )


def told(expected, files, names=None):
    found = judge(expected, [output(f) if isinstance(f, str) else f for f in files], names)
    return found.missing, found.complete


@pytest.mark.parametrize(
    ("begin", "end", "form"),
    [
        ("shot_", "", "shot_{:04}.png"),
        ("shot_", "_v2", "shot_{:04}_v2.png"),
        ("shot_", "_4k", "shot_{:04}_4k.exr"),
        ("shot_", ".24fps", "shot_{:04}.24fps.png"),
        ("v001_", "", "v001_{:04}.png"),
        ("sh010", "", "sh010{:04}.png"),
        ("", "", "{:04}.png"),
        ("", "2k", "{:04}2k.png"),
        ("shot_", ".exr", "shot_{:04}.exr"),
        ("a+b(", ")", "a+b({:04}).png"),
        ("x", "", "x{:01}"),
    ],
)
def test_the_names_of_our_own_output_path_tell_the_frames(begin, end, form):
    names = [["", "", begin, end]]
    expected = [-3, 1, 2, 12345]
    listed = [form.format(number) for number in expected]
    assert told(expected, listed, names) == ([], True)
    assert told(expected, listed[1:], names) == ([-3], False)
    assert told(expected, listed[:1] + listed[2:], names) == ([1], False)
    assert told(expected, [*listed, "preview.png", "shot_final.png"], names) == ([], True)
    assert told(expected, [*listed[:3], "preview.png"], names) == ([12345], False)


@pytest.mark.parametrize(
    "form", ["shot_{:04}_v2.png", "shot_{:04}_4k.exr", "shot_{:04}.24fps.png", "v1_{:04}.png"]
)
@pytest.mark.parametrize("names", [None, PLAIN])
def test_forty_of_a_hundred_frames_are_not_all(form, names):
    """Names of another output path, or of a record that does not know its own."""
    missing, complete = told(range(1, 101), [form.format(n) for n in range(1, 41)], names)
    assert (missing, complete) == (list(range(41, 101)), False)


def test_a_view_that_is_absent_is_missing():
    left = ["shot_0001_L.png", "shot_0002_L.png"]
    right = ["shot_0001_R.png", "shot_0002_R.png"]
    assert told([1, 2], [*left, *right], EYES) == ([], True)
    assert told([1, 2], left, EYES) == ([1, 2], False)
    assert told([1, 2], [*left, right[0]], EYES) == ([2], False)


def test_a_farm_may_say_the_view_beside_the_name():
    for left, right in (("left", "right"), ("L", "R"), ("_L", "_R")):
        both = [output("shot_0001.png", view=view) for view in (left, right)]
        assert told([1], both, EYES) == ([], True)
        assert told([1], both[:1], EYES) == ([1], False)
        other = [output("0001.png", view=view) for view in (left, right)]
        assert told([1], other, EYES) == ([], True), "another path's names"
        assert told([1], other[:1], EYES) == ([1], False)


def test_a_frame_must_be_there_in_each_view():
    found = [output("1_L.png", view="L"), output("2_L.png", view="L"), output("1_R.png", view="R")]
    assert told([1, 2], found) == ([2], False)


def test_an_output_without_an_address_is_missing():
    found = ["shot_0001.png", output("shot_0002.png", url="")]
    assert told([1, 2], found, PLAIN) == ([2], False)
    assert told([1, 2], found) == ([2], False)


def test_wrong_numbers_are_not_the_frames():
    assert told([1, 2], ["shot_0003.png", "shot_0004.png"]) == (None, False)
    assert told([1, 2], ["shot_0003.png", "shot_0004.png"], PLAIN) == ([1, 2], False)
    assert told([1, 2], ["a_1.png", "b_1.png"])[1] is False


def test_where_no_name_has_a_number_files_are_counted():
    assert told([1, 2], ["first.png", "second.png"]) == (None, True)
    assert told([1, 2], ["first.png"]) == (None, False)
    assert told([1, 2], ["first.png", "second.png", "third.png"]) == (None, False)


def test_extra_pictures_are_no_frames():
    good = ["shot_0001.png", "preview.png"]
    assert told([1], good) == ([], True)
    assert told([1, 2], good) == ([2], False)
    nodes = [output("0002.png", node="Mist", kind="compositeNode")]
    assert told([1, 2], ["0001.png", *nodes]) == ([2], False)


def test_no_frames_at_all_are_all_missing():
    assert told([1, 2], []) == ([1, 2], False)
    assert told([1, 2], [], EYES) == ([1, 2], False)
    assert told(None, []) == (None, True)


def test_a_number_without_end_is_none():
    assert frame_number("9" * 5000 + ".png") is None
    assert told([1, 2], ["9" * 5000 + ".png"]) == (None, False)
