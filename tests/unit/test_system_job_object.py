"""Windows ends the children of a process with it, however it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[2] / "bootstrap.py"
PARENT = """
import runpy, subprocess, sys, time
runpy.run_path(sys.argv[1])["provide"]()
from renderjuice.system.job_object import end_children_with_this_process
end_children_with_this_process()
subprocess.Popen([sys.executable, "-c", sys.argv[2]], stdin=subprocess.DEVNULL)
time.sleep(600)
"""
CHILD = "import time; print('here', flush=True); time.sleep(600)"


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has job objects")
def test_a_child_that_looks_at_nothing_ends_with_its_killed_parent() -> None:
    command = [sys.executable, "-c", PARENT, str(BOOTSTRAP), CHILD]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline().strip() == b"here"
        parent.kill()
        assert parent.stdout.read() == b""  # the child held the pipe open


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has job objects")
def test_elsewhere_nothing_is_done() -> None:
    from renderjuice.system.job_object import end_children_with_this_process

    end_children_with_this_process()
