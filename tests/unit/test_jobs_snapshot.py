"""The snapshot of a job that panels show, made from its record."""

import pytest
from renderjuice.jobs import record as rec
from renderjuice.jobs import snapshot
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker.job import RunningJob

from tests.outputs import output


def test_the_stages_and_when_each_began():
    record = rec.new("shot", "here", "/frames")
    record.history = [
        ["saving", "2026-03-01T10:00:00Z"],
        ["uploading", "2026-03-01T10:00:05Z"],
        ["uploading", "2026-03-01T10:00:09Z"],
        ["rendering", "not a time"],
        ["dreaming", "2026-03-01T10:00:10Z"],
        [],
        ["finished", "2026-03-01T11:00:00Z"],
    ]
    begin = snapshot.history(record)[0][1]
    told = [(stage, at - begin) for stage, at in snapshot.history(record)]
    assert told == [("saving", 0), ("uploading", 5), ("finished", 3600)]


@pytest.mark.parametrize("final", [None, "as asked", [], 3])
def test_a_farm_that_tells_no_settings_differs_in_none(final):
    assert snapshot.changed_settings({"sampleCount": 4}, final) == ()


def test_settings_that_the_farm_has_changed():
    asked = {
        "renderEngine": "CYCLES",
        "sampleCount": 128,
        "fps": 24,
        "resolution": [1920, 1080],
        "denoisingEnabled": True,
        "tileSize": 2048,
        "outputSettings": {"colorDepth": "16", "quality": 90},
    }
    final = {
        "renderEngine": "CYCLES",
        "sampleCount": 64,
        "fps": 24.0,
        "resolution": [960, 540],
        "denoisingEnabled": False,
        "outputSettings": {"colorDepth": 16, "quality": None},
        "gpuCount": 4,
    }
    assert snapshot.changed_settings(asked, final) == (
        ("sampleCount", "128", "64"),
        ("resolution", "1920 x 1080", "960 x 540"),
        ("denoisingEnabled", "on", "off"),
        ("outputSettings.quality", "90", "none"),
    )


def test_a_long_value_is_shortened():
    ((_, asked, used),) = snapshot.changed_settings({"notes": "n" * 900}, {"notes": "m"})
    assert (len(asked), used) == (snapshot.MAX_CHARACTERS, "m")


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job with a clock that the test sets: `job.now`."""
    job = RunningJob(rec.new("shot", "here", "/frames"), Store(tmp_path), lambda _: None)
    job.now = 100.0
    monkeypatch.setattr("renderjuice.worker.eta.time.monotonic", lambda: job.now)
    return job


def test_machines_that_start_do_not_count_as_slow_frames(job):
    job.enter(Stage.RENDERING)
    job.record.farm.status = "booting"
    job.show(0, 10, "frames")
    job.now += 600
    job.record.farm.status = "rendering"
    job.show(0, 10, "frames")
    assert job.live.left is None
    job.now += 10
    job.show(1, 10, "frames")
    assert job.live.left == pytest.approx(90)


def test_a_farm_that_tells_per_cent_only(job):
    job.enter(Stage.RENDERING)
    job.record.farm.status = "rendering"
    job.show(0, 0, "frames", 0.0)
    job.now += 30
    job.show(0, 0, "frames", 0.25)
    assert job.live.left == pytest.approx(90)


def test_frames_that_come_early_do_not_disturb_the_time_of_the_render(job):
    job.enter(Stage.RENDERING)
    job.record.farm.status = "rendering"
    job.show(0, 10, "frames")
    for done in (1, 2):
        job.now += 10
        job.show(done, 10, "frames")
        job.file_done(f"{done:04}.png", 1000, output("a.png"), "")
        job.show(done, done, "files")
    job.show(2, 10, "frames")
    assert (job.live.left, job.live.rate) == (pytest.approx(80), 0.0)


def test_the_speed_of_downloads_is_told_in_bytes(job):
    job.enter(Stage.DOWNLOADING)
    job.show(0, 10, "files")
    for done in range(1, 5):
        job.now += 1
        job.file_done(f"{done:04}.png", 2_000_000, output("a.png"), "")
        job.show(done, 10, "files")
    assert job.live.rate == pytest.approx(2_000_000)
    assert job.live.left == pytest.approx(6)


def test_a_new_stage_is_measured_anew(job):
    job.enter(Stage.UPLOADING)
    job.show(0, 100, "bytes")
    job.now += 5
    job.show(50, 100, "bytes")
    assert job.live.left == pytest.approx(5, rel=0.2)
    job.enter(Stage.DOWNLOADING)
    job.show(0, 4, "files")
    assert (job.live.left, job.live.rate) == (None, 0.0)


EYES = [["left", "_L", "shot_", "_L"], ["right", "_R", "shot_", "_R"]]


@pytest.mark.parametrize(
    ("frames", "others", "names", "missing", "here"),
    [
        (240, 240, None, None, 240),
        (240, 240, None, [], 240),
        (12, 6, None, None, 12),
        (480, 0, EYES, None, 240),
        (479, 0, EYES, None, 239),
        (480, 240, [*EYES, ["", "", "Mist", "", "Mist"]], None, 240),
        (480, 0, EYES, [7], 239),
        (241, 0, None, None, 240),
        (0, 7, None, [*range(1, 241)], 0),
    ],
)
def test_frames_and_other_files_are_counted_apart(frames, others, names, missing, here):
    record = rec.new("shot", "here", "/frames", frames=[[1, 240]])
    record.files = {f"{n}.png": 1 for n in range(frames)} | {f"o{n}": 1 for n in range(others)}
    record.others = [f"o{n}" for n in range(others)]
    record.output_names, record.missing = names, missing
    counts = snapshot.snapshot(record).frames
    assert (counts.downloaded, counts.expected) == (here, 240)
    assert (counts.others, counts.files) == (others, frames + others)
    document = snapshot.document(record)["frames"]
    assert document["here"] == here
    assert (len(document["downloaded"]), len(document["otherFiles"])) == (frames, others)


def test_frames_of_a_job_that_nobody_counted(tmp_path):
    record = rec.new("shot", "here", "/frames", files={"1.png": 1, "m.png": 1}, others=["m.png"])
    counts = snapshot.snapshot(record).frames
    assert (counts.expected, counts.downloaded, counts.others) == (None, 1, 1)


def test_what_a_job_was_sent_without_is_named_in_bounds():
    record = rec.new("shot", "here", "/frames")
    record.sent_without = ["/s/wood.png", "C:\\s\\ash.png", "/s/set.blend/Table", *"xyz"]
    told = snapshot.snapshot(record)
    assert told.sent_without == ("wood.png", "ash.png", "Table")
    assert told.sent_without_count == 6
    assert snapshot.document(record)["sentWithout"] == record.sent_without
