"""Which frames are missing, by the names of the farm's files."""

from renderjuice.frames.completeness import missing

from tests.outputs import output


def test_missing_frames_are_named():
    found = [output("shot_0001.png"), output("shot_0003.png")]
    assert missing([1, 2, 3], found) == [2]


def test_a_frame_must_be_there_in_each_view():
    found = [output("1_L.png", view="L"), output("2_L.png", view="L"), output("1_R.png", view="R")]
    assert missing([1, 2], found) == [2]
    assert missing([1, 2], found[::-1]) == [2]


def test_names_without_frame_numbers_say_nothing():
    assert missing([1, 2], [output("first.png"), output("second.png")]) is None
    assert missing([1, 2], [output("a_1.png"), output("b_1.png")]) is None
    assert missing(None, [output("0001.png")]) is None


def test_no_frames_at_all_are_all_missing():
    assert missing([1, 2], []) == [1, 2]
