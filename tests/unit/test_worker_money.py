"""At most one render per Submit, whatever the disk, the farm or another worker does."""

import time

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.worker import ready_job, working

TIME_SCALE = 0.03


@pytest.mark.posix("Windows limits no file's size")
def test_nothing_is_done_on_the_farm_while_the_record_cannot_be_written(tmp_path):
    import resource

    with running_farm(renderer="pattern") as farm:
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
            worker.send(protocol.Start(record.id))
            worker.wait(lambda: worker.snapshot(record.id).error)
            time.sleep(2)
            worker.kill()
        assert Store(tmp_path).load(record.id).stage == Stage.UPLOADING
        assert farm.jobs() == []
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Resume()))
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert farm.renders() == 1


@pytest.mark.posix("Windows limits no file's size")
def test_the_end_of_a_job_is_written_down_as_soon_as_the_disk_takes_it(tmp_path):
    import resource

    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=400, delay=1.0, body={"message": "bad slug"})
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: worker.snapshot(record.id).stage == Stage.CREATING)
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
            worker.wait(lambda: worker.snapshot(record.id).stage == Stage.FAILED)
            time.sleep(0.5)
            assert Store(tmp_path).load(record.id).stage == Stage.CREATING
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (-1, -1))
            worker.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.FAILED
        assert done.error is not None
        assert "bad slug" in done.error.message
        assert not done.waiting


@pytest.mark.parametrize(
    ("status", "words"),
    [(409, "conflict"), (400, "This slug has a job already"), (400, "slug already used")],
)
def test_a_create_whose_answer_is_lost_and_whose_slug_is_used_up_takes_a_new_one(
    tmp_path, status, words
):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=502, after=True)
        farm.fault("POST", ".*/jobs$", status=status, body={"message": words})
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id)))
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.FINISHED, done.error
        assert farm.renders() == 1
        assert sorted(job["status"] for job in farm.jobs()) == ["completed", "created"]


def test_a_farm_that_says_so_of_every_slug_ends_the_job(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=409, times=1000, body={"message": "has a job"})
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id)))
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.FAILED
        assert done.error and "has a job" in done.error.message
        asked = [e for e in farm.log(kind="request") if e["path"].endswith("/uploads")]
        assert len(asked) <= 3, "it is not uploaded for ever"


def test_cancel_reaches_a_job_that_another_worker_runs(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=5.0)
        record = ready_job(tmp_path)
        with (
            working(tmp_path, farm, time_scale=TIME_SCALE) as owner,
            working(tmp_path, farm, time_scale=TIME_SCALE) as other,
        ):
            number = owner.send(protocol.Start(record.id))
            owner.wait(lambda: owner.snapshot(record.id).stage == Stage.RENDERING)
            other.send(protocol.Resume())
            other.wait(lambda: other.snapshot(record.id).elsewhere)
            other.idle(other.send(protocol.Cancel(record.id)))
            owner.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.CANCELED
        assert farm.jobs()[0]["status"] == "canceled"


def test_cancel_is_carried_out_by_the_worker_that_uploads(tmp_path):
    """The farm has no job yet, and only the worker that uploads may write the record."""
    with running_farm(renderer="pattern") as farm:
        farm.fault("PUT", server="storage", delay=1.5)
        record = ready_job(tmp_path)
        with (
            working(tmp_path, farm, time_scale=1.0) as owner,
            working(tmp_path, farm, time_scale=TIME_SCALE) as other,
        ):
            number = owner.send(protocol.Start(record.id))
            owner.wait(lambda: owner.snapshot(record.id).stage == Stage.UPLOADING)
            other.send(protocol.Resume())
            other.wait(lambda: other.snapshot(record.id).elsewhere)
            other.idle(other.send(protocol.Cancel(record.id)))
            owner.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage is Stage.CANCELED
        assert farm.jobs() == []
        assert not list((tmp_path / "jobs").glob("*.cancel"))


def test_a_validation_that_the_farm_refuses_ends_the_job_with_its_words(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/validate$", status=400, body={"message": "the zip is empty"})
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id)))
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.FAILED
        assert done.error is not None
        assert "the zip is empty" in done.error.message
        assert farm.renders() == 0


def test_a_lock_that_cannot_be_taken_is_said_and_tried_again(tmp_path):
    with running_farm(renderer="pattern") as farm:
        record = ready_job(tmp_path)
        blocking_errors = tmp_path / "jobs" / f"{record.id}.lock"
        blocking_errors.mkdir()
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: worker.snapshot(record.id).waiting)
            assert blocking_errors.name in worker.snapshot(record.id).error.message
            blocking_errors.rmdir()
            worker.idle(number)
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
