"""Other users of this computer cannot read, reach or manipulate anything of the extension."""

import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest
from renderjuice.api.download import get_file
from renderjuice.api.errors import ApiError
from renderjuice.api.key import check_key
from renderjuice.jobs import key, protocol
from renderjuice.jobs.protocol import WorkerConfig
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.session.worker_process import Link

from tests.farm.running import running_farm
from tests.http_stub import Reply, serve
from tests.worker import ready_job, working

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX's")
TIME_SCALE = 0.03


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch):
    """Remove the key from the environment, and set a umask that gives everyone access to files."""
    monkeypatch.delenv(key.VARIABLE, raising=False)
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ---- the key's file and folder ------------------------------------------------------------------


def test_a_key_that_is_no_text_is_said_to_be_none(tmp_path):
    (tmp_path / "key").write_text("RJ-OF-A-WINDOWS-SHELL", "utf-16")
    with pytest.raises(ApiError) as error:
        check_key(key.read(tmp_path))
    assert "a character that no key has" in error.value.message
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbfRJ-WITH-A-MARK\r\n")
    assert key.read(tmp_path) == "RJ-WITH-A-MARK"


def test_the_folder_of_the_key_is_its_owners_alone(tmp_path):
    key.write(tmp_path / "state", "RJ-NEW")
    assert mode(tmp_path / "state") == 0o700
    assert mode(tmp_path / "state/key") == 0o600


@pytest.mark.parametrize("before, after", [(0o777, 0o755), (0o775, 0o755), (0o1777, 0o1777)])
def test_others_cannot_replace_the_key(tmp_path, before, after):
    """A folder with the sticky bit, like /tmp, keeps its mode: users can replace only their own
    files there."""
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(before)
    key.write(state, "RJ-NEW")
    assert mode(state) == after


def test_a_key_that_a_backup_brought_back_open_to_all_is_closed(tmp_path):
    (tmp_path / "key").write_text("RJ-OLD\n", encoding="utf-8")
    (tmp_path / "key").chmod(0o644)
    assert key.read(tmp_path) == "RJ-OLD"
    assert mode(tmp_path / "key") == 0o600


def test_a_file_prepared_for_the_key_by_another_does_not_get_it(tmp_path):
    prepared = tmp_path / f".key.{os.getpid()}.{threading.get_ident()}.part"
    prepared.write_text("", encoding="utf-8")
    prepared.chmod(0o666)
    with prepared.open() as held:
        key.write(tmp_path, "RJ-NEW")
        assert "RJ-NEW" not in held.read()
    assert mode(tmp_path / "key") == 0o600


@pytest.mark.parametrize("name", ["key", ".key.{}.{}.part"])
def test_a_link_in_place_of_the_key_does_not_lead_it_elsewhere(tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("before", encoding="utf-8")
    (tmp_path / name.format(os.getpid(), threading.get_ident())).symlink_to(elsewhere)
    key.write(tmp_path, "RJ-NEW")
    assert elsewhere.read_text(encoding="utf-8") == "before"
    assert not (tmp_path / "key").is_symlink()


# ---- the state folder and the scratch folder ----------------------------------------------------


def test_all_that_a_job_writes_beside_its_frames_is_its_owners_alone(tmp_path, farm):
    state = tmp_path / "state"
    key.write(state, farm.key)
    record = ready_job(state)
    with working(state, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id, Stage.VALIDATING)))
        assert mode(state) == 0o700
        assert mode(state / "jobs") == 0o700
        worker.idle(worker.send(protocol.Start(record.id)))
    assert Store(state).load(record.id).stage == Stage.FINISHED
    frames = Path(record.output)
    files = [p for p in state.rglob("*") if p.is_file() and not p.is_relative_to(frames)]
    assert len(files) >= 3, "the key, a record and a log"
    assert {path.name: oct(mode(path)) for path in files if mode(path) & 0o077} == {}


def test_a_log_that_is_a_link_is_not_written_to(tmp_path, farm):
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    (tmp_path / "worker.log").symlink_to(precious)
    with pytest.raises(OSError, match=r"worker\.log"):
        Link(["true"], WorkerConfig("", "", "", "", 1), tmp_path / "worker.log")
    assert precious.read_text(encoding="utf-8") == "precious"


# ---- the pipe -----------------------------------------------------------------------------------


def test_the_worker_listens_nowhere_but_on_a_pipe_without_a_name(tmp_path, farm):
    """The worker has no listening socket, named pipe or shared memory that others could use."""
    farm.settings(seconds_per_frame=5.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == Stage.RENDERING)
        process = Path(f"/proc/{worker.link.pid}")
        held = {entry.name: str(entry.readlink()) for entry in (process / "fd").iterdir()}
        assert re.fullmatch(r"pipe:\[\d+\]", held["0"])
        assert held["1"] == held["2"], "what is printed goes to the log, by a pipe"
        assert re.fullmatch(r"pipe:\[\d+\]", held["1"])
        for name in ("tcp", "tcp6"):
            for line in (process / "net" / name).read_text(encoding="utf-8").splitlines()[1:]:
                _, _, _, state, *rest = line.split()
                assert state != "0A" or f"socket:[{rest[5]}]" not in held.values(), line
        for line in (process / "net/unix").read_text(encoding="utf-8").splitlines()[1:]:
            assert f"socket:[{line.split()[6]}]" not in held.values(), line
        for target in held.values():
            path = Path(target)
            assert not path.is_fifo()
            assert not path.is_socket()
        assert (process / "fd").stat().st_mode & 0o077 == 0
        assert (process / "environ").stat().st_mode & 0o077 == 0
    farm.settings(seconds_per_frame=0.0)


# ---- planted links ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["frame.part", "frame.part.etag"])
def test_a_link_planted_while_a_download_begins_is_not_followed(tmp_path, name):
    """The link appears after the path was checked and before the file is opened."""
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")

    def plant(handler):
        head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 200\r\n\r\n'
        if name.endswith("etag"):  # the client writes this file when the download breaks off
            handler.wfile.write(head + bytes(100))
            time.sleep(0.3)
        (tmp_path / name).symlink_to(precious)
        if not name.endswith("etag"):
            handler.wfile.write(head + bytes(100))

    with serve(lambda _: Reply(act=plant)) as stub, pytest.raises(ApiError, match="broke off"):
        get_file(
            stub.url,
            tmp_path / "frame.part",
            on_block=lambda *_: None,
            should_stop=lambda: False,
            allow_local=True,
        )
    assert precious.read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / name).is_symlink()
