"""What the tests see of other processes."""

import os
import subprocess

import pytest

from tests.processes import processes


@pytest.mark.posix("/proc is Linux' own")
def test_arguments_in_any_encoding_are_read():
    """Wine writes a Windows program's arguments in Windows' own encoding."""
    script = b"read line"  # until its standard input ends
    other = subprocess.Popen([b"sh", b"-c", script, b"gr\xfcn"], stdin=subprocess.PIPE)
    with other:
        (seen,) = [one for one in processes() if one.pid == other.pid]
        assert seen.arguments == ("sh", "-c", "read line", os.fsdecode(b"gr\xfcn"))
        assert f"PATH={os.environ['PATH']}" in seen.environment
