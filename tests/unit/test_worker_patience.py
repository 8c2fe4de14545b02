"""A stray response does not end a job that may cost money; files that fail are named at the end."""

from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker import runner

from tests.farm.running import running_farm
from tests.worker import ready_job, working

TIME_SCALE = 0.03
THE_JOB = ".*/jobs/[0-9a-f-]{36}$"
LISTED = ".*/downloads$"


def storage_log(farm):
    return [e for e in farm.log(kind="request") if e["server"] == "storage"]


def run(state, farm, frames=3, **changes):
    """Run a job to its end, and return its record."""
    record = ready_job(state, frames, **changes)
    with working(state, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)), 60)
    return Store(state).load(record.id)


@pytest.mark.parametrize("status", [400, 404, 410])
@pytest.mark.parametrize("skip", [0, 1, 2, 4])
def test_a_stray_refusal_to_read_the_job_does_not_end_it(tmp_path, status, skip):
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=0.1)
        farm.fault("GET", THE_JOB, skip=skip, status=status, times=2)
        done = run(tmp_path, farm)
        assert done.stage == Stage.FINISHED, done.error
        assert farm.renders() == 1


@pytest.mark.parametrize("status", [400, 404])
def test_a_stray_refusal_to_list_the_frames_does_not_lose_them(tmp_path, status):
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", LISTED, status=status, times=3)
        assert run(tmp_path, farm).stage == Stage.FINISHED


@pytest.mark.parametrize("status", [400, 404, 418])
def test_a_stray_refusal_of_one_frame_does_not_lose_it(tmp_path, status):
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", server="storage", skip=1, status=status, times=2)
        assert run(tmp_path, farm).stage == Stage.FINISHED


def test_a_job_that_the_farm_has_forgotten_ends_and_says_so(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=60)
        farm.fault("GET", THE_JOB, skip=6, status=404, times=1000)
        done = run(tmp_path, farm)
        assert done.stage == Stage.FAILED
        assert done.error is not None
        assert done.error.id == "not-found"
        asked = [e for e in farm.log(kind="request") if e["status"] == 404]
        assert len(asked) >= runner.MAX_REFUSALS


def test_a_frame_that_is_broken_on_the_farm_is_named_and_the_others_come(tmp_path):
    with running_farm(renderer="pattern") as farm:
        body, times = "<html>this is no picture</html>", 1000
        path = ".*pattern_0002"
        farm.fault("GET", path, server="storage", status=200, body=body, times=times)
        done = run(tmp_path, farm)
        assert done.stage == Stage.INCOMPLETE
        assert done.missing == [2]
        assert done.error is not None
        assert "pattern_0002.png arrived broken" in done.error.message
        assert sorted(done.files) == ["pattern_0001.png", "pattern_0003.png"]
        assert farm.renders() == 1


def test_a_first_answer_that_nobody_understands_does_not_leave_the_job_unvalidated(tmp_path):
    """Regression: the unknown status replaced `created`, so nothing started the validation."""
    with running_farm(renderer="pattern") as farm:
        record = ready_job(tmp_path)
        said = {"id": "", "status": "quantum-leap"}
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            number = worker.send(protocol.Start(record.id, Stage.VALIDATING))
            worker.idle(number)
            said["id"] = Store(tmp_path).load(record.id).farm.id
            farm.fault("GET", THE_JOB, status=200, body=said)
            worker.idle(worker.send(protocol.Start(record.id)))
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED


def test_a_wrong_answer_that_says_rendering_does_not_leave_the_job_unrendered(tmp_path):
    with running_farm(renderer="pattern") as farm:
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Start(record.id, Stage.VALIDATING)))
            said = {"id": Store(tmp_path).load(record.id).farm.id, "status": "rendering"}
            farm.fault("GET", THE_JOB, status=200, body=said, times=2)
            worker.idle(worker.send(protocol.Start(record.id)))
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert farm.renders() == 1


@pytest.mark.parametrize("status", [400, 404, 409, 418])
def test_a_refusal_of_a_render_that_has_begun_is_found_out(tmp_path, status):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/render$", status=status, after=True)
        done = run(tmp_path, farm)
        assert done.stage == Stage.FINISHED, done.error
        assert farm.renders() == 1


def test_addresses_that_are_revoked_while_frames_come_are_asked_for_again(tmp_path):
    """A key of the storage is replaced, so URLs that were valid for an hour become invalid."""
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", server="storage", skip=1, delay=2, times=4)
        record = ready_job(tmp_path, frames=30)
        with working(tmp_path, farm, time_scale=1.0) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: "GET" in [e["method"] for e in storage_log(farm)])
            farm.revoke_addresses()
            worker.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.FINISHED, done.error
        assert 403 in [e["status"] for e in storage_log(farm)]
        assert len(done.files) == 30


def test_an_upload_address_that_is_revoked_is_asked_for_again(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("POST", ".*/uploads$", delay=0.5)
        farm.fault("PUT", server="storage", delay=1.0)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=1.0) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: any("/uploads" in e["path"] for e in farm.log(kind="request")))
            farm.revoke_addresses()
            worker.idle(number)
        assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
        assert [e["status"] for e in storage_log(farm)][:2] == [403, 200]


