"""Which frames are missing, by the names of the farm's files: unclear counts as incomplete."""

from dataclasses import replace

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
    """The names are of a different output path, or the record does not know its output path."""
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


@pytest.mark.parametrize("names", [[["", "", "shot_", "_final"]], None])
def test_a_frame_without_an_address_is_missing_whatever_else_has_its_name(names):
    """Observed: the denoised picture and the thumbnail arrived, the frame never did, and the job
    counted as `finished`."""
    listed = [
        output("shot_1_final.png", url=""),
        output("shot_1_final.png", path="denoised"),
        output("thumb_shot_1_final.png"),
    ]
    missing, complete = told([1], listed, names)
    assert not complete
    assert missing in ([1], None)
    assert told([1], [*listed, output("shot_1_final.png")], names)[1]


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


# ---- File Output nodes ------------------------------------------------------------------------

MIST = ["", "", "depth_", "", "Mist"]
PASSES = [["", "", "pre_beauty", "", "Passes"], ["", "", "alpha", "", "Passes"]]


def of_node(name, node="Mist", view=""):
    return output(name, node=node, view=view, kind="compositeNode")


FRAMES = ["shot_0001.png", "shot_0002.png"]
DEPTHS = [of_node("depth_0001.exr"), of_node("depth_0002.exr")]


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        (DEPTHS, ()),
        ([], ("Mist",)),
        (DEPTHS[:1], ("Mist",)),
        ([of_node("DEPTH_0001.EXR", "mist"), of_node("depth_0002", "MIST")], ()),
        ([of_node("depth_0001.exr", ""), of_node("depth_0002.exr", "")], ()),
        ([of_node("depth_0001.exr"), of_node("depth_0003.exr")], ("Mist",)),
        ([of_node("0001.exr"), of_node("0002.exr")], ()),
        ([of_node("0001.exr"), of_node("0003.exr")], ("Mist",)),
        ([of_node("a.exr"), of_node("b.exr")], ()),
        ([of_node("a.exr")], ("Mist",)),
        ([of_node("a.exr", "0"), of_node("b.exr", "0")], ()),
        ([of_node("a.exr", "0")], ("Mist",)),
        ([output("depth_0001.exr"), output("depth_0002.exr")], ("Mist",)),
    ],
)
def test_a_node_s_output_is_complete_or_named(files, lacking):
    listed = [output(name) for name in FRAMES] + list(files)
    found = judge([1, 2], listed, [*PLAIN, MIST])
    assert (found.missing, found.complete, found.nodes) == ([], not lacking, lacking)


def test_each_input_of_a_node_is_a_file_of_its_own():
    files = [f"{slot}{number:04}.png" for slot in ("pre_beauty", "alpha") for number in (1, 2)]
    listed = [output(name) for name in FRAMES] + [of_node(name, "Passes") for name in files]
    assert judge([1, 2], listed, [*PLAIN, *PASSES]).complete
    for absent in range(len(listed)):
        found = judge([1, 2], listed[:absent] + listed[absent + 1 :], [*PLAIN, *PASSES])
        assert not found.complete
        assert found.nodes == (("Passes",) if absent >= len(FRAMES) else ())


def test_two_nodes_that_write_the_same_names_have_a_file_each():
    other = ["", "", "depth_", "", "Fog"]
    for node in (("Mist", "Fog"), ("", "")):
        both = [of_node(f"depth_{n:04}.exr", one) for one in node for n in (1, 2)]
        listed = [output(name) for name in FRAMES] + both
        assert judge([1, 2], listed, [*PLAIN, MIST, other]).complete, node
        assert not judge([1, 2], listed[:-1], [*PLAIN, MIST, other]).complete, node


def test_each_eye_of_a_node_is_a_file_of_its_own():
    names = [*EYES, ["left", "_L", "d", "_L", "Mist"], ["right", "_R", "d", "_R", "Mist"]]
    eyes = [output(f"shot_0001_{eye}.png") for eye in "LR"]
    depths = [of_node(f"d0001_{eye}.exr") for eye in "LR"]
    assert judge([1], eyes + depths, names).complete
    assert judge([1], eyes + depths[:1], names).nodes == ("Mist",)


def test_a_record_that_knows_no_names_looks_at_the_nodes_that_are_listed():
    frames = [output(name) for name in FRAMES]
    assert judge([1, 2], frames + DEPTHS).complete
    assert judge([1, 2], frames + DEPTHS[:1]).nodes == ("Mist",)


# ---- unknown names ----------------------------------------------------------------------------


def test_names_in_other_letters_are_the_same_names():
    names = [["left", "_left", "take3", "_left"], ["right", "_right", "take3", "_right"]]
    listed = ["TAKE30001_LEFT.JPG", "TAKE30001_RIGHT.JPG"]
    assert told([1], listed, names) == ([], True)
    assert told([1], listed[:1], names) == ([1], False)
    assert told([1], ["cafe\u0301_0001.png"], [["", "", "caf\xe9_", ""]]) == ([], True)


@pytest.mark.parametrize(
    "listed",
    [
        [output("0001.png", view="left"), output("0002.png", view="left")],
        ["shot_0001_L.png", "shot_0002_L.png"],
        ["shot_0001_R.exr", "shot_0002_R.exr"],
    ],
)
def test_one_eye_alone_is_not_all_that_a_record_without_names_expects(listed):
    assert told([1, 2], listed) == (None, False)
    both = [
        output(one.file_name, view="right")
        if isinstance(one, OutputFile)
        else one.replace("_L.", "_l.").replace("_R.", "_L.").replace("_l.", "_R.")
        for one in listed
    ]
    assert told([1, 2], [*listed, *both])[1]


