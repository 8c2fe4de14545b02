"""Complete jobs with a real worker process and the local farm, over HTTP."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from renderjuice.jobs import protocol, worker_events
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.session import worker_process

from tests.file_formats import pillow
from tests.worker import ready_job, working


def finish(state: Path, farm, record, time_scale: float = 1.0) -> rec.Record:
    """Let a worker run the job to its end, and return the record afterwards."""
    with working(state, farm, time_scale=time_scale) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    return Store(state).load(record.id)


def assert_complete(record: rec.Record, count: int) -> None:
    """Check that all frames are in the folder and readable, and that it has no other files."""
    folder = Path(record.output)
    assert sorted(p.name for p in folder.glob("[!.]*")) == sorted(record.files)
    assert len(record.files) == count
    for name in record.files:
        Image.open(folder / name).load()
    assert record.missing == []


def test_a_job_goes_all_the_way_and_brings_every_frame(tmp_path, farm):
    record = ready_job(tmp_path, 3)
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
        stages = worker.stages(record.id)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FINISHED
    assert stages[-1] == Stage.FINISHED
    assert_complete(done, 3)
    assert farm.renders(done.farm.id) == 1
    assert not Path(done.scratch).exists(), "the package is removed once the farm has it"


@pytest.mark.parametrize(
    "stage", [Stage.UPLOADING, Stage.VALIDATING, Stage.RENDERING, Stage.DOWNLOADING]
)
def test_a_killed_worker_is_followed_by_one_that_ends_the_job_with_one_render(
    tmp_path, farm, stage
):
    farm.settings(delay=0.3, seconds_per_frame=0.1)
    slow = {Stage.UPLOADING: ("PUT", "storage"), Stage.DOWNLOADING: ("GET", "storage")}
    if stage in slow:
        method, server = slow[stage]
        farm.fault(method, server=server, delay=2.0, times=1)
    record = ready_job(tmp_path, 5)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == stage)
        time.sleep(0.2)
        worker.kill()
    farm.no_faults()
    assert not Store(tmp_path).load(record.id).ended
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Resume()))
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FINISHED
    assert_complete(done, 5)
    assert farm.renders(done.farm.id) == 1
    assert sum(job["id"] == done.farm.id for job in farm.jobs()) == 1


@pytest.mark.parametrize("call", ["/render", "/validate"])
def test_a_lost_answer_does_not_start_a_second_render(tmp_path, farm, call):
    farm.fault("POST", f".*{call}$", status=502, after=True)
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FINISHED
    assert farm.renders(done.farm.id) == 1
    asked = [e["path"] for e in farm.log(kind="request") if e["method"] == "POST"]
    assert sum(path.endswith(f"{done.farm.id}{call}") for path in asked) == 1


def test_a_lost_answer_to_create_leaves_at_most_an_unrendered_job(tmp_path, farm):
    before = len(farm.jobs())
    renders = farm.renders()
    farm.fault("POST", ".*/jobs$", status=502, after=True)
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FINISHED
    assert len(farm.jobs()) - before == 2
    assert farm.renders() - renders == 1


def test_an_expired_upload_address_is_replaced(tmp_path, farm):
    farm.fault("PUT", server="storage", status=403, body="<Error><Code>AccessDenied</Code></Error>")
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FINISHED
    assert_complete(done, 3)


def test_an_expired_download_address_is_replaced(tmp_path, farm):
    farm.fault("GET", server="storage", status=403, times=2)
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FINISHED
    assert_complete(done, 3)


def test_a_refused_key_waits_and_says_so_until_there_is_a_better_one(tmp_path, farm):
    record = ready_job(tmp_path)
    with working(tmp_path, farm, key="RJ-WRONG") as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).waiting)
        shown = worker.snapshot(record.id)
        assert shown.stage == Stage.UPLOADING
        assert shown.error.id == "refused-key"
        assert "key" in shown.error.message
        worker.idle(worker.send(protocol.UseKey(farm.key)))
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED


def test_no_network_waits_and_says_so(tmp_path):
    class Nowhere:
        api_url, key = "http://127.0.0.1:9/api/external/v1", "RJ-LOCAL"

    record = ready_job(tmp_path)
    with working(tmp_path, Nowhere) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).waiting)
        assert worker.snapshot(record.id).error.id == "network"
    assert Store(tmp_path).load(record.id).stage == Stage.UPLOADING


def test_a_job_that_fails_leaves_no_package_behind(tmp_path, farm):
    farm.fault("POST", ".*/jobs$", status=400, body={"error": {"message": "bad slug"}})
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FAILED
    assert "bad slug" in done.error.message
    assert not Path(done.scratch).exists()


def test_no_package_stays_when_it_is_uploaded_and_its_job_has_begun(tmp_path, farm):
    farm.settings(seconds_per_frame=60)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).status == "rendering")
        assert not Path(record.scratch).exists()


def test_a_job_that_is_canceled_leaves_no_package_behind(tmp_path, farm):
    farm.fault("POST", ".*/uploads$", status=500, times=1000)
    record = ready_job(tmp_path)
    assert Path(record.scratch).exists()
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).waiting)
        worker.idle(worker.send(protocol.Cancel(record.id)))
    assert Store(tmp_path).load(record.id).stage == Stage.CANCELED
    assert not Path(record.scratch).exists()


def test_a_render_that_the_farm_fails_ends_with_its_reason(tmp_path, farm):
    farm.settings(delay=1.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        number = worker.send(protocol.Start(record.id))
        farm_id = worker.wait(lambda: worker.snapshot(record.id).farm_id)
        farm.set_status(farm_id, "failed", name="The scene has no camera", type="NO_CAMERA")
        worker.idle(number)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FAILED
    assert done.error is not None
    assert done.error.id == "farm-failed"
    assert "no camera" in done.error.message


def test_a_job_that_fails_before_it_is_validated_says_why(tmp_path, farm):
    """The error is the farm's message about the failure, not the refused call that follows it."""
    farm.fault("POST", ".*/validate$", delay=1.5)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        number = worker.send(protocol.Start(record.id))
        farm_id = worker.wait(lambda: worker.snapshot(record.id).farm_id)
        time.sleep(0.5)
        farm.set_status(farm_id, "failed", name="The scene has no camera", type="NO_CAMERA")
        worker.idle(number)
    done = Store(tmp_path).load(record.id)
    assert done.error is not None
    assert "no camera" in done.error.message


