"""A disk was full while Python wrote byte code: the truncated file stays and is always loaded."""

import shutil
import subprocess
import sys
from pathlib import Path

from renderjuice.jobs.protocol import Resume, WorkerConfig, encode
from renderjuice.jobs.worker_events import Idle

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("api", "frames", "jobs", "packing", "scene", "session", "system", "worker")
IDLE = encode(Idle(1)).decode()


def idle(worker: Path, state: Path) -> str:
    """The output of a worker that has no jobs to resume, or its log if there is no output."""
    config = WorkerConfig("", str(state), "RJ-KEY", "http://127.0.0.1:9/api", 2)
    done = subprocess.run(
        [sys.executable, "-I", str(worker)],
        input=encode(config) + encode(Resume(number=1)),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return (done.stdout or done.stderr).decode()


def test_half_a_file_of_byte_code_is_found_out(tmp_path):
    here = tmp_path / "renderjuice"
    for part in PARTS:
        shutil.copytree(ROOT / part, here / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "bootstrap.py", here)
    worker = here / "worker" / "main.py"
    assert IDLE in idle(worker, tmp_path / "state")
    (cached,) = (here / "worker" / "__pycache__").glob("problems.*.pyc")
    whole = cached.read_bytes()
    for most in (len(whole) // 2, 16, 0):
        cached.parent.mkdir(exist_ok=True)
        cached.write_bytes(whole[:most])
        assert IDLE in idle(worker, tmp_path / "state"), most
    assert IDLE in idle(worker, tmp_path / "state")
