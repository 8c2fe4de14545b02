"""Cancel goes to the farm first, despite any local error, and is repeated until it gets there."""

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker.job import RunningJob

from tests.farm.running import running_farm
from tests.worker import Worker, ready_job, working

TIME_SCALE = 0.03
CANCEL = ".*/cancel$"
THE_JOB = ".*/jobs/[0-9a-f-]{36}$"
WITHOUT_LOCKS = Path(__file__).resolve().parents[1] / "without_locks.py"


@pytest.fixture
def farm():
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=60)
        yield farm


def rendering(state, farm) -> str:
    """Start a job that the farm renders and no local worker runs; return its local id."""
    record = ready_job(state)
    with working(state, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id, Stage.RENDERING)))
    assert Store(state).load(record.id).stage is Stage.RENDERING
    return record.id


@contextlib.contextmanager
def without_locks(state, farm) -> Iterator[Worker]:
    python = (sys.executable, "-I", str(WITHOUT_LOCKS))
    worker = Worker(state, farm.api_url, farm.key, TIME_SCALE, python)
    try:
        yield worker
    finally:
        worker.link.close()


@contextlib.contextmanager
def full(state, farm) -> Iterator[Worker]:
    """A worker that cannot write anything to disk."""
    import resource

    with working(state, farm, time_scale=TIME_SCALE) as worker:
        resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
        yield worker


TROUBLE: dict[str, Callable] = {"no locks": without_locks, "a full disk": full}
FULL = pytest.param("a full disk", marks=pytest.mark.posix("Windows limits no file's size"))


def status(farm) -> str:
    return farm.jobs()[0]["status"]


@pytest.mark.parametrize("trouble", ["no locks", FULL])
def test_the_farm_hears_of_it_whatever_is_wrong_here(tmp_path, farm, trouble):
    job = rendering(tmp_path, farm)
    with TROUBLE[trouble](tmp_path, farm) as worker:
        worker.send(protocol.Cancel(job))
        worker.wait(lambda: status(farm) == "canceled")
        worker.wait(lambda: worker.snapshot(job).waiting)
        shown = worker.snapshot(job)
        assert shown.stage is Stage.CANCELING
        assert shown.error.id in ("no-locks", "disk")
        assert shown.error.message.startswith("The farm was told to cancel. ")
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    assert Store(tmp_path).load(job).stage is Stage.CANCELED


@pytest.mark.parametrize("trouble", ["no locks", FULL])
def test_what_the_farm_does_not_hear_is_shown_and_told_again(tmp_path, farm, trouble):
    job = rendering(tmp_path, farm)
    farm.fault("POST", CANCEL, status=500, times=1000)
    with TROUBLE[trouble](tmp_path, farm) as worker:
        worker.send(protocol.Cancel(job))
        worker.wait(lambda: (error := worker.snapshot(job).error) and error.id == "cancel-not-told")
        assert worker.snapshot(job).canceling
        assert status(farm) == "rendering"
        farm.no_faults()
        worker.wait(lambda: status(farm) == "canceled")


def test_a_cancel_that_no_disk_takes_is_kept_while_the_worker_runs(tmp_path, farm):
    """Neither the record nor the cancel file beside it can be written."""
    job = rendering(tmp_path, farm)
    farm.fault("POST", CANCEL, status=500, times=3)
    (tmp_path / "jobs" / f"{job}.cancel").mkdir()  # a folder prevents the file
    with without_locks(tmp_path, farm) as worker:
        worker.send(protocol.Cancel(job))
        worker.wait(lambda: status(farm) == "canceled")


def test_a_cancel_that_was_not_told_is_told_at_the_next_start(tmp_path, farm):
    job = rendering(tmp_path, farm)
    farm.fault("POST", CANCEL, status=500, times=1000)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Cancel(job))
        worker.wait(lambda: (error := worker.snapshot(job).error) and error.id == "cancel-not-told")
        worker.kill()
    farm.no_faults()
    assert status(farm) == "rendering"
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    assert status(farm) == "canceled"
    assert Store(tmp_path).load(job).stage is Stage.CANCELED