def test_a_status_that_nobody_knows_is_waited_through_and_the_render_still_starts(tmp_path, farm):
    farm.settings(delay=60.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        number = worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).status == "validating")
        farm_id = worker.snapshot(record.id).farm_id
        farm.set_status(farm_id, "pondering")
        worker.wait(lambda: worker.snapshot(record.id).status == "pondering")
        assert worker.snapshot(record.id).stage == Stage.VALIDATING
        farm.settings(delay=0.0)
        farm.set_status(farm_id, "validated")
        worker.idle(number)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FINISHED
    assert farm.renders(farm_id) == 1


def test_a_job_canceled_on_the_farm_says_that_it_was_the_farm(tmp_path, farm):
    farm.settings(seconds_per_frame=2.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        number = worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == Stage.RENDERING)
        farm.set_status(worker.snapshot(record.id).farm_id, "canceled")
        worker.idle(number)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.CANCELED
    assert done.error is not None
    assert done.error.id == "farm-canceled"


def test_cancel_reaches_the_farm_and_ends_the_job(tmp_path, farm):
    farm.settings(seconds_per_frame=5.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == Stage.RENDERING)
        worker.idle(worker.send(protocol.Cancel(record.id)), seconds=10)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.CANCELED
    assert done.farm.status == "canceled"
    assert next(j for j in farm.jobs() if j["id"] == done.farm.id)["status"] == "canceled"


def test_cancel_before_the_farm_has_the_job_leaves_nothing_there(tmp_path, farm):
    before = len(farm.jobs())
    record = ready_job(tmp_path, cancel_requested=True)
    done = finish(tmp_path, farm, record)
    assert done.stage == Stage.CANCELED
    assert len(farm.jobs()) == before


@pytest.mark.parametrize("status", [400, 422])
def test_a_setting_that_the_farm_refuses_is_left_out_once_and_said(tmp_path, farm, status):
    words = {"message": "denoiserType: not supported"}
    farm.fault("POST", ".*/render$", status=status, body=words)
    record = ready_job(tmp_path)
    record.config |= {"denoiserType": "OPENIMAGEDENOISE", "sampleCount": 4}
    Store(tmp_path).save(record)
    done = finish(tmp_path, farm, record)
    assert done.stage == Stage.FINISHED
    assert "denoiserType" not in done.config
    assert done.config["sampleCount"] == 4
    assert any("denoiserType: not supported" in note for note in done.notes)
    assert farm.renders(done.farm.id) == 1


def asked(farm, done) -> int:
    """The number of render requests for a job."""
    paths = [e["path"] for e in farm.log(kind="request") if e["method"] == "POST"]
    return sum(path.endswith(f"{done.farm.id}/render") for path in paths)


