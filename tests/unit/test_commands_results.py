"""Exit codes of the commands, determined by the record on disk."""

import pytest
from renderjuice.commands import results
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Problem, Stage

TABLE = [
    # The stage that a command waits for (None: the end), the record's stage and error, exit code.
    (None, Stage.FINISHED, "", 0),
    (None, Stage.INCOMPLETE, "frames-missing", 1),
    (None, Stage.INCOMPLETE, "", 1),
    (None, Stage.FAILED, "farm-failed", 1),
    (None, Stage.FAILED, "", 1),
    (None, Stage.FAILED, "missing-file", 3),
    (None, Stage.FAILED, "copy-not-saved", 5),
    (None, Stage.FAILED, "bad-request", 4),
    (None, Stage.CANCELED, "", 1),
    (None, Stage.CANCELED, "farm-canceled", 1),
    *[(None, stage, "", 4) for stage in Stage if stage not in rec.ENDED],
    *[(Stage.RENDERING, stage, "", 4) for stage in rec.STAGE_ORDER[:6]],
    (Stage.RENDERING, Stage.CANCELING, "", 4),
    (Stage.RENDERING, Stage.RENDERING, "", 0),
    (Stage.RENDERING, Stage.DOWNLOADING, "", 0),
    (Stage.RENDERING, Stage.FINISHED, "", 0),
    (Stage.DOWNLOADING, Stage.RENDERING, "", 4),
    (Stage.DOWNLOADING, Stage.DOWNLOADING, "", 0),
    (Stage.RENDERING, Stage.RENDERING, "refused-key", 4),
    (Stage.RENDERING, Stage.RENDERING, "disk-full", 5),
    (Stage.DOWNLOADING, Stage.DOWNLOADING, "folder-claimed", 3),
    (None, Stage.UPLOADING, "refused-key", 4),
    (None, Stage.UPLOADING, "disk-full", 5),
    (None, Stage.UPLOADING, "no-locks", 5),
    (None, Stage.STARTING, "not-started", 2),
    (None, Stage.STARTING, "made-elsewhere", 2),
    (None, Stage.CANCELING, "cancel-not-told", 4),
    (None, Stage.RENDERING, "an-id-of-a-later-version", 4),
]


@pytest.mark.parametrize(("until", "stage", "error", "code"), TABLE)
def test_the_table(until, stage, error, code):
    record = rec.new("shot", "", "/frames", stage=stage)
    record.error = Problem(error, "Why.", "") if error else None
    record.waiting = bool(error) and not record.ended
    assert results.code_of(record, until) == code


@pytest.mark.parametrize("until", [None, *rec.STAGE_ORDER])
@pytest.mark.parametrize("stage", Stage)
def test_zero_is_only_for_a_job_that_is_where_it_should_be(until, stage):
    record = rec.new("shot", "", "/frames", stage=stage)
    there = rec.reached(stage, until) if until else False
    assert (results.code_of(record, until) == 0) == (there or stage is Stage.FINISHED)
