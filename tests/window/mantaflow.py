"""Debian's Blender 4.3.2 dies as it simulates a fluid: there is none to look at."""

import subprocess

import pytest

NO_SIMULATION = "PyImport_AppendInittab() may not be called after Py_Initialize()"


def skip_without(done: "subprocess.CompletedProcess[str]") -> None:
    """Skip the test where the Blender that was to simulate a fluid has died of it."""
    if done.returncode and NO_SIMULATION in done.stderr + done.stdout:
        pytest.skip(f"this Blender's mantaflow ends it: {NO_SIMULATION}")