@pytest.mark.parametrize("status", [400, 422])
def test_a_farm_that_refuses_what_is_documented_is_asked_with_colour_management_alone(
    tmp_path, farm, status
):
    """The uploaded scene also defines the frames: the pattern renderer renders its ten."""
    farm.fault("POST", ".*/render$", status=status, times=2, body={"message": "sampleCount: no"})
    record = ready_job(tmp_path, 10, output_names=[["", "", "pattern_", ""]])
    record.config |= {"denoiserType": "OPENIMAGEDENOISE", "sampleCount": 4}
    Store(tmp_path).save(record)
    done = finish(tmp_path, farm, record)
    assert done.stage == Stage.FINISHED
    assert done.config == {"colorManagementPreset": "default"}
    assert [note.rpartition("with the ")[2] for note in done.notes] == [
        "documented settings only; the others stand in the uploaded scene.",
        "colour management only; all else stands in the uploaded scene.",
    ]
    assert (asked(farm, done), farm.renders(done.farm.id)) == (3, 1)
    assert_complete(done, 10)


@pytest.mark.parametrize("frames", [[[1, 3], [5, 5]], [[1, 1], [4, 4], [9, 9]]])
def test_frames_that_the_uploaded_scene_cannot_say_are_not_left_out(tmp_path, farm, frames):
    farm.fault("POST", ".*/render$", status=422, times=9, body={"message": "frameRanges: no"})
    record = ready_job(tmp_path)
    record.frames = frames
    Store(tmp_path).save(record)
    done = finish(tmp_path, farm, record)
    assert done.stage == Stage.FAILED
    assert asked(farm, done) == 1
    assert farm.renders(done.farm.id) == 0


def test_a_farm_that_refuses_everything_is_asked_three_times(tmp_path, farm):
    farm.fault("POST", ".*/render$", status=400, times=9, body={"message": "no"})
    record = ready_job(tmp_path)
    record.frames = [[1, 1], [3, 3], [5, 5]]
    record.config |= {"denoiserType": "OPENIMAGEDENOISE"}
    Store(tmp_path).save(record)
    done = finish(tmp_path, farm, record)
    assert (done.stage, asked(farm, done), len(done.notes)) == (Stage.FAILED, 3, 2)


def test_frames_that_the_farm_does_not_list_are_named(tmp_path, farm):
    record = ready_job(tmp_path, 3)
    record.frames = [[1, 5]]
    Store(tmp_path).save(record)
    done = finish(tmp_path, farm, record, time_scale=0.02)
    assert done.stage == Stage.INCOMPLETE
    assert done.missing == [4, 5]
    assert done.error is not None
    assert "4-5" in done.error.message
    assert len(done.files) == 3


def test_a_frame_that_the_storage_lost_is_named_and_the_others_come(tmp_path, farm):
    farm.fault("GET", ".*pattern_0002", server="storage", status=404, times=100)
    done = finish(tmp_path, farm, ready_job(tmp_path), time_scale=0.03)
    assert done.stage == Stage.INCOMPLETE
    assert len(done.files) == 2
    assert done.missing is not None
    assert len(done.missing) == 1
    assert str(done.missing[0]) in done.error.message


def test_frames_listed_early_come_home_while_the_farm_renders(tmp_path, farm):
    farm.settings(list_outputs_early=True, seconds_per_frame=1.5)
    record = ready_job(tmp_path, 4)
    with working(tmp_path, farm) as worker:
        number = worker.send(protocol.Start(record.id))
        worker.wait(
            lambda: (
                worker.snapshot(record.id).stage == Stage.RENDERING
                and worker.snapshot(record.id).frames.downloaded > 0
            )
        )
        worker.idle(number)
    assert_complete(Store(tmp_path).load(record.id), 4)


def test_a_frame_that_arrives_broken_is_fetched_again(tmp_path, farm):
    farm.fault("GET", server="storage", status=200, body="not a picture")
    done = finish(tmp_path, farm, ready_job(tmp_path))
    assert done.stage == Stage.FINISHED
    assert_complete(done, 3)


def test_two_workers_do_not_run_one_job_twice(tmp_path, farm):
    before = len(farm.log("request"))
    farm.settings(seconds_per_frame=0.3)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as first, working(tmp_path, farm) as second:
        number = first.send(protocol.Start(record.id))
        first.wait(lambda: first.snapshot(record.id).stage == Stage.RENDERING)
        other = second.send(protocol.Resume())
        second.wait(lambda: second.snapshot(record.id).elsewhere)
        first.idle(number)
        second.idle(other)
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FINISHED
    assert farm.renders(done.farm.id) == 1
    stored = [one for one in farm.log("request")[before:] if one["server"] == "storage"]
    assert len(stored) == 4, "the package and three frames, each once"