@pytest.mark.parametrize("written", ["record", "file beside it"])
def test_a_cancel_of_a_job_that_was_made_elsewhere_is_told_at_the_next_start(
    tmp_path, farm, written
):
    """Cancel was pressed in a copy of the state folder, or copied with it; nothing else starts."""
    here, there = tmp_path / "here", tmp_path / "there"
    job = rendering(here, farm)
    farm.fault("POST", CANCEL, status=500, times=1000)
    if written == "record":
        shutil.copytree(here, there)
        with working(there, farm, time_scale=TIME_SCALE) as worker:
            worker.send(protocol.Cancel(job))
            worker.wait(
                lambda: (error := worker.snapshot(job).error) and error.id == "cancel-not-told"
            )
            worker.kill()
    else:
        Store(here).request_cancel(job)
        shutil.copytree(here, there)
    farm.no_faults()
    assert status(farm) == "rendering"
    assert not Store(there).made_here(Store(there).load(job))
    with working(there, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    assert status(farm) == "canceled"
    assert Store(there).load(job).stage is Stage.CANCELED


@pytest.mark.posix("Windows limits no file's size")
@pytest.mark.parametrize("refused", [False, True], ids=["unknown to the farm", "not canceled"])
def test_a_cancel_on_a_full_disk_outlasts_the_worker(tmp_path, farm, refused):
    """The record cannot store the cancel: a worker that read only the record would render."""
    import resource

    record = ready_job(tmp_path)
    farm.fault("POST", CANCEL, status=400, times=1000)
    farm.fault("POST", ".*/validate$" if refused else ".*/uploads$", status=500, times=1000)
    stage = Stage.VALIDATING if refused else Stage.UPLOADING
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage is stage)
        resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
        worker.send(protocol.Cancel(record.id))
        worker.wait(
            lambda: worker.snapshot(record.id).canceling or worker.snapshot(record.id).ended
        )
        worker.kill()
    farm.no_faults()
    renders = farm.renders()
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    assert Store(tmp_path).load(record.id).stage is Stage.CANCELED
    assert farm.renders() == renders == 0


def test_who_does_not_hold_the_lock_leaves_the_record_alone(tmp_path):
    record = ready_job(tmp_path)
    store = Store(tmp_path)
    before = (tmp_path / "jobs" / f"{record.id}.json").read_bytes()
    job = RunningJob(store.load(record.id), store, lambda _: None)
    job.request_cancel()
    assert (tmp_path / "jobs" / f"{record.id}.json").read_bytes() == before
    assert store.cancel_requested(record.id)
    assert job.cancel_requested


def test_a_job_that_the_farm_has_not_any_more_is_canceled(tmp_path, farm):
    job = rendering(tmp_path, farm)
    for method, path in (("POST", CANCEL), ("GET", THE_JOB)):
        farm.fault(method, path, status=404, times=1000)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Cancel(job)))
    done = Store(tmp_path).load(job)
    assert done.stage is Stage.CANCELED
    assert any("does not have this job" in note for note in done.notes)
    asked = [e for e in farm.log(kind="request") if e["status"] == 404 and e["method"] == "GET"]
    assert len(asked) == 3, "once may be a stray answer"


@pytest.mark.parametrize("killed", [False, True], ids=["at once", "at the next start"])
def test_a_job_that_failed_here_is_canceled_on_the_farm(tmp_path, farm, killed):
    """The job failed locally, for example because a proxy refused requests for a long time, but the
    farm continues a render that costs money."""
    job = rendering(tmp_path, farm)
    record = Store(tmp_path).load(job)
    record.stage = Stage.FAILED
    record.history.append([Stage.FAILED, record.updated_at])
    Store(tmp_path).save(record)
    if killed:
        Store(tmp_path).request_cancel(job)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume() if killed else protocol.Cancel(job)))
    assert status(farm) == "canceled"
    assert Store(tmp_path).load(job).stage is Stage.CANCELED
    assert farm.renders() == 1


@pytest.mark.parametrize("ended", ["failed", "completed", "canceled"])
def test_a_job_that_is_over_on_the_farm_too_stays_as_it_is(tmp_path, farm, ended):
    job = rendering(tmp_path, farm)
    record = Store(tmp_path).load(job)
    record.stage, record.farm.status = Stage.FAILED, ended
    Store(tmp_path).save(record)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Cancel(job)))
    assert Store(tmp_path).load(job).stage is Stage.FAILED
    assert not [e for e in farm.log(kind="request") if e["path"].endswith("/cancel")]


@pytest.mark.parametrize("command", [protocol.Cancel, protocol.Wait])
def test_a_key_of_another_account_ends_no_job(tmp_path, farm, command):
    """The key's account does not have the job; the other account may still render it."""
    job = rendering(tmp_path, farm)
    record = Store(tmp_path).load(job)
    record.farm.workspace = "another"
    Store(tmp_path).save(record)
    for method, path in (("POST", CANCEL), ("GET", THE_JOB)):
        farm.fault(method, path, status=404, times=30)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(command(job))
        worker.wait(
            lambda: (error := worker.snapshot(job).error) and "another account" in error.message
        )
    assert not Store(tmp_path).load(job).ended
