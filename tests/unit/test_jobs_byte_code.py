"""A disk that was full as Python wrote byte code: half a file stays, and is read for ever."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("api", "frames", "jobs", "packing", "scene", "session", "system", "worker")


def idle(worker: Path, state: Path) -> str:
    """What a worker says that is asked to go on with nothing; its log where it says nothing."""
    greeting = {
        "site_packages": "",
        "state": str(state),
        "key": "RJ-KEY",
        "api_url": "http://127.0.0.1:9/api",
        "transfers": 2,
    }
    told = [greeting, {"do": "resume", "number": 1}]
    done = subprocess.run(
        [sys.executable, "-I", str(worker)],
        input="".join(json.dumps(line) + "\n" for line in told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout or done.stderr


def test_half_a_file_of_byte_code_is_found_out(tmp_path):
    here = tmp_path / "renderjuice"
    for part in PARTS:
        shutil.copytree(ROOT / part, here / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "bootstrap.py", here)
    worker = here / "worker" / "main.py"
    assert '"idle": 1' in idle(worker, tmp_path / "state")
    (cached,) = (here / "worker" / "__pycache__").glob("problems.*.pyc")
    whole = cached.read_bytes()
    for most in (len(whole) // 2, 16, 0):
        cached.parent.mkdir(exist_ok=True)
        cached.write_bytes(whole[:most])
        assert '"idle": 1' in idle(worker, tmp_path / "state"), most
    assert '"idle": 1' in idle(worker, tmp_path / "state")
