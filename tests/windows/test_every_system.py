"""Tests that run on Linux run on Windows, too: of tests/unit, and of tests/blender.

`make test-windows` sets RENDERJUICE_WINDOWS=whole and runs all that this file names. `.ci/run` does
not: its time is enough for what differs most, files, locks, pipes and processes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import windows

ROOT = Path(__file__).resolve().parents[2]
WHOLE = os.environ.get("RENDERJUICE_WINDOWS") == "whole"
UNITS = (
    *("system_files", "system_job_object", "system_locks", "system_scratch", "system_sharing"),
    *("jobs_claim", "jobs_origin", "session_worker_process"),
)
"""The unit tests in tests/unit that depend most on the operating system."""
ALL_UNITS = ("--numprocesses", "3", "--ignore-glob=*test_worker_*", "tests/unit")
"""All but those that start workers one after the other: test_jobs.py has workers enough."""
SCENES = (
    *("packing_online_only", "scene_apply", "scene_copy", "scene_facts"),
    *("scene_formats", "scene_node_paths", "scene_output_names", "scene_rendered_scenes"),
    *("scene_stops", "wrapping"),
)
"""The tests in tests/blender of Blender's data in one process."""
SECONDS = 3000.0 if WHOLE else 900.0

pytestmark = pytest.mark.timeout(SECONDS + 100)


def run(blender: str | None, tmp_path: Path, *arguments: str) -> None:
    """Run pytest under Wine, and assert that it passes."""
    if blender is None:
        pytest.skip("no Windows is here: python scripts/windows.py provide bpy-4.5.15")
    more = ["-p", "no:cacheprovider", "--timeout", "200", "--color", "no"]
    base = f"--basetemp={windows.windows_path(tmp_path / 'there')}"
    process = windows.start(blender, ["-m", "pytest", *more, base, *arguments], folder=ROOT)
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


def test_unit_tests_pass_there(blender: str | None, tmp_path: Path) -> None:
    some = [f"tests/unit/test_{name}.py" for name in UNITS]
    run(blender, tmp_path, *(ALL_UNITS if WHOLE else some))


@pytest.mark.skipif(not WHOLE, reason="make test-windows runs it")
def test_tests_of_blender_pass_there(blender: str | None, tmp_path: Path) -> None:
    run(blender, tmp_path, *(f"tests/blender/test_{name}.py" for name in SCENES))