def test_views_whose_names_nobody_knows_are_counted():
    """The views are known, but not their file names, because Blender cannot resolve a template."""
    names = [["left", "_L", "", ""], ["right", "_R", "", ""]]
    both = [f"take9_{n:04}{eye}.png" for eye in ("_L", "_R") for n in (1, 2)]
    assert told([1, 2], both, names) == ([], True)
    assert told([1, 2], both[:2], names) == ([1, 2], False)
    assert told([1, 2], both[:3], names) == ([2], False)
    assert told([1], ["take9_0001_L.png"], names) == ([1], False), "the 9 is no second eye"


@pytest.mark.parametrize("names", [None, PLAIN, EYES])
def test_names_that_tell_nothing_are_counted(names):
    views = 2 if names is EYES else 1
    hashes = [
        "5f9c4ab08cac7457e911", "0cc175b9c0f1b6a831c3", "92eb5ffee6ae2fec3ad7",
        "4a8a08f09d37b7379564",
    ]  # fmt: skip
    listed = [f"{one}.png" for one in hashes[: 2 * views]]
    assert told([1, 2], listed, names) == (None, True)
    assert told([1, 2], listed[:-1], names) == (None, False)
    uuid = "{}1f1a2b3-0c0d-4e4f-8a8b-1234567890ab.png"
    assert told([1, 2], [uuid.format(n) for n in "abcd"[: 2 * views]], names) == (None, True)


def test_a_view_that_the_farm_names_is_not_another_one():
    """The first view has no suffix: its names equal those of the second view without its suffix."""
    names = [["main", "", "shot_", ""], ["witness", "_w", "shot_", "_w"]]
    both = [output("shot_0001.png", view=view) for view in ("main", "witness")]
    assert told([1], both, names) == ([], True)
    assert told([1], both[:1], names) == ([1], False)
    assert told([1], both[1:], names) == ([1], False)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("0001_9998_2024.tif", True),
        ("shot_9998_v2.png", True),
        ("v9998.png", True),
        ("shot_0005.png", False),
        ("v9998_00005.png", False),
        ("shot_v2.png", False),
    ],
)
def test_the_only_frame_has_its_number_in_its_name(name, whole):
    assert told([9998], [name])[1] is whole
    views = [output(name, view=view) for view in ("main", "witness")]
    assert told([9998], views)[1] is whole
    assert told([9998], [*views, "preview.png"], EYES)[1] is whole


# ---- other files with the same names as frames --------------------------------------------------


def within(folder, names=("shot_0001.png", "shot_0002.png"), view=""):
    return [replace(output(name, view=view), relative_path=folder) for name in names]


@pytest.mark.parametrize("names", [PLAIN, None], ids=["names are known", "names are not known"])
@pytest.mark.parametrize(
    "extra",
    [
        within("thumbs"),
        within("renders/a1b2c3"),
        within("renders/shot_0002.png", ["shot_0002.png"]) + within("renders", ["shot_0001.png"]),
        within("", ["shot_0002.log"]),
        within("", ["shot_0002.txt", "shot_0001.txt"]),
        within("", ["shot_0002.sha256"]),
        within("", ["shot_0002.jpg", "shot_0001.jpg"]),
        within("", ["shot_0002.exr"]),
    ],
)
def test_what_has_a_frame_s_name_beside_the_frames_is_none(names, extra):
    first, second = within("")
    for listed in ([first, *extra], [*extra, first]):
        found = judge([1, 2], listed, names, "PNG")
        assert (found.missing, found.complete) == ([2], False)
        assert judge([1, 2], [*listed, second], names, "PNG").complete


def test_previews_that_lie_no_deeper_are_known_by_their_folder():
    (first, second), previews = within("frames"), within("Thumbnails")
    assert not judge([1, 2], [first, *previews], PLAIN).complete
    assert judge([1, 2], [first, second, previews[0]], PLAIN).complete


@pytest.mark.parametrize(
    "listed",
    [
        within("thumbs"),
        within("part 1", ["shot_0001.png"]) + within("part 2/again", ["shot_0002.png"]),
        within("", ["shot_0001.jpg", "shot_0002.jpg"]),
        within("", ["shot_0001", "shot_0002"]),
        within("", ["shot_0001.new", "shot_0002.new"]),
        within("a/shot_0001.png", ["shot_0001.png"]) + within("a/shot_0002.png", ["shot_0002.png"]),
    ],
)
def test_frames_may_lie_anywhere_and_have_any_suffix(listed):
    assert judge([1, 2], listed, PLAIN, "PNG").complete


@pytest.mark.parametrize(("begin", "end"), [("shot_", ""), ("shot_", ".exr")])
def test_without_file_extensions_a_preview_of_the_right_format_takes_no_frame_away(begin, end):
    frames = [f"{begin}{number:04}{end}" for number in (1, 2)]
    names = [["", "", begin, end]]
    assert told([1, 2], [*frames, "preview.png"], names) == ([], True)
    found = judge([1, 2], within("", [*frames, "preview.png"]), names, "PNG")
    assert found.complete


def test_texts_alone_are_no_frames():
    listed = within("", ["shot_0001.log", "shot_0002.log"])
    found = judge([1, 2], listed, PLAIN, "PNG")
    assert (found.missing, found.complete) == ([1, 2], False)


def test_views_may_lie_in_folders_of_any_depth():
    listed = within("", view="left") + within("deep/right", view="right")
    names = [["left", "_L", "shot_", "_L"], ["right", "_R", "shot_", "_R"]]
    assert judge([1, 2], listed, names, "PNG").complete
