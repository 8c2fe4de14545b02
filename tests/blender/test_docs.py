"""The documented commands for the bpy module and an example work; the reference is current."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.docs_commands import ROOT, RUN_IN, kind, on

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
ONCE = pytest.mark.skipif(bpy.app.version < (5, 2), reason="typed in the newest Blender alone")
COMMANDS = sorted({c for page in RUN_IN["bpy"] for c in on(ROOT / page) if kind(c) == "bpy"})


@ONCE
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_as_it_stands_there(command, user, farm, tmp_path):
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    done = typed(command, user, blend.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    if "ci_render" in command:
        assert len([p for p in blend.parent.rglob("*.png") if "textures" not in p.parts]) == 2


@ONCE
def test_a_finding_ends_the_ci_render_before_anything_is_sent(user, farm, tmp_path):
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    (blend.parent / "textures" / "grid.png").unlink()
    before = len(farm.log())
    done = typed("sh ci_render.sh shot.blend 1-2", user, blend.parent)
    assert done.returncode == 3, done.stdout + done.stderr
    checks = json.loads((blend.parent / "check.json").read_text(encoding="utf-8"))["checks"]
    assert [one["id"] for one in checks] == ["missing-file"]
    assert len(farm.log()) == before


def typed(command: str, user, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in the folder of shot.blend, with `python` on PATH and the example in it."""
    assert command in COMMANDS
    user.resources.mkdir(parents=True, exist_ok=True)
    programs = folder / "bin"
    programs.mkdir()
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (programs / "python").chmod(0o755)
    (folder / "headless.py").symlink_to(ROOT / "headless.py")
    shutil.copy(ROOT / "docs/examples/ci_render.sh", folder)
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=user.env() | {"PATH": f"{programs}:{os.environ['PATH']}", "RENDERJUICE": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_reference_is_that_of_the_parser():
    from scripts import command_reference

    page = command_reference.PAGE.read_text("utf-8")
    current = command_reference.written(page, command_reference.parser())
    assert page == current, "run .venv/bin/python scripts/command_reference.py"