def test_a_record_from_another_place_is_not_run_until_it_is_claimed(tmp_path, farm):
    record = ready_job(tmp_path, origin="elsewhere:/home/anna/jobs")
    renders = farm.renders()
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Resume()))
        assert Store(tmp_path).load(record.id).stage == Stage.UPLOADING
        worker.idle(worker.send(protocol.Claim(record.id)))
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert farm.renders() - renders == 1


def test_a_damaged_record_is_said_and_does_not_hold_up_the_others(tmp_path, farm):
    damaged = ready_job(tmp_path)
    path = tmp_path / "jobs" / f"{damaged.id}.json"
    path.write_text(path.read_text(encoding="utf-8")[:100], encoding="utf-8")
    sound = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Resume()))
        (said,) = worker.all(worker_events.Damaged)
        assert damaged.id in said.texts[0]
    assert Store(tmp_path).load(sound.id).stage == Stage.FINISHED


@pytest.mark.parametrize(
    "spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-100])]
)
def test_download_brings_back_what_others_have_spoiled_here(tmp_path, farm, spoil):
    """Tested with a deleted frame and with a truncated one."""
    done = finish(tmp_path, farm, ready_job(tmp_path))
    lost = Path(done.output) / sorted(done.files)[1]
    spoil(lost)
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Download(done.id)))
    assert lost.is_file()
    assert_complete(Store(tmp_path).load(done.id), 3)
    assert farm.renders(done.farm.id) == 1


RETOUCHED = pillow("PNG")


@pytest.mark.parametrize("how", ["all is here", "another is gone", "the farm rendered it again"])
def test_a_frame_that_the_artist_has_changed_is_kept(tmp_path, farm, how):
    done = finish(tmp_path, farm, ready_job(tmp_path))
    changed, other, *_ = (Path(done.output) / name for name in sorted(done.files))
    changed.write_bytes(RETOUCHED)
    if how == "another is gone":
        other.unlink()
    if how == "the farm rendered it again":
        done.validators[changed.name] = "another"
        Store(tmp_path).save(done)
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Download(done.id)))
    after = Store(tmp_path).load(done.id)
    assert changed.read_bytes() == RETOUCHED
    assert other.is_file()
    assert (after.stage, after.missing) == (Stage.FINISHED, [])
    assert f"{changed.name} was changed here and is kept." in after.notes


def test_another_folder_keeps_the_files_that_it_has(tmp_path, farm):
    """The job wrote its files to the first folder, and *replace* applies to that folder only."""
    done = finish(tmp_path, farm, ready_job(tmp_path, overwrite=True))
    first, *others = sorted(done.files)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / first).write_bytes(b"a photograph")
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Download(done.id, str(elsewhere))))
    after = Store(tmp_path).load(done.id)
    assert (elsewhere / first).read_bytes() == b"a photograph"
    assert (after.stage, sorted(after.files)) == (Stage.INCOMPLETE, others)
    assert first in after.error.message
    assert all((Path(done.output) / name).is_file() for name in done.files), "and what it had"


def test_a_project_that_is_renamed_is_not_made_again(tmp_path, farm):
    """Its frames wait on the farm, until it is back or the new place is named."""
    project, moved = tmp_path / "project", tmp_path / "moved"
    output = project / "renderjuice" / "shot"
    output.mkdir(parents=True)
    record = ready_job(tmp_path, output=str(output), blend=str(project / "shot.blend"))
    project.rename(moved)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        waiting = worker.wait(lambda: (job := worker.snapshot(record.id)).error and job)
        assert waiting.error.id == "project-gone"
        assert str(project) in waiting.error.message
        assert not project.exists()
    with working(tmp_path, farm) as worker:
        there = moved / "renderjuice" / "shot"
        worker.idle(worker.send(protocol.Download(record.id, str(there))))
    assert not project.exists()
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert len(list(there.glob("*.png"))) == 3


@pytest.mark.posix("Windows has no /proc")
def test_the_key_stands_in_no_file_and_not_in_the_environment_of_the_worker(
    tmp_path, farm, monkeypatch
):
    monkeypatch.setenv("RENDERJUICE_API_KEY", farm.key)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        environment = Path(f"/proc/{worker.link.pid}/environ").read_bytes()
        arguments = Path(f"/proc/{worker.link.pid}/cmdline").read_bytes()
        worker.idle(worker.send(protocol.Start(record.id)))
    assert farm.key.encode() not in environment + arguments
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert farm.key.encode() not in path.read_bytes(), path


