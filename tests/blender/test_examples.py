"""The examples of docs/scripting.md, run as they stand against the local farm."""

import csv
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ROOT

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = pytest.mark.timeout(240)

EXAMPLES = ROOT / "docs" / "examples"


def run(user: Any, *command: object) -> "subprocess.CompletedProcess[str]":
    """One example, as this user, with the headless script in the place of Blender."""
    ours = shlex.join([sys.executable, str(user.script), "{file}", "--"]).replace(
        "'{file}'", "{file}"
    )
    environment = {**user.env(), "RENDERJUICE": ours}
    return subprocess.run(
        [str(word) for word in command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_a_folder_over_night(user: Any, farm: Any, tmp_path: Path) -> None:
    project = make(tmp_path / "night", "scene.frame_end = 2").parent
    before = farm.renders()
    for _ in range(2):
        done = run(user, sys.executable, EXAMPLES / "nightly.py", project)
        assert done.returncode == 0, done.stderr + done.stdout
    assert farm.renders() == before + 1, "the second time it only brings home"
    (folder,) = {line.partition(": ")[2] for line in done.stdout.splitlines() if ": /" in line}
    assert len(list(Path(folder).glob("*.png"))) == 2


def test_a_frame_in_ci(user: Any, tmp_path: Path) -> None:
    blend = make(tmp_path / "ci", "scene.frame_end = 9")
    done = run(user, "sh", EXAMPLES / "ci-render.sh", blend, tmp_path / "frames")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "frames").iterdir())) == 1
    (blend.parent / "textures" / "grid.png").unlink()
    done = run(user, "sh", EXAMPLES / "ci-render.sh", blend, tmp_path / "more")
    assert done.returncode == 3


def test_a_spreadsheet_of_shots(user: Any, farm: Any, tmp_path: Path) -> None:
    blend = make(tmp_path / "shots", "scene.frame_end = 9")
    sheet = blend.parent / "shots.csv"
    rows = [
        ["file", "scene", "frames", "samples"],
        [blend.name, "", "2-3", "5"],
        ["no.blend", "", "", ""],
    ]
    with sheet.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    done = run(user, sys.executable, EXAMPLES / "shots.py", sheet)
    assert done.returncode == 1, "one file is not there"
    with sheet.with_suffix(".jobs.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first["job"]
    assert not first["problem"]
    assert second["problem"]
    config = farm.jobs()[-1]["requestedConfig"]
    assert (config["sampleCount"], config["frameRanges"]) == (5, ["2-3"])
