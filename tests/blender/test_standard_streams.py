"""Where a command's output goes decides neither what it does nor what its exit code says."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = [
    pytest.mark.our_code_alone,
    pytest.mark.skipif(sys.platform == "win32", reason="a shell's redirections"),
]


@pytest.fixture(scope="module")
def blend(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 2")


def shell(user, command: str) -> "subprocess.CompletedProcess[bytes]":
    user.resources.mkdir(parents=True, exist_ok=True)
    env = {**user.env(), "RUN": f"{sys.executable} {user.script}"}
    return subprocess.run(
        ["bash", "-c", command], env=env, capture_output=True, check=False, timeout=120
    )


def stages(user) -> list[str]:
    return [job["stage"] for job in user.run(None, "jobs").document["jobs"]]


def ids(farm) -> list[str]:
    return [job["id"] for job in farm.jobs()]


@pytest.mark.parametrize("to", ["<&- >&- 2>&-", "2>/dev/full"], ids=["closed", "full"])
def test_output_that_goes_nowhere_ends_no_job(user, blend, to):
    done = shell(user, f"$RUN {blend} -- submit --wait --download {to}")
    assert done.returncode == 0, done.stdout
    assert stages(user) == ["finished"]


def test_a_reader_that_goes_away_ends_no_job(user, blend):
    command = f"$RUN {blend} -- submit --wait --download 2>&1 | true; exit ${{PIPESTATUS[0]}}"
    assert shell(user, command).returncode == 0
    assert stages(user) == ["finished"]
    listed = shell(user, "$RUN -- jobs | true; exit ${PIPESTATUS[0]}")
    assert (listed.returncode, listed.stderr) == (0, b"")


def test_a_list_that_a_full_disk_does_not_take_is_an_error(user, blend):
    done = shell(user, f"$RUN {blend} -- config >/dev/full")
    assert done.returncode == 5
    assert b"No space left on device" in done.stderr


@pytest.mark.parametrize("name", ["shot.blend", "", ".", "no/such/folder.json"])
def test_a_document_replaces_no_file_of_the_artist(user, farm, tmp_path, name):
    blend = make(tmp_path, "")
    before, jobs = blend.read_bytes(), ids(farm)
    target = f"{tmp_path}/{name}" if name else ""
    done = user.python(str(user.script), str(blend), "--", "submit", "--json", target)
    assert done.returncode == 2
    assert "--json" in done.stderr or f"{target} " in done.stderr
    assert blend.read_bytes() == before
    assert ids(farm) == jobs, "it is said before anything is sent"


def test_a_document_goes_into_a_pipe_and_through_a_link(user, tmp_path):
    user.resources.mkdir(parents=True)
    pipe, real, link = tmp_path / "pipe", tmp_path / "real.json", tmp_path / "link.json"
    os.mkfifo(pipe)
    link.symlink_to(real)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    for target in (pipe, link, link):
        assert user.python(str(user.script), "--", "jobs", "--json", str(target)).returncode == 0
    reader.join(60)
    assert json.loads(read[0]) == json.loads(real.read_text("utf-8")) == {"schema": 1, "jobs": []}
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_a_folder_of_records_that_cannot_be_read_is_not_an_empty_one(user, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "jobs").write_text("in the way", encoding="utf-8")
    user.environment = {"RENDERJUICE_STATE_DIR": str(tmp_path / "state")}
    for command in ("jobs", "resume"):
        done = user.run(None, command)
        assert done.code == 5, command
        assert str(tmp_path / "state" / "jobs") in done.document["error"]["message"]


def test_the_next_job_has_a_folder_where_records_cannot_be_read(monkeypatch, tmp_path):
    """The panel shows it; what is wrong with the records is said where they are needed."""
    from renderjuice.session import records

    (tmp_path / "jobs").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("RENDERJUICE_STATE_DIR", str(tmp_path))
    assert records.output_folders() == set()


def test_a_file_that_is_piped_in_by_mistake_is_no_key(user, tmp_path):
    user.resources.mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"\xff\xfe" + b"A" * 100_000)
    done = shell(user, f"$RUN -- connect < {tmp_path / 'file'}")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"Standard input held no key" in done.stderr