def test_an_api_address_that_cannot_be_used_is_said(tmp_path):
    class Plain:
        api_url, key = "http://farm.example/api/external/v1", "RJ-LOCAL"

    with working(tmp_path, Plain) as worker:
        (said,) = worker.wait(lambda: worker.all(worker_events.Unusable))
    assert "https" in said.text


def test_a_long_log_is_put_away(tmp_path, farm):
    (tmp_path / "worker.log").write_bytes(b"x" * 2_000_000)
    with working(tmp_path, farm) as worker:
        worker.reply(worker.send(protocol.TestKey(farm.key)))
    assert (tmp_path / "worker.log").stat().st_size < 100_000
    if os.name != "nt":
        assert (tmp_path / "worker.log").stat().st_mode & 0o077 == 0
    assert (tmp_path / "worker.old.log").stat().st_size == 2_000_000


@pytest.mark.posix("os.kill sends no signal 0 on Windows")
def test_nothing_of_the_worker_is_left_after_its_end(tmp_path, farm):
    farm.settings(seconds_per_frame=600.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == Stage.RENDERING)
        pid = worker.link.pid
        begun = time.monotonic()
    assert time.monotonic() - begun < 100
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not list((tmp_path / "jobs").glob("*.lock"))
    assert (
        json.loads((tmp_path / "jobs" / f"{record.id}.json").read_text(encoding="utf-8"))["stage"]
        == "rendering"
    )


@pytest.mark.parametrize("said", [b"", b'{"site_packages": "", "sta'])
def test_blender_that_ends_before_it_has_spoken_is_no_error(said: bytes):
    worker = worker_process.WORKER
    ended = subprocess.run(
        [sys.executable, "-I", worker], check=False, input=said, capture_output=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_a_file_that_was_there_before_is_not_replaced(tmp_path, farm):
    record = ready_job(tmp_path)
    folder = Path(record.output)
    with working(tmp_path, farm, time_scale=0.03) as worker:
        first = ready_job(tmp_path, output=str(tmp_path / "look at names"))
        worker.idle(worker.send(protocol.Start(first.id)))
        (name, *_) = sorted(Store(tmp_path).load(first.id).files)
        folder.mkdir()
        (folder / name).write_bytes(b"a photograph")
        worker.idle(worker.send(protocol.Start(record.id)))
    done = Store(tmp_path).load(record.id)
    assert (folder / name).read_bytes() == b"a photograph"
    assert done.stage == "incomplete"
    assert done.error and name in done.error.message
    assert len(done.files) == 2, "the others came"


def test_a_file_that_was_there_before_is_replaced_where_the_artist_said_so(tmp_path, farm):
    record = ready_job(tmp_path, overwrite=True)
    with working(tmp_path, farm, time_scale=0.03) as worker:
        first = ready_job(tmp_path, output=str(tmp_path / "look at names"))
        worker.idle(worker.send(protocol.Start(first.id)))
        (name, *_) = sorted(Store(tmp_path).load(first.id).files)
        Path(record.output).mkdir()
        (Path(record.output) / name).write_bytes(b"yesterday's frame")
        worker.idle(worker.send(protocol.Start(record.id)))
    assert Store(tmp_path).load(record.id).stage == "finished"
    assert (Path(record.output) / name).read_bytes() != b"yesterday's frame"


def test_two_state_folders_with_one_output_folder_do_not_mix_their_frames(tmp_path, farm):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    output = str(tmp_path / "frames")
    records = [ready_job(state, output=output) for state in (ours, theirs)]
    with (
        working(ours, farm, time_scale=0.03) as one,
        working(theirs, farm, time_scale=0.03) as other,
    ):
        one.send(protocol.Start(records[0].id))
        other.send(protocol.Start(records[1].id))
        states = [
            one.wait(lambda: one.snapshot(records[0].id).stage in ENDS or held(one)),
            other.wait(lambda: other.snapshot(records[1].id).stage in ENDS or held(other)),
        ]
    loaded = [Store(s).load(r.id) for s, r in zip((ours, theirs), records, strict=True)]
    finished = [record for record in loaded if record.stage == "finished"]
    (waiting,) = [record for record in loaded if record.stage != "finished"]
    assert states and len(finished) == 1
    assert waiting.error and waiting.error.id == "folder-claimed"
    assert not waiting.files


ENDS = ("finished", "incomplete", "failed")


def held(worker):
    jobs = [job for event in worker.all(protocol.Jobs) for job in event.jobs]
    return any(job.waiting and job.error and job.error.id == "folder-claimed" for job in jobs)
