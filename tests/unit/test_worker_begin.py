"""Only Submit, and commands that continue it, start work on the farm: real worker, local farm."""

import shutil

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.worker import ready_job, working

TIME_SCALE = 0.03


def begun(farm):
    """The paths of all calls in the farm's log that start something: create, validate, render."""
    posts = [e for e in farm.log(kind="request") if e["method"] == "POST"]
    return [e["path"] for e in posts if not e["path"].endswith(("/uploads", "/cancel"))]


def tell(state, farm, command):
    """Send one command to a new worker, and return the record afterwards."""
    with working(state, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(command))
    return Store(state).load(command.job)


def looked_at(farm, job) -> int:
    """The number of requests for the job's status."""
    return sum(entry["path"].endswith(job.farm.id) for entry in farm.log(kind="request"))


@pytest.fixture
def refused(tmp_path, farm):
    """A job that failed because the farm refused both configs; its farm status is `validated`."""
    farm.fault("POST", ".*/render$", status=400, times=2, body={"message": "sampleCount: no"})
    record = ready_job(tmp_path)
    done = tell(tmp_path, farm, protocol.Start(record.id))
    assert done.stage is Stage.FAILED
    return done


@pytest.fixture
def canceled(tmp_path, farm):
    """A job that is canceled in its record, while its farm status is `validated`."""
    record = ready_job(tmp_path)
    done = tell(tmp_path, farm, protocol.Start(record.id, Stage.STARTING))
    done.stage = Stage.CANCELED
    done.history.append([Stage.CANCELED, done.updated_at])
    Store(tmp_path).save(done)
    return done


@pytest.mark.parametrize("job", ["refused", "canceled"])
@pytest.mark.parametrize("command", [protocol.Download, protocol.Retry, protocol.Wait])
def test_a_job_that_has_ended_is_not_begun_again(tmp_path, farm, job, command, request):
    job = request.getfixturevalue(job)
    before, looks = begun(farm), looked_at(farm, job)
    done = tell(tmp_path, farm, command(job.id))
    assert begun(farm) == before
    assert done.stage is job.stage
    if command is protocol.Download:
        assert done.error.id == "never-rendered"
        assert looked_at(farm, job) - looks <= 3, "minutes pass between looks"


def test_download_of_an_ended_job_that_crashes_is_not_begun_by_the_next_start(
    tmp_path, farm, refused
):
    """The worker was killed right after Download had set the record to wait for the farm."""
    before = begun(farm)
    refused.stage, refused.error = Stage.RENDERING, None
    Store(tmp_path).save(refused)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    assert begun(farm) == before
    assert Store(tmp_path).load(refused.id).stage is Stage.FAILED


@pytest.mark.parametrize("stage", [Stage.UPLOADING, Stage.VALIDATING, Stage.STARTING])
@pytest.mark.parametrize(
    "command",
    [protocol.Start, protocol.Wait, protocol.Download, protocol.Retry],
)
def test_a_copied_state_folder_begins_nothing(tmp_path, farm, stage, command):
    here, there = tmp_path / "here", tmp_path / "there"
    record = ready_job(here)
    tell(here, farm, protocol.Start(record.id, stage))
    shutil.copytree(here, there)
    before = begun(farm)
    done = tell(there, farm, command(record.id))
    assert begun(farm) == before
    assert done.waiting
    assert done.error.id == "made-elsewhere"


def test_a_copy_goes_on_when_it_is_claimed(tmp_path, farm):
    here, there = tmp_path / "here", tmp_path / "there"
    record = ready_job(here)
    shutil.copytree(here, there)
    tell(there, farm, protocol.Wait(record.id))
    renders = farm.renders()
    done = tell(there, farm, protocol.Claim(record.id))
    assert done.stage is Stage.FINISHED
    assert farm.renders() == renders + 1


@pytest.mark.parametrize("stage", [Stage.UPLOADING, Stage.VALIDATING, Stage.STARTING])
@pytest.mark.parametrize("command", [protocol.Start, protocol.Wait, protocol.Retry, protocol.Claim])
def test_another_address_gets_nothing_of_the_job(tmp_path, farm, stage, command):
    record = ready_job(tmp_path, api_url=farm.api_url)
    tell(tmp_path, farm, protocol.Start(record.id, stage))
    with running_farm(renderer="pattern") as other:
        done = tell(tmp_path, other, command(record.id))
        assert other.log(kind="request") == []
    assert done.waiting
    assert done.error.id == "another-farm"
    assert other.api_url in done.error.message
    assert tell(tmp_path, farm, protocol.Retry(record.id)).stage is Stage.FINISHED


@pytest.mark.parametrize("status", ["created", "validating", "validated"])
@pytest.mark.parametrize("command", [protocol.Wait, protocol.Download, protocol.Resume])
def test_a_job_of_the_dashboard_is_not_begun(tmp_path, farm, status, command):
    theirs = ready_job(tmp_path / "theirs")
    farm_id = tell(tmp_path / "theirs", farm, protocol.Start(theirs.id, Stage.VALIDATING)).farm.id
    farm.set_status(farm_id, status)
    before = begun(farm)
    with working(tmp_path / "ours", farm, time_scale=TIME_SCALE) as worker:
        number = worker.send(protocol.Adopt(farm_id, str(tmp_path / "frames")))
        job_id = worker.reply(number).job
        worker.idle(worker.send(command() if command is protocol.Resume else command(job_id)))
    assert begun(farm) == before
    done = Store(tmp_path / "ours").load(job_id)
    assert done.stage is Stage.RENDERING
    assert done.error.id == "not-ours"


@pytest.mark.parametrize("command", [protocol.Wait, protocol.Download])
@pytest.mark.parametrize("stage", [Stage.UPLOADING, Stage.VALIDATING, Stage.STARTING])
def test_waiting_for_a_job_does_not_start_it(tmp_path, farm, command, stage):
    record = ready_job(tmp_path)
    tell(tmp_path, farm, protocol.Start(record.id, stage))
    before = begun(farm)
    done = tell(tmp_path, farm, command(record.id))
    assert begun(farm) == before
    assert done.error.id == "not-started"
    assert tell(tmp_path, farm, protocol.Retry(record.id)).stage is Stage.FINISHED


def test_a_press_while_somebody_waits_begins_it(tmp_path, farm):
    """The job's thread, which may not start the job, still runs or has just given up."""
    record = ready_job(tmp_path)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Wait(record.id))
        worker.idle(worker.send(protocol.Retry(record.id)))
    assert Store(tmp_path).load(record.id).stage is Stage.FINISHED
