"""Money in the moments that are hard to hit: Cancel, a second press, a copied record."""

import shutil
import socket
import time

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.worker import ready_job, working

TIME_SCALE = 0.03
THE_JOB = ".*/jobs/[0-9a-f-]{36}$"


@pytest.mark.parametrize(
    ("method", "path", "after", "renders"),
    [
        ("POST", ".*/jobs$", Stage.CREATING, 0),
        ("GET", THE_JOB, Stage.STARTING, 0),
        ("POST", ".*/render$", Stage.STARTING, 1),
    ],
)
def test_cancel_while_the_farm_takes_its_time(tmp_path, method, path, after, renders):
    """With the answer of create, of the look before the render, and of the render on its way."""
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=30)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=1.0) as worker:
            worker.idle(worker.send(protocol.Start(record.id, after)))
            farm.fault(method, path, delay=1.5)
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: Store(tmp_path).load(record.id).stage == after)
            time.sleep(0.7)  # the call is on its way
            worker.send(protocol.Cancel(record.id))
            worker.idle(number + 1)
        assert Store(tmp_path).load(record.id).stage == Stage.CANCELED
        assert farm.renders() == renders
        assert {job["status"] for job in farm.jobs()} <= {"canceled", "created"}


def test_two_commands_to_start_a_job_are_one_render(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/render$", delay=0.5)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            numbers = [worker.send(protocol.Start(record.id)) for _ in range(3)]
            worker.idle(numbers[-1])
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert farm.renders() == 1
        assert len(farm.jobs()) == 1


def test_a_copied_record_is_not_run_in_another_folder_or_on_another_computer(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    with running_farm(renderer="pattern") as farm:
        record = ready_job(here)
        shutil.copytree(here / "jobs", there / "jobs")
        monkeypatch.setattr("platform.node", lambda: f"not-{socket.gethostname()}")
        other = ready_job(there)
        for name, value in (("output", str(there / "frames")), ("stage", Stage.CREATING)):
            setattr(other, name, value)
        Store(there).save(other)
        with working(there, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Resume()))
        assert Store(there).load(record.id).stage == Stage.UPLOADING
        assert Store(there).load(other.id).stage == Stage.CREATING
        assert farm.log(kind="request") == []


def test_a_create_whose_answer_is_lost_is_one_render_and_one_job_that_costs_nothing(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=502, after=True)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id)))
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert sorted(job["status"] for job in farm.jobs()) == ["completed", "created"]
        assert farm.renders() == 1
