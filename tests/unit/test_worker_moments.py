"""No unwanted render at critical moments: Cancel, a second press of Submit, a lost response."""

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
        ("POST", ".*/render$", Stage.STARTING, 0),
    ],
)
def test_cancel_while_the_farm_takes_its_time(tmp_path, method, path, after, renders):
    """Cancel during the create call, during the read before the render, and during the render call.

    Cancel does not wait for these calls: it overtakes the render call.
    """
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=30)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=1.0) as worker:
            worker.idle(worker.send(protocol.Start(record.id, after)))
            farm.fault(method, path, delay=1.5)
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: Store(tmp_path).load(record.id).stage == after)
            time.sleep(0.7)  # the call is in progress
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


def test_a_create_whose_answer_is_lost_is_one_render_and_one_job_that_costs_nothing(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=502, after=True)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id)))
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert sorted(job["status"] for job in farm.jobs()) == ["completed", "created"]
        assert farm.renders() == 1
