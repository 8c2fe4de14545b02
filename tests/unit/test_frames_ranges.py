from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.frames import ranges as frames

numbers = st.integers(-frames.FRAME_MAX, frames.FRAME_MAX)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", [7]),
        ("1-3", [1, 2, 3]),
        ("1-3, 5", [1, 2, 3, 5]),
        ("1-3,5", [1, 2, 3, 5]),
        ("130-150x5", [130, 135, 140, 145, 150]),
        ("130-152x5", [130, 135, 140, 145, 150]),
        ("3-1", [1, 2, 3]),
        ("10-1x4", [2, 6, 10]),
        ("1-4, 3-6", [1, 2, 3, 4, 5, 6]),
        ("5, 5, 5", [5]),
        ("0", [0]),
        ("-5", [-5]),
        ("-2-1", [-2, -1, 0, 1]),
        ("-4--2", [-4, -3, -2]),
        ("1--1", [-1, 0, 1]),
        ("-10--5x2", [-10, -8, -6]),
        ("\t 1 - 3 x 2 ,\n 8 ", [1, 3, 8]),
        ("007", [7]),
        ("1048574", [1048574]),
    ],
)
def test_reads_what_an_artist_writes(text, expected):
    assert frames.parse(text) == expected


def test_the_example_of_the_manual():
    expected = [*range(1, 101), 120, *range(130, 201, 5)]
    assert frames.parse("1-100, 120, 130-200x5") == expected
    assert frames.compact(expected) == ["1-100", "120", *map(str, range(130, 201, 5))]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 0),
        ("a", 0),
        ("1-10; 20", 4),
        ("1 2", 2),
        ("1,", 2),
        (",1", 0),
        ("1,,2", 2),
        ("1-", 2),
        ("--5", 1),
        ("- 5 -", 5),
        ("1-5x", 4),
        ("1-5x0", 4),
        ("1-5x-2", 4),
        ("5x2", 1),
        ("1.5", 1),
        ("1-5x2x3", 5),
        ("1-2-3", 3),
        ("1\u20135", 1),
        ("\u0661", 0),  # an Arabic digit: int() would read it
        ("1-2, 9999999", 5),
        ("9" * 10_000, 0),
        ("1-1000001", 0),
        ("1-600000, 1-600000", 10),
    ],
)
def test_says_where_a_text_is_wrong(text, position):
    with pytest.raises(frames.FrameError) as caught:
        frames.parse(text)
    assert caught.value.position == position
    assert str(caught.value)


def test_a_million_frames_are_allowed():
    assert len(frames.parse("1-1000000")) == frames.LIMIT


@given(st.text(alphabet="0123456789-x, ax.", max_size=30))
def test_any_text_gives_frames_or_a_position_in_it(text):
    try:
        found = frames.parse(text)
    except frames.FrameError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert found == sorted(set(found)) != []


@given(st.sets(numbers, min_size=1, max_size=60))
def test_compact_is_read_back_as_it_was(wanted):
    assert frames.parse(", ".join(frames.compact(wanted))) == sorted(wanted)


@given(st.sets(st.integers(-30, 30)))
def test_compact_has_no_two_ranges_that_touch(wanted):
    ranges = [frames.parse(text) for text in frames.compact(wanted)]
    assert [frame for each in ranges for frame in each] == sorted(wanted)
    assert all(a[-1] + 1 < b[0] for a, b in pairwise(ranges))


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 9))
def test_a_range_is_what_counting_gives(first, last, step):
    sign = 1 if first <= last else -1
    expected = sorted(range(first, last + sign, sign * step))
    assert frames.parse(f"{first}-{last}x{step}") == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([5], (5, 5, 1)),
        ([1, 2, 3], (1, 3, 1)),
        ([1, 4, 7], (1, 7, 3)),
        ([1, 2, 9], (1, 9, 1)),
        ([1, 9], (1, 9, 8)),
    ],
)
def test_start_end_and_step(wanted, expected):
    assert frames.progression(wanted) == expected


def test_pairs_and_numbers_are_each_other_s_opposite():
    wanted = [-3, -2, 0, 1, 2, 7]
    assert frames.pairs(wanted) == [[-3, -2], [0, 2], [7, 7]]
    assert frames.numbers(frames.pairs(wanted)) == wanted
