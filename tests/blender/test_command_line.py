"""The contracts of the command line, run from a checkout: JSON documents, exit codes, messages."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.processes import processes

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
CHECK = {"id", "level", "message", "datablock", "path"}
JOB = {
    *("id", "farmId", "title", "stage", "status", "waiting", "progress", "error", "config"),
    *("frames", "output", "createdAt", "updatedAt"),
}
ERROR = {"id", "message", "hint"}


@pytest.fixture(scope="module")
def blend(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 3")


def test_config_is_what_would_be_sent(user, blend):
    done = user.run(blend, "config", "--set", "sampleCount=7", "--frames", "1-2, 9")
    assert done.code == 0, done.stderr
    assert set(done.document) == {"schema", "config"}
    assert done.document["schema"] == 1
    assert done.document["config"]["sampleCount"] == 7
    assert done.document["config"]["frameRanges"] == ["1-2", "9"]


@pytest.mark.parametrize("text", ["-3-1", "-3--1", "-2, 4", "-3"])
def test_frames_before_zero_are_frames_and_no_option(user, blend, text):
    one, other = (
        user.run(blend, "config", *frames) for frames in (("--frames", text), (f"--frames={text}",))
    )
    assert one.code == other.code == 2
    assert one.document == other.document
    assert one.document["error"]["id"] == "negative-frames", "and not what a parser says"


def test_check_without_faults_is_zero_and_with_one_is_three(user, blend, tmp_path):
    done = user.run(blend, "check")
    assert (done.code, done.document["checks"]) == (0, [])
    assert "Nothing stands in the way.\nFiles to send: 2, " in done.stderr
    broken = make(tmp_path / "broken", "scene.camera = None")
    (broken.parent / "textures" / "grid.png").unlink()
    done = user.run(broken, "check")
    assert done.code == 3
    assert "Nothing stands" not in done.stderr
    checks = {check["id"]: check for check in done.document["checks"]}
    assert set(checks) == {"no-camera", "missing-file"}
    assert all(set(check) == CHECK for check in checks.values())
    assert checks["missing-file"]["path"].endswith("grid.png")
    assert checks["missing-file"]["datablock"] == "grid.png"


def test_a_missing_file_is_said_before_anything_is_uploaded(user, farm, tmp_path):
    blend = make(tmp_path / "broken", "scene.frame_end = 1")
    (blend.parent / "textures" / "grid.png").unlink()
    before = len(farm.log())
    done = user.run(blend, "submit", "--wait")
    assert done.code == 3
    assert done.document["job"]["stage"] == "failed"
    assert done.document["error"]["id"] == "missing-file"
    assert "grid.png" in done.stderr
    assert len(farm.log()) == before, "the farm has heard nothing"


def test_pack_writes_the_package_and_lists_it(user, blend, tmp_path):
    done = user.run(blend, "pack", "--output", str(tmp_path / "p.zip"))
    assert done.code == 0, done.stderr
    document = done.document
    assert set(document) == {"schema", "package", "kind", "bytes", "files", "missing", "trimmed"}
    assert document["kind"] == "zip"
    assert Path(document["package"]).stat().st_size == document["bytes"]
    assert {Path(f["path"]).name for f in document["files"]} == {"shot.blend", "grid.png"}
    assert all(set(f) == {"path", "source", "bytes"} for f in document["files"])


def test_a_dry_run_sends_nothing_and_shows_all(user, farm, blend):
    before = len(farm.log())
    done = user.run(blend, "submit", "--dry-run")
    assert done.code == 0, done.stderr
    assert set(done.document) == {"schema", "config", "checks", "package"}
    assert set(done.document["package"]) == {"kind", "bytes", "files", "missing", "trimmed"}
    assert {Path(line).name for line in done.stdout.splitlines()} >= {"shot.blend", "grid.png"}
    assert "Files to send: 2, " in done.stderr
    assert len(farm.log()) == before
    assert not list(user.resources.rglob("jobs/*.json"))


def test_submit_returns_once_the_render_is_started_and_download_ends_it(user, farm, blend):
    farm.settings(seconds_per_frame=1.0)
    done = user.run(blend, "submit")
    assert done.code == 0, done.stderr
    job = done.document["job"]
    assert set(job) >= JOB
    assert job["stage"] == "rendering"
    assert farm.renders(job["farmId"]) == 1

    status = user.run(blend, "status", job["id"][:6]).document["job"]
    assert status["farmId"] == job["farmId"]
    listed = user.run(blend, "jobs").document["jobs"]
    assert [one["id"] for one in listed] == [job["id"]]

    waited = user.run(blend, "wait", job["farmId"])
    assert waited.code == 0, waited.stderr
    assert waited.document["job"]["status"] == "completed"
    assert waited.document["job"]["frames"]["downloaded"] == []

    brought = user.run(blend, "download", job["id"], "--output", str(user.resources / "frames"))
    assert brought.code == 0, brought.stderr
    frames = brought.document["job"]["frames"]
    assert frames["missing"] == []
    assert sorted(frames["downloaded"]) == names(user.resources / "frames")
    assert farm.renders(job["farmId"]) == 1


def test_a_farm_id_that_is_not_in_the_store_is_adopted(user, farm, blend, tmp_path):
    first = user.run(blend, "submit", "--wait")
    assert first.code == 0, first.stderr
    other = type(user)(tmp_path / "other", farm=farm)
    done = other.run(
        blend, "download", first.document["job"]["farmId"], "--output", str(tmp_path / "frames")
    )
    assert done.code == 0, done.stderr
    assert done.document["job"]["frames"]["expected"] is None
    assert count(tmp_path / "frames") == 3


def test_cancel_ends_the_job_on_the_farm(user, farm, blend):
    farm.settings(seconds_per_frame=20.0)
    job = user.run(blend, "submit").document["job"]
    empty = user.run(blend, "cancel", "")  # an empty variable in the caller's script
    assert (empty.code, empty.document["error"]["id"]) == (2, "no-job")
    done = user.run(blend, "cancel", job["id"])
    assert done.code == 0, done.stderr
    assert done.document["job"]["stage"] == "canceled"
    assert next(j for j in farm.jobs() if j["id"] == job["farmId"])["status"] == "canceled"
    assert user.run(blend, "wait", job["id"]).code == 1


def test_wait_ends_after_its_time(user, farm, blend):
    farm.settings(seconds_per_frame=600.0)
    job = user.run(blend, "submit").document["job"]
    begun = time.monotonic()
    done = user.run(blend, "wait", job["id"], "--timeout", "2")
    assert time.monotonic() - begun < 60
    assert done.code == 4
    assert done.document["error"]["id"] == "wait-timeout"
    assert done.document["job"]["stage"] == "rendering"
    user.run(blend, "cancel", job["id"])
    ended = user.run(None, "wait", job["id"], "--timeout", "0")
    assert ended.code == 1, "it is canceled, however short the time was"
    assert "error" not in ended.document


def test_a_failed_job_is_one_and_says_the_reason(user, farm, blend):
    farm.settings(seconds_per_frame=20.0)
    job = user.run(blend, "submit").document["job"]
    farm.set_status(job["farmId"], "failed", name="GPU fell off the bus", type="HARDWARE")
    done = user.run(blend, "wait", job["id"])
    assert done.code == 1
    assert "GPU fell off the bus" in done.stderr
    assert set(done.document["error"]) == ERROR


def test_a_wrong_key_is_four_and_names_the_key(user, blend):
    user.environment["RENDERJUICE_API_KEY"] = "RJ-WRONG"
    done = user.run(blend, "submit", "--wait")
    assert done.code == 4
    assert done.document["error"]["id"] == "refused-key"
    assert done.document["job"]["waiting"] is True
    assert "RJ-WRONG" not in done.stdout + done.stderr + json.dumps(done.document)
    assert "`connect`" in done.stderr and "preferences" not in done.document["error"]["hint"]
    assert farm_resumes(user, blend)


def farm_resumes(user, blend) -> bool:
    """Whether `resume` finishes the job once the right key is set."""
    del user.environment["RENDERJUICE_API_KEY"]
    done = user.run(blend, "resume")
    return done.code == 0 and [j["stage"] for j in done.document["jobs"]] == ["finished"]


def test_no_key_is_a_check(user, blend):
    user.environment["RENDERJUICE_API_KEY"] = ""
    done = user.run(blend, "submit")
    assert done.code == 3
    assert done.document["error"]["id"] == "no-key"
    assert "`connect`" in done.document["error"]["hint"]
    assert set(done.document["checks"][0]) == CHECK


def test_connect_stores_only_a_key_that_the_farm_takes(user, farm, blend):
    user.environment["RENDERJUICE_API_KEY"] = ""
    done = user.run(blend, "connect", stdin="RJ-WRONG\n")
    assert done.code == 4
    assert done.document["error"]["id"] == "refused-key"
    assert not list(user.resources.rglob("renderjuice/key"))
    done = user.run(blend, "connect", stdin=f"{farm.key}\n")
    assert done.code == 0, done.stderr
    (stored,) = user.resources.rglob("renderjuice/key")
    assert stored.stat().st_mode & 0o777 == 0o600
    assert user.run(blend, "submit").code == 0


def test_offline_says_which_switch(user, blend):
    done = user.run(blend, "submit", before=("--offline-mode",))
    assert done.code == 3
    assert "offline" in done.document["error"]["id"]
    assert "--online-mode" in done.stderr
    done = user.run(blend, "resume", before=("--offline-mode",))
    assert done.code == 0, "there is nothing to go on with, so nothing needs the network"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("submit", "--set", "samples=4"), "Did you mean sampleCount? See: blender -b --command"),
        (("submit", "--set", "sampleCount=many"), "sampleCount"),
        (("submit", "--frames", "1-x"), "character 3"),
        (("config", "--scene", "Nowhere"), "Nowhere"),
        (("status", "nothing"), "nothing"),
        (("fly",), "fly"),
        (("wait", "nothing", "--patience", "long"), "'long' is not a finite number from 0 on"),
        (("download", 5000 * "j", "--output", 5000 * "x"), "The path of --output is too long"),
        (("wait", "nothing", "--timeout", "inf"), "'inf' is not a finite number from 0 on"),
    ],
)
def test_wrong_usage_is_two_and_names_the_mistake(user, blend, arguments, words):
    done = user.run(blend, *arguments)
    assert done.code == 2
    assert words in done.stderr
    assert ".." not in done.stderr, "an ellipsis or two points"
    assert "pip" not in done.stderr
    assert "Traceback" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 500


def test_a_file_that_does_not_exist_is_wrong_usage(user, tmp_path):
    done = user.run(tmp_path / "nothing.blend", "config")
    assert done.code == 2
    assert "nothing.blend" in done.stderr


def test_frames_that_are_there_are_not_overwritten_unasked(user, blend, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    (folder / "pattern_0001.png").write_bytes(b"mine")
    done = user.run(blend, "submit", "--wait", "--download", "--output", str(folder))
    assert done.code == 3
    assert done.document["error"]["id"] == "frames-exist"
    assert (folder / "pattern_0001.png").read_bytes() == b"mine"
    done = user.run(blend, "submit", "--wait", "--download", "--overwrite", "--output", str(folder))
    assert done.code == 0, done.stderr
    assert (folder / "pattern_0001.png").read_bytes() != b"mine"


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_sent(user, farm, blend):
    before = len(farm.log())
    done = user.run(blend, "submit", "--wait", "--output", str(blend / "frames"))
    assert done.code == 3
    assert done.document["error"]["id"] == "folder-not-writable"
    assert f"{blend / 'frames'}: Not a directory" in done.stderr
    assert len(farm.log()) == before, "the farm has heard nothing"


def test_a_second_job_of_one_file_gets_a_folder_of_its_own(user, blend):
    outputs = [
        user.run(blend, "submit", "--wait", "--download").document["job"]["output"]
        for _ in range(2)
    ]
    assert outputs[0] != outputs[1]
    assert all(count(folder) == 3 for folder in outputs)


def test_ctrl_c_is_130_and_resume_goes_on(user, farm, blend):
    farm.settings(seconds_per_frame=1.0)
    running = user.start(blend, "submit", "--wait", "--download")
    wait_for(lambda: record(user).get("stage") == "rendering", running)
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=120)
    assert running.returncode == 130, output
    assert "Traceback" not in output
    assert_resumed(user, farm, blend)


@pytest.mark.parametrize("stage", ["packing", "uploading", "rendering", "downloading"])
def test_a_killed_blender_is_followed_by_one_that_ends_the_job(user, farm, blend, stage):
    farm.settings(delay=0.2, seconds_per_frame=0.5)
    if stage == "uploading":
        farm.fault("PUT", server="storage", delay=1.5)
    if stage == "downloading":
        farm.fault("GET", server="storage", delay=1.5)
    running = user.start(blend, "submit", "--wait", "--download")
    wait_for(lambda: record(user).get("stage") == stage, running)
    time.sleep(0.1)
    running.kill()
    running.communicate()
    farm.no_faults()
    time.sleep(2.0)
    assert not left_behind(user), "worker and packer end with their Blender"
    assert_resumed(user, farm, blend)


def assert_resumed(user, farm, blend) -> None:
    done = user.run(blend, "resume")
    assert done.code == 0, done.stderr
    (job,) = done.document["jobs"]
    assert job["stage"] == "finished"
    assert job["frames"]["missing"] == []
    assert count(job["output"]) == 3
    assert farm.renders(job["farmId"]) == 1


def names(folder) -> list[str]:
    return sorted(path.name for path in Path(folder).glob("[!.]*"))


def count(folder) -> int:
    return len(list(Path(folder).glob("[!.]*")))


def record(user) -> dict:
    for path in user.resources.rglob("jobs/*.json"):
        return json.loads(path.read_text(encoding="utf-8"))
    return {}


def wait_for(true, running, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.02)


def left_behind(user) -> list[str]:
    """Command lines of processes that are still running for this user."""
    ours = str(user.resources)
    return [one.command for one in processes() if any(ours in text for text in one.environment)]


def test_a_second_job_of_a_file_is_said_to_cost_until_the_first_has_ended(user, farm, blend):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit", "--frames", "1").document["job"]
    second = user.run(blend, "submit", "--frames", "1", "--dry-run")
    said = [one["message"] for one in second.document["checks"] if one["id"] == "unfinished-job"]
    assert len(said) == 1 and job["title"] in said[0] and "charged for both" in said[0]
    assert "charged for both" in second.stderr
    sent = user.run(blend, "submit", "--frames", "1")
    assert "charged for both" in sent.stderr
    assert user.run(None, "cancel", sent.document["job"]["id"]).code in (0, 1)
    assert user.run(None, "cancel", job["id"]).code in (0, 1)
    third = user.run(blend, "submit", "--frames", "1", "--dry-run")
    assert "unfinished-job" not in {one["id"] for one in third.document["checks"]}
