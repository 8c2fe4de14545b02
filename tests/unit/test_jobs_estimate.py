"""Estimates for a whole job from its test frames: the projection, its basis, and its spread."""

import json
import math

import pytest
from renderjuice.frames import selection
from renderjuice.jobs import codec, estimate, snapshot
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage

PAIRS = [[1, 1], [120, 120], [240, 240]]


def a_test(**more):
    record = rec.new("shot test frames", "home", "/frames", stage=Stage.FINISHED)
    record.frames, record.test_of, record.missing = PAIRS, [[1, 240]], []
    record.farm = rec.Farm("id", "completed", normalized_seconds=9.0)
    record.files = {"0001.png": 10, "0120.png": 10, "0240.png": 10}
    record.frame_files = {"1": "0001.png", "120": "0120.png", "240": "0240.png"}
    for name, value in more.items():
        setattr(record, name, value)
    return record


def figures(found):
    return found.total, found.low, found.high


def test_one_figure_for_all_gives_a_total_and_no_spread():
    found = estimate.of(a_test())
    assert figures(found) == (720.0, None, None)
    document = found.document()
    assert (document["normalizedSeconds"], document["low"]) == (720.0, None)
    assert document["frames"] == {"count": 240, "text": "1-240"}
    assert document["basedOn"] == {
        "frames": [
            {"frame": 1, "file": "0001.png", "renderSeconds": None},
            {"frame": 120, "file": "0120.png", "renderSeconds": None},
            {"frame": 240, "file": "0240.png", "renderSeconds": None},
        ],
        "normalizedSeconds": 9.0,
    }
    assert document["message"] == "All 240 frames: about 12 min of GPU time."
    assert document["basis"] == (
        "Based on frames 1, 120 and 240, which took 9 s together. The farm gives one figure for "
        "all of them, so the spread is not known."
    )


def test_the_pictures_render_times_give_the_spread():
    """The frames took 1, 2 and 3 s on the render machines; the farm counts 9 s for all of them."""
    found = estimate.of(a_test(frame_seconds={"1": 1.0, "120": 2.0, "240": 3.0}))
    assert figures(found) == (720.0, 360.0, 1080.0)
    assert "6 min to 18 min if all were like the quickest or the slowest" in found.message
    assert found.tests[2].render_seconds == 3.0


@pytest.mark.parametrize("strange", [math.nan, math.inf, -1.0, 10**400])
def test_a_strange_time_in_a_record_is_no_spread(strange):
    found = estimate.of(a_test(frame_seconds={"1": 1.0, "120": strange, "240": 3.0}))
    assert figures(found) == (720.0, None, None)
    json.dumps(found.document(), allow_nan=False)


def test_a_spread_of_some_frames_only_is_none():
    found = estimate.of(a_test(frame_seconds={"1": 1.0, "240": 3.0}))
    assert figures(found) == (720.0, None, None)


def test_missing_frames_are_left_out_and_named():
    found = estimate.of(
        a_test(missing=[240], frame_seconds={"1": 1.0, "120": 2.0}, stage=Stage.INCOMPLETE)
    )
    assert figures(found) == (1080.0, 720.0, 1440.0)
    assert "Based on frames 1 and 120" in found.basis
    assert found.basis.endswith("Not in it, because missing: frame 240.")


