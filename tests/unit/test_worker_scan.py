"""A Check that hangs blocks nothing else, reports that it runs, and can be stopped."""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from renderjuice.jobs import protocol, worker_events
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.packing import command
from renderjuice.system import scratch

from tests.farm.running import running_farm
from tests.worker import Worker, ready_job, working

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Blender is played by scripts")
TIME_SCALE = 0.03

HANGS = "open(sys.argv[0] + '.runs', 'w').write(str(os.getpid()))\ntime.sleep(1000)\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HANGS
PACKS = """
asked = json.load(open(sys.argv[-1]))
top = asked["work"] + "/shot.blend"
open(top, "wb").write(b"BLENDER-v402" + bytes(1000))
size, changed = os.stat(top).st_size, os.stat(top).st_mtime_ns
file = {"source": top, "name": "shot.blend", "bytes": size, "kind": "blend", "mtime_ns": changed}
said = {"schema": 1, "blend": "shot.blend", "files": [file], "missing": [], "checks": []}
json.dump(said, open(asked["manifest"], "w"))
"""


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


def blender(folder: Path, name: str, program: str) -> str:
    """Write a program that can be started like Blender, and return its path."""
    path = folder / name
    path.write_text(
        f"#!{sys.executable} -I\nimport json, os, sys, time\n{program}", encoding="utf-8"
    )
    path.chmod(0o755)
    return str(path)


def check(folder: Path, program: str) -> Path:
    """Make a scan folder with the request that the session saves for a scan."""
    scratch.make(folder)
    work = str(folder / "work")
    asked = {"request": {"work": work, "manifest": f"{work}.json"}, "blender": [program]}
    (folder / command.SCAN_REQUEST).write_text(json.dumps(asked), encoding="utf-8")
    return folder


def job_to_pack(state: Path, program: str) -> rec.Record:
    return ready_job(state, stage=Stage.PACKING, package=None, blender=[program], copy="shot.blend")


def runs(worker: Worker, program: str) -> int:
    """Wait until a program hangs, and return its process id."""
    path = Path(f"{program}.runs")
    return int(worker.wait(lambda: path.exists() and path.read_text(encoding="utf-8")))


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def stage(state: Path, job: rec.Record) -> Stage:
    return Store(state).load(job.id).stage


def test_a_submit_goes_ahead_while_a_check_hangs(tmp_path, farm):
    hanging = blender(tmp_path, "hangs", HANGS)
    folder = check(tmp_path / "scan-1", hanging)
    job = job_to_pack(tmp_path, blender(tmp_path, "packs", PACKS))
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Scan(str(folder)))
        pid = runs(worker, hanging)
        worker.send(protocol.Start(job.id))
        worker.wait(lambda: stage(tmp_path, job) == Stage.FINISHED)
        assert not is_gone(pid), "the Check goes on"
    assert is_gone(pid), "and ends with the worker"


def test_a_check_goes_ahead_while_a_packing_job_hangs(tmp_path, farm):
    hanging = blender(tmp_path, "hangs", HANGS)
    folder = check(tmp_path / "scan-1", blender(tmp_path, "packs", PACKS))
    job = job_to_pack(tmp_path, hanging)
    other = job_to_pack(tmp_path, blender(tmp_path, "packs too", PACKS))
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Start(job.id))
        runs(worker, hanging)
        worker.send(protocol.Start(other.id))
        worker.send(protocol.Scan(str(folder)))
        (result,) = worker.wait(lambda: worker.all(worker_events.ScanResult))
        assert result.files.count == 1
        step = worker.wait(lambda: worker.snapshot(other.id).live.step)
        assert step == "another scene is being packed"
        worker.send(protocol.Cancel(job.id))
        worker.wait(lambda: stage(tmp_path, other) == Stage.FINISHED)


@pytest.mark.parametrize("program", [HANGS, STUBBORN], ids=["hangs", "stubborn"])
def test_a_check_that_hangs_is_stopped(program, tmp_path, farm):
    hanging = blender(tmp_path, "hangs", program)
    folder = check(tmp_path / "scan-1", hanging)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Scan(str(folder)))
        pid = runs(worker, hanging)
        worker.send(protocol.StopScan("scan-of-another-time"))
        time.sleep(0.5)
        assert not is_gone(pid), "that was another one"
        worker.idle(worker.send(protocol.StopScan(folder.name)), seconds=10)
        assert is_gone(pid)
        assert not folder.exists()
        assert worker.all(worker_events.ScanResult) == []


def test_a_check_says_that_it_still_runs_and_for_how_long(tmp_path, farm):
    hanging = blender(tmp_path, "hangs", HANGS)
    folder = check(tmp_path / "scan-1", hanging)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Scan(str(folder)))
        worker.wait(lambda: len(worker.all(worker_events.ScanProgress)) >= 2)
    said = [(one.scan, one.step, one.seconds) for one in worker.all(worker_events.ScanProgress)]
    assert said[:2] == [("scan-1", "starting", 2), ("scan-1", "starting", 4)]


def test_a_new_check_takes_the_place_of_one_that_hangs(tmp_path, farm):
    hanging = blender(tmp_path, "hangs", STUBBORN)
    first = check(tmp_path / "scan-1", hanging)
    second = check(tmp_path / "scan-2", blender(tmp_path, "packs", PACKS))
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Scan(str(first)))
        pid = runs(worker, hanging)
        worker.idle(worker.send(protocol.Scan(str(second))), seconds=15)
        assert is_gone(pid)
        (result,) = worker.all(worker_events.ScanResult)
    assert result.scan == "scan-2"
    assert not first.exists()
