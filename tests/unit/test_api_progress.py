"""Progress counters of a running job, under various names and in various structures.

Ambiguous counters count as no progress: no value is better than a wrong one.
"""

import pytest
from renderjuice.api.progress import all_progress, progress

COMPLETED = {"status": "completed", "count": 12}
PENDING = {"status": "pending", "count": 30}


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"data": {}}, {"progress": []}, ""])
def test_no_progress_when_nothing_runs(said):
    assert progress(said, "a") is None


def told(said, job_id="a"):
    read = progress(said, job_id)
    return read and (read.done, read.total, read.fraction)


@pytest.mark.parametrize(
    "said",
    [
        {"completed": 3, "total": 12},
        {"framesCompleted": 3, "totalFrames": 12},
        {"rendered_frames": 3, "frame_count": 12},
        {"numFramesDone": 3, "numFrames": 12},
        {"current": 3, "total": 12},
        {"completed": 3, "total": 12, "remainingSeconds": 80, "percent": 25, "failed": 1},
        {"frames": {"done": 3, "total": 12}, "tiles": {"done": 9, "total": 9}},
        {"tiles": {"done": 9, "total": 9}, "frames": {"done": 3, "total": 12}},
        {"tiles": {"done": 9, "total": 9}, "done": 3, "total": 12},
        {"status": "rendering", "completed": 3, "total": 12},
        {"data": {"finished": 3, "queued": 7, "rendering": 2}},
        {"completed": 3, "remaining": 9},
        {"completed": 3, "remaining": 9, "rendering": 0},
        [{"jobId": "b", "done": 9, "total": 9}, {"jobId": "a", "done": 3, "total": 12}],
        [{"jobId": "b", "done": 9, "total": 9}, {"done": 3, "total": 12}],
        {"a": {"done": 3, "total": 12}},
        {"id": "a", "progress": {"done": 3, "total": 12}},
        {"id": "a", "frames": [{"completed": 3}, {"total": 12}]},
        [{"completed": 3}, {"pending": 9}],
        [{"name": "completedFrames", "value": 3}, {"name": "totalFrames", "value": 12}],
        [{"key": "done", "count": 3}, {"key": "queued", "count": 8}, {"key": "failed", "count": 1}],
        [{"done": 3, "total": 12}, {"done": 3, "total": 12}],
    ],
)
def test_three_of_twelve_by_any_name(said):
    assert told(said) == (3, 12, 0.25)


@pytest.mark.parametrize(
    "said",
    [
        [COMPLETED, PENDING],
        [PENDING, COMPLETED],
        {"data": [COMPLETED, PENDING]},
        {"counters": [COMPLETED, PENDING]},
        {"id": "a", "status": "rendering", "counters": [COMPLETED, PENDING]},
        [COMPLETED | {"jobId": "a"}, PENDING | {"jobId": "a"}, COMPLETED | {"jobId": "b"}],
        [COMPLETED, PENDING, COMPLETED],
        [{"state": "COMPLETED", "value": 12}, {"state": "QUEUED", "value": 30}],
        [{"status": "completed", "frames": 12}, {"status": "pending", "frames": 30}],
        [COMPLETED, {"status": "total", "count": 42}],
        [COMPLETED, {"status": "rendering", "count": 2}, {"status": "defragmenting", "count": 28}],
        [{"status": "COMPLETED", "_count": 12}, {"status": "PENDING", "_count": 30}],
        [
            {"status": "COMPLETED", "_count": {"_all": 12}},
            {"status": "PENDING", "_count": {"_all": 30}},
        ],
        [{"status": "completed", "count": "12"}, {"status": "pending", "count": "30"}],
        [{"status": "completed", "framesCount": 12}, {"status": "pending", "framesCount": 30}],
        [{"status": "completed", "numFrames": 12}, {"status": "pending", "numFrames": 30}],
        [{"taskStatus": "completed", "count": 12}, {"taskStatus": "pending", "count": 30}],
        [COMPLETED | {"percentage": 28.6}, PENDING | {"percentage": 71.4}],
        [{"status": "success", "count": 12}, {"status": "not_started", "count": 30}],
        [
            {"status": "completed", "frames": list(range(1, 13))},
            {"status": "pending", "frames": list(range(13, 43))},
        ],
        [["completed", 12], ["pending", 30]],
        [
            {"status": "completed", "view": "left", "count": 6},
            {"status": "completed", "view": "right", "count": 6},
            PENDING,
        ],
    ],
)
def test_twelve_of_forty_two_by_status(said):
    assert told(said) == (12, 42, 12 / 42)
    listed = all_progress({"a": said} if isinstance(said, list) else {"a": [said]})
    assert (listed["a"].done, listed["a"].total) == (12, 42)


