"""The commands and examples of the documentation, run unchanged in a full Blender."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs_commands import ROOT, RUN_IN, kind, on
from tests.farm.running import Farm
from tests.window.harness import PATIENCE

pytestmark = pytest.mark.our_code_alone

DOCS = ROOT / "docs"
SAID = {command for page in RUN_IN["blender"] for command in on(ROOT / page)}


@dataclass
class Reader:
    """A reader who types the commands of a page in the folder of a project."""

    folder: Path
    extension: Path
    farm: Farm

    def types(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of a page in a shell, with its placeholders filled in."""
        assert command in SAID
        jobs = sorted(self.folder.glob("../resources/**/jobs/*.json"), key=os.path.getmtime)
        filled = {"ZIP": str(self.extension)}
        filled |= {"JOB": jobs[-1].stem} if jobs else {}
        words = [filled.get(word, word) for word in command.split(" ")]
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("RENDERJUICE_", "BLENDER"))
        }
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", " ".join(words)],
            cwd=self.folder,
            env=kept
            | {
                "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
                "BLENDER_USER_RESOURCES": str(self.folder.parent / "resources"),
                "RENDERJUICE_API_URL": self.farm.api_url,
                "RENDERJUICE_API_KEY": self.farm.key,
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def frames(self) -> list[Path]:
        """The pictures below the project, except its textures."""
        return [p for p in self.folder.rglob("*.png") if "textures" not in p.parts]


@pytest.fixture
def reader(launcher: Path, extension: Path, desk: Path, farm: Farm, tmp_path: Path) -> Reader:
    """A reader with `blender` and `python` on PATH, the extension, a project, and the farm."""
    farm.settings(seconds_per_frame=0)
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    programs, project = tmp_path / "bin", tmp_path / "project"
    programs.mkdir()
    (programs / "blender").symlink_to(launcher)
    (programs / "python").symlink_to(sys.executable)
    (project / "headless.py").symlink_to(ROOT / "headless.py")
    (project / "key.txt").write_text(farm.key, encoding="utf-8")
    for example in (DOCS / "examples").iterdir():
        shutil.copy(example, project)
    return Reader(project, extension, farm)


@pytest.mark.parametrize("page", ["install.md", "command-line.md"])
def test_what_a_page_says_works(page: str, reader: Reader) -> None:
    commands = [command for command in dict.fromkeys(on(DOCS / page)) if kind(command) == "blender"]
    assert commands
    for command in commands:
        done = reader.types(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, f"{command}\n{done.stderr}"


def test_nightly(reader: Reader) -> None:
    projects = reader.folder / "projects"
    shutil.copytree(reader.folder / "textures", projects / "textures")
    for name in ("one", "two"):
        shutil.copy(reader.folder / "shot.blend", projects / f"{name}.blend")
    done = reader.types("blender --online-mode -b --python nightly.py -- projects")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(reader.frames()) == 8
    assert "two: finished, 4 of 4 frames" in done.stdout
    again = reader.types("blender --online-mode -b --python nightly.py")
    assert again.returncode == 0, "nothing is left to do"
    assert reader.farm.renders() == 2


def test_shot_list(reader: Reader) -> None:
    with (reader.folder / "shots.csv").open("a", encoding="utf-8") as sheet:
        sheet.write("gone.blend,,1,\n")
    done = reader.types("blender --online-mode -b --python shots.py -- shots.csv")
    assert done.returncode == 1, f"one line cannot be sent\n{done.stdout}{done.stderr}"
    assert "gone.blend 1: " in done.stderr
    sent = [
        json.loads(p.read_text(encoding="utf-8"))
        for p in reader.folder.glob("../resources/**/jobs/*.json")
    ]
    asked = {tuple(job["config"]["frameRanges"]): job["config"]["sampleCount"] for job in sent}
    assert asked == {("1-3",): 16, ("4",): 1}
    done = reader.types("blender --online-mode -b --command renderjuice resume")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(reader.frames()) == 4
