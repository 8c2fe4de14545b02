"""Unit tests of what differs on Windows: files, locks, pipes, and the location of records."""

import subprocess
import sys
from pathlib import Path

import pytest

import windows

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    *("system_files", "system_locks", "system_scratch", "system_sharing"),
    *("jobs_claim", "jobs_origin", "session_worker_process"),
)
"""The unit tests in tests/unit that depend on the operating system.

Tests that take the system as a parameter, such as path limits, run on Linux for all systems.
"""
SECONDS = 500.0


@pytest.mark.timeout(600)
def test_they_pass_there(blender: str | None, tmp_path: Path) -> None:
    if blender is None:
        pytest.skip("no Windows is here: python scripts/windows.py provide bpy-4.5.15")
    files = [f"tests/unit/test_{name}.py" for name in FILES]
    more = ["-p", "no:cacheprovider", "--timeout", "200", "--color", "no"]
    base = f"--basetemp={windows.windows_path(tmp_path / 'units')}"
    process = windows.start(blender, ["-m", "pytest", *more, base, *files], folder=ROOT)
    assert process.stdin
    process.stdin.close()
    streams = windows.Streams(process)
    try:
        code = streams.finish(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        code = -1
    said = streams.output.decode(errors="replace")
    sys.stdout.write(said)
    assert code == 0, "\n".join(line for line in said.splitlines() if line.startswith("FAILED"))
    assert " passed" in said