@pytest.mark.parametrize(
    "said, expected",
    [
        ([PENDING], (0, 30, 0.0)),
        ([COMPLETED], (12, None, None)),  # the total is unknown
        (COMPLETED, (12, None, None)),
        ({"completed": 3, "failed": 0}, (3, None, None)),
        ({"completed": 3, "queued": 7, "retrying": 2}, (3, None, None)),
        ({"completed": 3, "remaining": 7, "rendering": 2}, (3, None, None)),
        ({"completed": 3, "total": 10, "frames": 12}, (3, None, None)),
        ({"completed": 3, "total": 0}, None),
        ({"completed": 3, "percent": 25}, (3, None, 0.25)),
        ({"percentage": 25}, (None, None, 0.25)),
        ({"percentage": 1}, (None, None, 0.01)),
        ({"progress": 0.25}, (None, None, 0.25)),
        ({"progress": 25}, (None, None, 0.25)),
        ({"progress": 0}, (None, None, 0.0)),
        ([{"frame": 1, "status": "completed"}, {"frame": 2, "status": "queued"}], (1, 2, 0.5)),
        ([{"frame": 1, "status": "completed"}, {"frame": 2, "status": "done"}], (2, None, None)),
    ],
)
def test_what_is_told_in_part(said, expected):
    assert told(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        {"phase": "warming up"},
        {"completed": True, "total": "12"},
        {"completed": 13, "total": 12},
        {"completed": -1, "total": 12},
        {"completed": 3, "total": -12},
        {"completed": 3, "done": 4, "total": 12},
        {"completed": 10**300, "total": 10**301},
        {"progress": 1},  # 1 % or 100 %
        {"progress": 101},
        {"percent": -1},
        {"currentFrame": 137, "totalFrames": 250},  # frames 101 to 350: 37 done, not 137
        {"total": 12},
        {"status": "rendering", "total": 12},
        {"status": "rendering", "frames": 12},
        {"left": {"done": 1, "total": 4}, "right": {"done": 2, "total": 4}},
        [{"done": 1, "total": 4}, {"done": 2, "total": 4}],
        [{"jobId": "a", "done": 1, "total": 4}, {"jobId": "a", "done": 2, "total": 4}],
        [COMPLETED, {"status": "completed", "count": 13}, PENDING],
        [{"status": "defragmenting", "count": 12}, PENDING],
        [{"frame": 1, "status": "baked"}, {"frame": 2, "status": "queued"}],
        [{"frame": 1, "status": "failed"}, {"frame": 1, "status": "completed"}],
        [{"status": "completed"}, {"status": "queued"}],  # of an unknown kind
        [{"jobId": "b", "done": 1, "total": 4}],
        [["completed", 12], ["completed", 30]],
        [["completed", 12, 30]],
        [{"machine": "a", "completed": 6}, {"machine": "b", "completed": 6}],
        [{"task": 1, "done": 6, "total": 21}, {"task": 2, "done": 6, "total": 21}],
        {"status": "rendering", "totalFrames": 12},
        {"status": "rendering", "frameCount": "12"},
        [{"status": "completed", "count": "twelve"}, {"status": "pending", "count": "30"}],
        [12, 42],
        "12 of 42",
        12,
    ],
)
def test_what_may_mean_two_things_is_no_progress(said):
    assert told(said) is None


@pytest.mark.parametrize(
    "said",
    [
        [{"jobId": "a", "done": 1, "total": 4}, {"jobId": "b", "done": 2, "total": 4}],
        {"a": {"done": 1, "total": 4}, "b": {"done": 2, "total": 4}},
        {"data": {"a": {"done": 1, "total": 4}, "b": {"done": 2, "total": 4}}},
        {
            "jobs": [
                {"id": "a", "progress": {"done": 1, "total": 4}},
                {"id": "b", "done": 2, "total": 4},
            ]
        },
        {"progress": {"a": [{"done": 1, "total": 4}], "b": {"done": 2, "total": 4}}, "page": 1},
        [
            {"job": {"id": "a"}, "done": 1, "total": 4},
            {"job": "b", "done": 2, "total": 4},
            {"id": "c"},
        ],
        [
            {"jobId": "a", "status": "completed", "count": 1},
            {"jobId": "b", "status": "completed", "count": 2},
            {"jobId": "a", "status": "pending", "count": 3},
            {"jobId": "b", "status": "pending", "count": 2},
        ],
        [
            {"jobId": "a", "completed": 1},
            {"jobId": "b", "completed": 2},
            {"jobId": "a", "total": 4},
            {"jobId": "b", "total": 4},
        ],
        {
            "counters": [
                {"jobId": "a", "status": "completed", "_count": "1"},
                {"jobId": "a", "status": "pending", "_count": "3"},
                {"jobId": "b", "done": 2, "total": 4},
            ]
        },
    ],
)
def test_progress_of_all_jobs_in_any_arrangement(said):
    read = all_progress(said)
    assert {key: one.fraction for key, one in read.items() if one.fraction} == {"a": 0.25, "b": 0.5}


def test_of_two_entries_of_a_job_that_contradict_each_other_none_wins():
    entries = [{"jobId": "a", "done": done, "total": 4} for done in (1, 3)]
    other = {"jobId": "b", "done": 2, "total": 4}
    for listed in (entries, entries[::-1]):
        assert list(all_progress([*listed, other])) == ["b"]


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"jobs": []}])
def test_nothing_runs_at_all(said):
    assert all_progress(said) == {}
