"""At most one render a press: what a disk, a farm or a neighbour does must not make it two."""

import resource
import time

from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.worker import ready_job, working

PACE = 0.03


def test_nothing_is_done_on_the_farm_while_the_record_cannot_be_written(tmp_path):
    with running_farm(renderer="pattern") as farm:
        record = ready_job(tmp_path)
        with working(tmp_path, farm, pace=PACE) as worker:
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
            worker.tell(do="start", job=record.id)
            worker.wait(lambda: worker.snapshot(record.id).get("error"))
            time.sleep(2)
            worker.kill()
        assert Store(tmp_path).load(record.id).stage == rec.UPLOADING
        assert farm.jobs() == []
        with working(tmp_path, farm, pace=PACE) as worker:
            worker.idle(worker.tell(do="resume"))
        assert Store(tmp_path).load(record.id).stage == rec.FINISHED
        assert farm.renders() == 1


def test_the_end_of_a_job_is_written_down_as_soon_as_the_disk_takes_it(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/jobs$", status=400, delay=1.0, body={"message": "bad slug"})
        record = ready_job(tmp_path)
        with working(tmp_path, farm, pace=PACE) as worker:
            number = worker.tell(do="start", job=record.id)
            worker.wait(lambda: worker.snapshot(record.id).get("stage") == rec.CREATING)
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (0, -1))
            worker.wait(lambda: worker.snapshot(record.id).get("stage") == rec.FAILED)
            time.sleep(0.5)
            assert Store(tmp_path).load(record.id).stage == rec.CREATING
            resource.prlimit(worker.link.pid, resource.RLIMIT_FSIZE, (-1, -1))
            worker.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage == rec.FAILED
        assert done.error is not None
        assert "bad slug" in done.error.message
        assert not done.waiting