def test_frames_of_the_same_time_hardly_differ():
    found = estimate.of(a_test(frame_seconds=dict.fromkeys(("1", "120", "240"), 2.5)))
    assert figures(found) == (720.0, 720.0, 720.0)
    assert "the test frames hardly differ" in found.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"farm": rec.Farm("id", "rendering"), "stage": Stage.RENDERING},
            "comes when the farm has",
        ),
        ({"farm": rec.Farm(), "stage": Stage.PACKING}, "comes when the farm has"),
        ({"farm": rec.Farm("id", "failed"), "stage": Stage.FAILED}, "were not rendered"),
        (
            {"farm": rec.Farm("id", "canceled", normalized_seconds=4.0), "stage": Stage.CANCELED},
            "not",
        ),
        ({"farm": rec.Farm("id", "completed")}, "has given no figure"),
        ({"farm": rec.Farm("id", "completed", normalized_seconds=0)}, "has given no figure"),
        ({"farm": rec.Farm("id", "completed", normalized_seconds=-3)}, "has given no figure"),
        ({"farm": rec.Farm("id", "completed", normalized_seconds=math.nan)}, "given no figure"),
        ({"farm": rec.Farm("id", "completed", normalized_seconds=math.inf)}, "given no figure"),
        ({"farm": rec.Farm("id", "completed", normalized_seconds=10**400)}, "given no figure"),
        ({"missing": [1, 120, 240], "stage": Stage.INCOMPLETE}, "All test frames are missing"),
    ],
)
def test_without_a_figure_there_is_no_estimate_and_the_reason(changes, words):
    found = estimate.of(a_test(**changes))
    assert figures(found) == (None, None, None)
    assert words in found.message
    json.dumps(found.document(), allow_nan=False)


def test_a_figure_that_is_owed_is_asked_for_again():
    assert estimate.pending(a_test(farm=rec.Farm("id", "completed")))
    assert not estimate.pending(a_test())
    assert not estimate.pending(a_test(farm=rec.Farm("id", "failed")))
    assert not estimate.pending(a_test(farm=rec.Farm("id", "completed"), test_of=None))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"files": {}}, "when they are here: download them"),
        (
            {"frames": [[7, 7]], "frame_seconds": {"7": 2.0}},
            "One frame says nothing about the spread",
        ),
        ({"frames": [[1, 30]]}, "Based on 30 frames from 1 to 30"),
    ],
)
def test_what_it_is_based_on_is_said(changes, words):
    assert words in estimate.of(a_test(**changes)).basis


def test_only_jobs_of_test_frames_have_one():
    assert estimate.of(a_test(test_of=None)) is None
    assert "estimate" not in snapshot.as_document(a_test(test_of=None))
    assert snapshot.as_document(a_test())["estimate"]["normalizedSeconds"] == 720.0
    assert snapshot.snapshot(a_test(test_of=None)).estimate is None


def test_a_snapshot_stays_small_however_many_frames_there_are():
    files = {str(n): f"{n}.png" for n in range(1, 9999)}
    many = a_test(frames=[[1, 9998]], test_of=[[n, n + 1] for n in range(1, 90000, 3)])
    many.frame_files, many.files = files, dict.fromkeys(files.values(), 1)
    found = snapshot.snapshot(many).estimate
    timed = [test.frame for test in found.tests]
    assert timed == selection.select(range(1, 9999), newest=False), "not those that are shown"
    assert len(json.dumps(codec.plain(found))) < 2000
    assert (found.count, found.frames_text) == (60000, "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0 s"),
        (1.25, "1.2 s"),
        (9.96, "10 s"),
        (99.4, "99 s"),
        (99.6, "1.7 min"),
        (720, "12 min"),
        (5970, "1.7 h"),
        (36000, "10 h"),
        (1234567, "340 h"),
        (12345678, "3,400 h"),
    ],
)
def test_a_duration_has_two_figures(seconds, words):
    assert estimate.duration(seconds) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (94, 126, "1.6 min to 2.1 min"),
        (94, 98, "94 s to 98 s"),
        (20, 126, "20 s to 2.1 min"),
        (5400, 9000, "1.5 h to 2.5 h"),
        (1800, 9000, "30 min to 2.5 h"),
    ],
)
def test_the_two_ends_of_a_spread_have_one_unit_where_it_fits(low, high, words):
    assert f"{estimate.duration(low, beside=high)} to {estimate.duration(high)}" == words


@pytest.mark.parametrize(
    ("seconds", "measured", "estimated"),
    [(2, "< 0.1", "< 0.1"), (45, "0.8", "0.8"), (5640, "94", "94"), (74040, "1,234", "1,200")],
)
def test_gpu_minutes(seconds, measured, estimated):
    assert estimate.gpu_minutes(seconds) == measured
    assert estimate.gpu_minutes(seconds, estimated=True) == estimated
