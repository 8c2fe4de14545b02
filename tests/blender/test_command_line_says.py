"""Each command reports on standard error what it did; `jobs` prints a table on standard output."""

import json
import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 2").parent


@pytest.fixture
def blend(project, tmp_path) -> Path:
    """A file in a folder of its own: the names of jobs depend on what is in it."""
    return shutil.copytree(project, tmp_path / "project") / "shot.blend"


def test_a_job_from_its_submit_to_its_frames(user, farm, blend):
    farm.settings(seconds_per_frame=1.0)
    frames = user.resources / "frames"
    done = user.run(blend, "submit", "--output", str(frames))
    job = done.document["job"]["id"]
    assert re.search(rf"Job {job} \(shot\) is (on the farm|rendered)", done.stderr)
    assert f"Its frames go to {frames}." in done.stderr
    assert f"`download {job}`" in done.stderr

    status = user.run(None, "status", job)
    assert re.match(rf"Job {job} \(shot\) is (on the farm|rendered)", status.stderr)

    waited = user.run(None, "wait", job)
    assert f"Job {job} (shot) is rendered." in waited.stderr
    brought = user.run(None, "download", job)
    assert brought.stderr.endswith(f"Job {job} (shot) is finished. 2 files are in {frames}.\n")
    assert "There is nothing to go on with." in user.run(None, "resume").stderr
    lines = waited.stderr.splitlines()
    assert len(lines) == len(set(lines)), "nothing is said twice"


def test_cancel_and_resume_say_what_they_did(user, farm, blend):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit").document["job"]["id"]
    done = user.run(None, "cancel", job)
    assert done.code == 0
    assert f"Job {job} (shot) is canceled." in done.stderr
    farm.settings(seconds_per_frame=0.0, key_refused=401)
    job = user.run(blend, "submit").document["job"]["id"]
    farm.settings(key_refused=0)
    done = user.run(None, "resume")
    assert f"Job {job} (shot 2) is finished. 2 files are in " in done.stderr


def test_resume_says_which_job_still_lacks_frames(user, farm, blend):
    """An old job whose frames may still be listed is not done, even if it is the only one."""
    job = user.run(blend, "submit", "--wait", "--download").document["job"]
    (path,) = user.resources.rglob(f"jobs/{job['id']}.json")
    record = json.loads(path.read_text("utf-8"))
    lost = {"id": "frames-missing", "message": "These frames are missing: 3.", "hint": ""}
    lacking = {"stage": "incomplete", "late": True, "frames": [[1, 3]], "error": lost}
    path.write_text(json.dumps(record | lacking), "utf-8")
    done = user.run(None, "resume")
    assert done.code == 1, done.stderr
    assert done.document["error"]["message"] == lost["message"]
    assert [(one["id"], one["stage"]) for one in done.document["jobs"]] == [
        (job["id"], "incomplete")
    ]
    assert f"Job {job['id']} (shot) is incomplete." in done.stderr

    _, name = sorted(record["files"])
    (Path(job["output"]) / name).unlink()
    del record["files"][name]  # as if the farm had listed it only now
    path.write_text(json.dumps(record | lacking | {"frames": [[1, 2]]}), "utf-8")
    done = user.run(None, "resume")
    assert done.code == 0, done.stderr
    assert [one["stage"] for one in done.document["jobs"]] == ["finished"]
    assert len(done.document["jobs"][0]["frames"]["downloaded"]) == 2


def test_the_list_is_a_table_with_the_newest_first(user, farm, blend):
    first = user.run(blend, "submit", "--download").document["job"]
    time.sleep(1.1)
    farm.settings(seconds_per_frame=60.0)
    other = user.run(blend, "submit").document["job"]
    done = user.run(None, "jobs")
    head, *lines = done.stdout.splitlines()[-3:]
    assert head.split() == ["JOB", "STAGE", "FRAMES", "CREATED", "TITLE"]
    assert [line.split()[0] for line in lines] == [other["id"], first["id"]]
    assert re.search(r"finished +2 of 2 +\d{4}-\d\d-\d\d \d\d:\d\d +shot( \d+)?$", lines[1])
    assert [job["id"] for job in done.document["jobs"]] == [other["id"], first["id"]]
    user.run(None, "cancel", other["id"])
    assert (
        "There are no jobs." in type(user)(user.resources / "other", farm).run(None, "jobs").stderr
    )


def test_check_and_a_dry_run_need_no_key_and_no_network(user, farm, blend):
    user.environment["RENDERJUICE_API_KEY"] = ""
    before = len(farm.log())
    done = user.run(blend, "check", before=("--offline-mode",))
    assert done.code == 0, done.stderr
    levels = {check["id"]: check["level"] for check in done.document["checks"]}
    assert levels == {"no-key": "note", "offline": "note"}
    assert "Nothing stands in the way." in done.stderr
    done = user.run(blend, "submit", "--dry-run")
    assert done.code == 0, done.stderr
    assert {Path(line).name for line in done.stdout.splitlines()} >= {"shot.blend", "grid.png"}
    assert "Nothing is sent." in done.stderr
    assert len(farm.log()) == before


