"""Test frames from the command line: a small separate job, and an estimate in its document."""

import json
from pathlib import Path

import pytest

from tests.blender.test_command_line import count, names
from tests.blender.test_end_to_end import make

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
ESTIMATE = {"frames", "basedOn", "normalizedSeconds", "low", "high", "message", "basis"}


@pytest.fixture(scope="module")
def blend(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 240")


def test_three_test_frames_are_rendered_apart_and_estimates_all(user, farm, blend):
    farm.settings(normalized_seconds_per_frame=2.5)
    renders = farm.renders()
    done = user.run(blend, "submit", "--scout", "--wait", "--download")
    assert done.code == 0, done.stderr
    job, estimate = done.document["job"], done.document["estimate"]
    assert job["frames"]["expected"] == [1, 120, 240]
    assert job["config"]["frameRanges"] == ["1", "120", "240"]
    assert job["title"] == "shot test frames"
    assert Path(job["output"]) == blend.parent / "renderjuice" / "shot" / "shot test frames"
    assert count(job["output"]) == 3
    assert farm.renders() - renders == 1

    assert set(estimate) == ESTIMATE
    assert estimate["frames"] == {"count": 240, "text": "1-240"}
    assert estimate["normalizedSeconds"] == 600.0
    assert (estimate["low"], estimate["high"]) == (None, None)
    assert estimate["basedOn"]["normalizedSeconds"] == 7.5
    files = [frame["file"] for frame in estimate["basedOn"]["frames"]]
    assert sorted(files) == names(job["output"])
    assert "about 10 min of GPU time" in done.stderr
    assert "the spread is not known" in done.stderr


def test_status_and_wait_carry_the_estimate(user, farm, blend):
    farm.settings(normalized_seconds_per_frame=2.0, seconds_per_frame=20.0)
    job = user.run(blend, "submit", "--scout", "x100").document["job"]
    assert job["frames"]["expected"] == [1, 101, 201]
    running = user.run(blend, "status", job["id"])
    assert running.document["estimate"]["normalizedSeconds"] is None
    assert "comes when the farm has rendered" in running.document["estimate"]["message"]
    farm.settings(seconds_per_frame=0.0)
    for command in ("wait", "status"):
        done = user.run(blend, command, job["id"])
        assert done.code == 0, done.stderr
        assert done.document["estimate"]["normalizedSeconds"] == 480.0
        assert "download them" in done.document["estimate"]["basis"]


def test_a_figure_that_comes_late_is_asked_for_by_status(user, farm, blend):
    done = user.run(blend, "submit", "--scout", "7", "--wait", "--download")
    assert done.document["job"]["stage"] == "finished"
    (path,) = user.resources.rglob("jobs/*.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    record["farm"]["normalized_seconds"] = None  # as if the farm had not sent it with the frames
    path.write_text(json.dumps(record), encoding="utf-8")
    done = user.run(blend, "status", done.document["job"]["id"])
    assert done.document["job"]["normalizedSeconds"] is not None
    assert "One frame says nothing about the spread" in done.document["estimate"]["basis"]


def test_other_jobs_carry_no_estimate(user, farm, blend):
    done = user.run(blend, "submit", "--frames", "1", "--wait")
    assert "estimate" not in done.document


def test_a_dry_run_shows_the_test_frames(user, farm, blend):
    before = len(farm.log())
    done = user.run(blend, "submit", "--scout", "--dry-run")
    assert done.code == 0, done.stderr
    assert done.document["config"]["frameRanges"] == ["1", "120", "240"]
    assert len(farm.log()) == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--scout", "x"), 2, "For every 20th frame write x20"),
        (("--scout", "1, 300"), 2, "Frame 300 is none of the job's frames, 1-240"),
        (("--frames", "1-3", "--scout"), 2, "submit the job itself"),
    ],
)
def test_what_is_no_test_is_wrong_usage(user, farm, blend, arguments, code, words):
    before = len(farm.log())
    done = user.run(blend, "submit", *arguments)
    assert done.code == code
    assert words in done.stderr
    assert len(farm.log()) == before


def test_a_job_too_short_to_test_is_a_check(user, farm, tmp_path):
    blend = make(tmp_path / "short", "scene.frame_end = 3")
    done = user.run(blend, "submit", "--scout")
    assert done.code == 3
    assert done.document["error"]["id"] == "bad-test-frames"
    assert "3 frames and all of them would be test frames" in done.stderr


def test_a_failed_test_is_one_and_estimates_nothing(user, farm, blend):
    farm.settings(seconds_per_frame=20.0)
    job = user.run(blend, "submit", "--scout").document["job"]
    farm.set_status(job["farmId"], "failed", name="GPU fell off the bus", type="HARDWARE")
    done = user.run(blend, "wait", job["id"])
    assert done.code == 1
    assert done.document["estimate"]["normalizedSeconds"] is None
    assert "were not rendered" in done.document["estimate"]["message"]


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "OPEN_EXR"])
def test_the_spread_is_that_of_real_frames(user, farm_with_blender, tmp_path, file_format):
    """The last frame has a hundred thousand faces and the others have six."""
    change = (
        f"scene.render.image_settings.file_format = {file_format!r}; scene.frame_end = 11;"
        "m = cube.modifiers.new('many', 'SUBSURF')\n"
        "for m.render_levels, frame in (0, 10), (7, 11):\n"
        "    m.keyframe_insert('render_levels', frame=frame)"
    )
    blend = make(tmp_path / "project", change)
    user.farm = farm_with_blender
    farm_with_blender.settings(normalized_seconds_per_frame=10.0)
    done = user.run(blend, "submit", "--scout", "1, 6, 11", "--wait", "--download")
    assert done.code == 0, done.stderr
    estimate = done.document["estimate"]
    seconds = [frame["renderSeconds"] for frame in estimate["basedOn"]["frames"]]
    assert max(seconds) == seconds[2]
    assert estimate["normalizedSeconds"] == 110.0
    assert estimate["low"] == pytest.approx(330 * min(seconds) / sum(seconds), abs=0.001)
    assert estimate["high"] == pytest.approx(330 * max(seconds) / sum(seconds), abs=0.001)
    assert "if all were like the quickest or the slowest" in done.stderr
