"""The sentences and the table that commands print about jobs."""

import pytest
from renderjuice.commands import words
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage


def job(stage: Stage, **changes) -> rec.Record:
    record = rec.new("shot 2", "", "/frames", stage=stage)
    record.id = "93de4b9eb888"
    record.farm.status = "booting"
    for name, value in changes.items():
        setattr(record, name, value)
    return record


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_names_the_job_and_its_folder_and_nothing_twice(stage):
    said = words.describe(job(stage, files={"1.png": 1}))
    assert said.startswith("Job 93de4b9eb888 (shot 2) ")
    assert "/frames" in said
    assert said.endswith(".")
    assert ".." not in said
    assert "{" not in said


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in rec.ENDED])
def test_what_goes_on_says_how(stage):
    said = words.describe(job(stage))
    assert "`" in said
    assert "Its frames go to /frames." in said


def test_what_the_farm_has_completed_is_there_to_be_downloaded():
    done = job(Stage.RENDERING)
    done.farm.status = "completed"
    said = words.describe(done)
    assert "(shot 2) is rendered." in said
    assert "`wait" not in said and "`download 93de4b9eb888` brings its frames" in said


def test_the_table_is_in_columns_also_with_wide_letters():
    first = job(Stage.RENDERING, title="東京", frames=[[1, 3]], created_at="2026-11-29T12:00:00Z")
    other = job(Stage.FINISHED, waiting=False, created_at="a later version's")
    lines = words.table([first, other]).splitlines()
    assert lines[0].split() == ["JOB", "STAGE", "FRAMES", "CREATED", "TITLE"]
    assert "rendering" in lines[1]
    assert "0 of 3" in lines[1]
    assert "2026-11-2" in lines[1]
    assert lines[1].index("東京") == lines[2].index("shot 2") == lines[0].index("TITLE")
    assert all(line == line.rstrip() for line in lines)


def test_what_a_job_was_sent_without_is_said_at_its_end():
    paths = [f"/s/{name}.png" for name in "abcd"]
    said = words.describe(job(Stage.FINISHED, sent_without=paths))
    assert said.endswith(" Sent without /s/a.png, /s/b.png, /s/c.png and 1 more.")
    assert "without" not in words.describe(job(Stage.FINISHED, allowed=paths))


def test_what_nobody_reads_to_its_end_has_its_middle_left_out():
    path = f"/projects/{50 * 'abcdefghij/'}shot.blend"
    said = words.shortened(f"{path} cannot be written: no space is left.")
    assert said.startswith("/projects/abc") and "…" in said
    assert said.endswith("/shot.blend cannot be written: no space is left.")
    assert len(said) < 300
    assert words.shortened(f"It has {100 * 'ten words '}") == f"It has {100 * 'ten words '}"