def test_a_dry_run_with_an_error_lists_its_files_and_says_the_error(user, tmp_path):
    blend = make(tmp_path / "broken", "scene.camera = None")
    done = user.run(blend, "submit", "--dry-run")
    assert done.code == 3
    assert {Path(line).name for line in done.stdout.splitlines()} >= {"shot.blend", "grid.png"}
    assert "error: The scene" in done.stderr


def test_pack_says_where_and_what_it_found(user, tmp_path):
    blend = make(tmp_path / "project", "scene.frame_end = 1")
    (blend.parent / "textures" / "grid.png").unlink()
    done = user.run(blend, "pack", "--output", str(tmp_path / "p.blend"))
    assert done.code == 3
    assert "error: " in done.stderr
    assert "grid.png" in done.stderr
    assert f"Written: {tmp_path / 'p.blend'} (blend, " in done.stderr


HELP = """
import contextlib, io, json
cli = ours("commands.cli")
said = {}
for command in (None, *cli.COMMANDS):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert cli.main([command, "--help"] if command else ["--help"]) == 0
    said[command or ""] = out.getvalue()
print("SAID", json.dumps(said))
"""


def test_each_help_has_two_examples_of_its_own_and_the_exit_codes(installed):
    said = installed.said(HELP, "SAID")
    assert len(said) > 12
    for command, text in said.items():
        examples = re.findall(r"^  (.*blender --online-mode .*)", text, re.MULTILINE)
        assert len(set(examples)) == 2, text
        assert all(f"--command renderjuice {command}" in one for one in examples), text
        for code in (0, 1, 2, 3, 4, 5, 130):
            assert re.search(rf"^  {code} +\w", text, re.MULTILINE), text


def test_an_address_that_cannot_be_used_makes_nothing(user, blend):
    secret = "hunter2secret"
    for address, named in (
        ("http://farm.example/api", "farm.example"),
        (f"https://me:{secret}@farm.example/api", "not a web address"),
    ):
        user.environment = {"RENDERJUICE_API_URL": address, "RENDERJUICE_API_KEY": 5000 * "k"}
        before = set(blend.parent.rglob("*"))
        done = user.run(blend, "submit", "--output", str(blend.parent / "frames"))
        assert done.code == 2, done.stderr
        assert done.document["error"]["id"] == "bad-address"
        levels = {one["id"]: one["level"] for one in done.document["checks"]}
        assert levels["bad-key"] == "error"  # too long for a message to the worker
        assert named in done.stderr
        assert "pip" not in done.stderr
        assert set(blend.parent.rglob("*")) == before, "a folder was claimed"
        assert not list(user.resources.rglob("jobs/*")), "a job was made"
        kept = [path for path in user.resources.rglob("*") if path.is_file()]
        assert not [path for path in kept if secret.encode() in path.read_bytes()]
        assert secret not in done.stderr + done.stdout


def test_a_network_that_is_down_is_waited_for_as_long_as_asked(user, farm, blend):
    farm.settings(seconds_per_frame=60.0)
    job = user.run(blend, "submit").document["job"]["id"]
    farm.fault("GET", ".*", server="api", status=503, times=100000)
    begun = time.monotonic()
    done = user.run(None, "wait", job, "--patience", "0.1")
    assert done.code == 4, done.stderr
    assert time.monotonic() - begun > 6
    assert f"Job {job} is kept" in done.document["error"]["hint"]
    farm.no_faults()
    user.run(None, "cancel", job)


def test_the_command_for_a_jobs_end_gets_its_document(user, farm, blend, tmp_path):
    script, written = tmp_path / "at the end.py", tmp_path / "ended.json"
    script.write_text(
        "import os, sys\n"
        "open(sys.argv[1] + '.part', 'w', encoding='utf-8').write(sys.stdin.read())\n"
        "os.rename(sys.argv[1] + '.part', sys.argv[1])\n",
        encoding="utf-8",
    )
    user.environment = {"RENDERJUICE_ON_END": f'"{sys.executable}" "{script}" "{written}"'}
    done = user.run(blend, "submit", "--frames", "1", "--wait", "--download")
    assert done.code == 0, done.stderr
    end = time.monotonic() + 120  # it may outlive Blender
    while not written.exists():
        assert time.monotonic() < end, "it was not started"
        time.sleep(0.1)
    document = json.loads(written.read_text(encoding="utf-8"))
    assert document["job"] == done.document["job"]
    assert document["job"]["stage"] == "finished"