def test_a_job_whose_files_the_farm_has_deleted_says_so(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.settings(deleted_for_client=True)
        done = run(tmp_path, farm)
        assert done.stage == Stage.INCOMPLETE
        assert done.missing == [1, 2, 3]
        assert done.error is not None
        assert done.error.id == "outputs-deleted"
        assert "The farm has deleted the files" in done.error.message
        assert "1-3" in done.error.message


def test_a_frame_that_others_delete_before_the_end_is_named(tmp_path):
    with running_farm(renderer="pattern") as farm:
        record = run(tmp_path, farm)  # then repeat its download, so that no frame comes earlier
        folder = Path(record.output)
        record.stage, record.files = Stage.DOWNLOADING, {}
        Store(tmp_path).save(record)
        for frame in folder.glob("*.png"):
            frame.unlink()
        farm.fault("GET", server="storage", skip=2, delay=60)
        with working(tmp_path, farm) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: worker.snapshot(record.id).live.done == 2)
            gone = next(folder.glob("*.png"))
            gone.unlink()
            farm.no_faults()
            worker.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage == Stage.INCOMPLETE
        assert done.missing == [int(gone.stem[-4:])]
        assert done.error is not None
        assert f"{gone.name} did not come" in done.error.message


# ---- `completed`, and changes after it --------------------------------------------------------


NOTHING_LISTED = {"frames": [], "compositeNodes": [], "transforms": {}}
PAGE = {"page": 1, "pageSize": 100, "total": 1, "totalPages": 1}


def test_one_stray_completed_is_not_the_end(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=1)
        record = ready_job(tmp_path)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            number = worker.send(protocol.Start(record.id))
            worker.wait(lambda: worker.snapshot(record.id).status == "rendering")
            said = {"id": worker.snapshot(record.id).farm_id, "status": "completed"}
            farm.fault("GET", THE_JOB, status=200, body=said)
            farm.fault("GET", ".*/jobs$", status=200, body={"jobs": [said], "pagination": PAGE})
            worker.idle(number)
        done = Store(tmp_path).load(record.id)
        assert done.stage is Stage.FINISHED
        assert [stage for stage, _ in done.history].count(Stage.DOWNLOADING) == 1


def test_frames_that_are_listed_late_come_home(tmp_path):
    """Later than the eight seconds for which an older version read an incomplete listing again."""
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", LISTED, status=200, times=9, body=NOTHING_LISTED)
        done = run(tmp_path, farm)
        assert (done.stage, len(done.files)) == (Stage.FINISHED, 3)


def test_frames_that_are_listed_after_the_job_was_given_up_come_at_the_next_start(tmp_path):
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", LISTED, status=200, times=10_000, body=NOTHING_LISTED)
        gone = run(tmp_path, farm)
        assert (gone.stage, gone.late, gone.missing) == (Stage.INCOMPLETE, True, [1, 2, 3])
        history = list(gone.history)
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Resume()))
        assert Store(tmp_path).load(gone.id).history == history, "nothing new, nothing written"
        farm.no_faults()
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Resume()))
        done = Store(tmp_path).load(gone.id)
        assert (done.stage, done.late, len(done.files)) == (Stage.FINISHED, False, 3)
        assert farm.renders() == 1


def test_frames_that_were_moved_away_are_not_fetched_by_the_next_start(tmp_path):
    """The next start checks the job again only for a frame that the farm did not list."""
    with running_farm(renderer="pattern") as farm:
        done = run(tmp_path, farm)
        done.stage, done.late, done.frames = Stage.INCOMPLETE, True, [[1, 4]]
        Store(tmp_path).save(done)
        for name in done.files:
            (Path(done.output) / name).unlink()
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Resume()))
    assert not list(Path(done.output).glob("[!.]*"))
    assert Store(tmp_path).load(done.id).stage is Stage.INCOMPLETE


# ---- one file that fails ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 500, 503])
def test_one_file_that_the_storage_never_gives_is_named_and_tried_again_by_download(
    tmp_path, status
):
    with running_farm(renderer="pattern") as farm:
        farm.fault("GET", ".*pattern_0002", server="storage", status=status, times=10_000)
        done = run(tmp_path, farm, 4)
        assert (done.stage, done.missing) == (Stage.INCOMPLETE, [2])
        assert "pattern_0002.png: Could not download a file" in done.error.message
        assert len(done.files) == 3
        farm.no_faults()
        with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
            worker.idle(worker.send(protocol.Download(done.id)))
        assert Store(tmp_path).load(done.id).stage is Stage.FINISHED


def test_a_file_output_node_that_brings_nothing_is_named(tmp_path):
    names = [["", "", "pattern_", ""], ["", "", "depth_", "", "Mist"]]
    with running_farm(renderer="pattern") as farm:
        done = run(tmp_path, farm, 2, output_names=names)
    assert (done.stage, done.missing) == (Stage.INCOMPLETE, [])
    assert "File Output nodes lack files: Mist." in done.error.message
    assert len(done.files) == 2
