"""File locks: a killed process holds no lock, and attempts to take a lock end."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.system import locks
from renderjuice.system.locks import Lock

from tests.conftest import ROOT
from tests.farm.running import running_farm
from tests.worker import ready_job, working

FILES = Path("/proc/self/fd")
HOLD = """
import runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])["provide"]()
from renderjuice.system.locks import Lock
lock = Lock.take(Path(sys.argv[2]))
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold():
    """A function that makes another process hold a lock until that process is killed."""
    holding = []

    def start(path):
        bootstrap = str(ROOT / "bootstrap.py")
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", HOLD, bootstrap, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        holding.append(process)
        assert process.stdout.readline().strip() == b"held"
        return process

    yield start
    for process in holding:
        process.kill()
        process.communicate()


def test_a_lock_whose_file_is_taken_away_again_and_again_is_anothers(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_is_same_file", lambda file, path: False)
    assert Lock.take(tmp_path / "job.lock") is None


@pytest.mark.skipif(os.name == "nt", reason="it counts open files in /proc")
def test_a_lock_that_is_not_had_leaves_no_file_open(tmp_path, hold, monkeypatch):
    path = tmp_path / "job.lock"
    hold(path)
    before = len(list(FILES.iterdir()))
    assert Lock.take(path) is None
    monkeypatch.setattr(locks, "_is_same_file", lambda file, path: False)
    assert Lock.take(tmp_path / "other.lock") is None
    assert len(list(FILES.iterdir())) == before


def test_an_open_file_is_held_by_one_at_a_time(tmp_path):
    """A waiting process gets the lock when it is free, or continues without it."""
    path = tmp_path / "log"
    with path.open("ab") as first, path.open("ab") as second:
        with locks.holding(first, 0) as held, locks.holding(second, 0.05) as too:
            assert held
            assert not too
        with locks.holding(second, 0) as held:
            assert held


def test_a_new_worker_clears_away_what_killed_ones_have_left(tmp_path, hold):
    store = Store(tmp_path)
    mine = ready_job(tmp_path, stage=Stage.FINISHED)
    theirs = ready_job(tmp_path, stage=Stage.FINISHED)
    left = store.folder / f"{mine.id}.lock"
    held = store.folder / f"{theirs.id}.lock"
    killed = hold(left)
    killed.kill()
    killed.wait()
    other = hold(held)
    old, young = store.folder / ".a.json.7.part", store.folder / ".b.json.7.8.part"
    for part in (old, young):
        part.write_bytes(b"{")
    os.utime(old, (0, 0))
    assert left.exists()
    with running_farm(renderer="pattern") as farm, working(tmp_path, farm) as worker:
        worker.reply(worker.send(protocol.TestKey(farm.key)))
        assert not left.exists()
        assert held.exists()
        assert Lock.take(held) is None, "another still has it"
        assert not old.exists()
        assert young.exists(), "somebody may be writing it"
        other.kill()
        other.wait()
        deadline = time.monotonic() + 60
        while not (lock := Lock.take(held)):
            assert time.monotonic() < deadline
        lock.release()


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EAGAIN, 0], ids=["Windows", "POSIX", "Wine"]
)
def test_a_lock_that_another_holds_is_not_had(number, tmp_path, monkeypatch):
    """For any error number that the system reports; Wine reports none."""

    def busy(file):
        raise OSError(number, "busy")

    monkeypatch.setattr(locks, "_lock", busy)
    assert Lock.take(tmp_path / "job.lock") is None
    with (tmp_path / "log").open("ab") as file, locks.holding(file, 0.01) as held:
        assert not held
