"""Counters of a running job, whatever they are called and however they are arranged."""

import pytest
from renderjuice.api.progress import all_progress, progress


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"data": {}}, {"progress": []}, ""])
def test_no_progress_when_nothing_runs(said):
    assert progress(said, "a") is None


@pytest.mark.parametrize(
    "said, done, total, fraction",
    [
        ({"completed": 3, "total": 12}, 3, 12, 0.25),
        ({"framesCompleted": 3, "totalFrames": 12}, 3, 12, 0.25),
        ({"rendered_frames": 3, "frame_count": 12}, 3, 12, 0.25),
        ({"numFramesDone": 3, "numFrames": 12}, 3, 12, 0.25),
        ({"frames": {"done": 3, "total": 12}, "tiles": {"done": 9, "total": 9}}, 3, 12, 0.25),
        ({"data": {"finished": 3, "queued": 7, "rendering": 2}}, 3, 12, 0.25),
        (
            [{"jobId": "b", "done": 9, "total": 9}, {"jobId": "a", "done": 3, "total": 12}],
            3,
            12,
            0.25,
        ),
        ([{"frame": 1, "status": "completed"}, {"frame": 2, "status": "queued"}], 1, 2, 0.5),
        ({"a": {"done": 3, "total": 12}}, 3, 12, 0.25),
        ({"id": "a", "progress": {"done": 3, "total": 12}}, 3, 12, 0.25),
        ({"percentage": 25}, None, None, 0.25),
        ({"progress": 0.25}, None, None, 0.25),
        ({"progress": 25}, None, None, 0.25),
        ({"completed": 3, "failed": 0}, 3, None, None),
        ({"completed": 3, "total": 0}, 3, 0, None),
        ({"completed": 13, "total": 12}, 13, 12, 1.0),
        ({"completed": -1, "total": 12}, 0, 12, 0.0),
        ({"phase": "warming up"}, None, None, None),
        ({"completed": True, "total": "12"}, None, None, None),
    ],
)
def test_progress_by_any_name(said, done, total, fraction):
    read = progress(said, "a")
    assert read is not None
    assert (read.done, read.total, read.fraction) == (done, total, fraction)


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
    ],
)
def test_progress_of_all_jobs_in_any_shape(said):
    read = all_progress(said)
    assert {key: one.fraction for key, one in read.items() if one.fraction} == {"a": 0.25, "b": 0.5}


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"jobs": []}])
def test_nothing_runs_at_all(said):
    assert all_progress(said) == {}
