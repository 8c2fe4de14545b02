"""Test frames are a few frames of the job, entered in the same syntax as frame ranges."""

import pytest
from renderjuice.frames.ranges import FrameError, as_text, parse
from renderjuice.scene import config
from renderjuice.scene.test_frames import requested, select_frames

from tests.unit.test_scene_config import CYCLES

YEAR = range(1, 241)


@pytest.mark.parametrize(
    ("text", "whole", "chosen"),
    [
        ("", YEAR, [1, 120, 240]),
        ("", range(1, 251), [1, 125, 250]),
        ("", [3, 7, 8, 100], [3, 7, 100]),
        ("x100", YEAR, [1, 101, 201]),
        (" x 500 ", YEAR, [1]),
        ("x2", [1, 4, 7, 10], [1, 7]),
        ("17, 5-6", YEAR, [5, 6, 17]),
        ("1-240x100", YEAR, [1, 101, 201]),
        ("-2", range(-5, 6), [-2]),
    ],
)
def test_which_frames(text, whole, chosen):
    assert select_frames(text, list(whole)) == chosen


@pytest.mark.parametrize(
    ("text", "whole", "words"),
    [
        ("", [1, 2, 3], "The job has 3 frames and all of them"),
        ("", [7], "The job has 1 frame and"),
        ("x1", YEAR, "all of them would be test frames"),
        ("1-240", YEAR, "submit the job itself"),
        ("240, 241", YEAR, "Frame 241 is none of the job's frames, 1-240"),
        ("2", [1, 3, 5], "Frame 2 is none of the job's frames, 1-5x2"),
        ("x", YEAR, "For every 20th frame write x20"),
        ("x0", YEAR, "names no test frames"),
        ("x2.5", YEAR, "names no test frames"),
        ("every", YEAR, "“e” at character 1"),
    ],
)
def test_what_is_no_test_says_why(text, whole, words):
    with pytest.raises(FrameError, match=words):
        select_frames(text, list(whole))


def test_the_config_asks_for_the_test_frames_and_nothing_else_changes():
    overrides = {"sampleCount": 7, "frameRanges": ["1-9x2"]}
    whole = config.requested(CYCLES, overrides)
    test = requested(whole, CYCLES, overrides, "x2")
    assert test.frames_problem is None
    assert test.frames == [1, 5, 9]
    assert test.config == {**whole.config, "frameRanges": ["1", "5", "9"]}


def test_a_job_without_frames_has_no_test_frames():
    whole = config.requested(CYCLES, {}, frames_text="1-x")
    assert requested(whole, CYCLES, {}, "").frames_problem == whole.frames_problem
    whole = config.requested(CYCLES, {})
    id_, message = requested(whole, CYCLES, {}, "0-99999").frames_problem
    assert id_ == "bad-test-frames"
    assert "none of the job's frames" in message


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([1], "1"),
        ([1, 2], "1-2"),
        ([1, 9], "1, 9"),
        (range(1, 10, 2), "1-9x2"),
        ([1, 2, 3, 9, 10], "1-3, 9-10"),
        (range(-6, 7, 3), "-6-6x3"),
        (range(-6, -2), "-6--3"),
    ],
)
def test_frames_are_written_as_they_are_read(frames, text):
    assert as_text(list(frames)) == text
    assert parse(text) == list(frames)
