"""Debian's Blender 4.3.2 crashes when it simulates a fluid, so tests with fluids skip it."""

import subprocess

import pytest

NO_SIMULATION = "PyImport_AppendInittab() may not be called after Py_Initialize()"


def skip_without(done: "subprocess.CompletedProcess[str]") -> None:
    """Skip the test if the Blender process that should simulate a fluid has crashed."""
    if done.returncode and NO_SIMULATION in done.stderr + done.stdout:
        pytest.skip(f"this Blender's mantaflow ends it: {NO_SIMULATION}")
