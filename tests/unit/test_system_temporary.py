"""Temporary folders of commands: those of killed processes go, and nothing else."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from renderjuice.system import scratch, temporary

from tests.conftest import ROOT

HOLD = """
import runpy, sys
runpy.run_path(sys.argv[1])["provide"]()
from renderjuice.system import temporary
with temporary.folder() as folder:
    (folder / "work").mkdir()
    (folder / "work" / "copy.blend").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


def hold(where: Path) -> "subprocess.Popen[str]":
    """A process that has a temporary folder, until its stdin ends."""
    return subprocess.Popen(
        [sys.executable, "-I", "-c", HOLD, str(ROOT / "bootstrap.py")],
        env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(where)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_only_the_folders_of_the_dead_go(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    photographs = tmp_path / "renderjuice-photographs"
    photographs.mkdir()
    (photographs / "statue.jpg").touch()
    killed, alive = hold(tmp_path), hold(tmp_path)
    try:
        left, kept = (Path(one.stdout.readline().strip()) for one in (killed, alive))
        killed.kill()
        killed.communicate()
        assert scratch.is_ours(left)
        with temporary.folder() as folder:
            assert sorted(tmp_path.iterdir()) == sorted([photographs, kept, folder])
        assert (photographs / "statue.jpg").exists()
        assert (kept / "work" / "copy.blend").exists()
        alive.communicate("", timeout=60)
        assert list(tmp_path.iterdir()) == [photographs]
    finally:
        for one in (killed, alive):
            one.kill()
            one.communicate()


def test_where_nothing_can_be_locked_a_folder_is_its_makers_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def refused(_: Path) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(temporary.Lock, "take", refused)
    with temporary.folder() as folder:
        assert not scratch.is_ours(folder)
        with temporary.folder():
            assert folder.is_dir()
    assert not list(tmp_path.iterdir())
