"""The retrying examples in docs/examples, run as they are: a job is rendered only once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ENABLE, ROOT, Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
EXAMPLES = ROOT / "docs" / "examples"
NIGHTLY = f"""{ENABLE}
import runpy
runpy.run_path("nightly.py", run_name="__main__")
"""


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    return make(tmp_path / "project", "scene.frame_end = 2")


@pytest.fixture
def artist(installed, farm, tmp_path) -> Headless:
    """A user of the installed extension who has no jobs yet."""
    state = tmp_path / "state"
    state.mkdir()
    return Headless(installed.resources, farm, {"RENDERJUICE_STATE_DIR": str(state)})


def example(user: Headless, folder: Path, *command: str, **more: str) -> "subprocess.Popen[str]":
    """Start an example in `folder`, with `python` on PATH."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    (programs / "python").chmod(0o755)
    for name in ("ci_render.sh", "nightly.py"):
        shutil.copy(EXAMPLES / name, folder)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=user.env()
        | {"PATH": f"{programs}:{os.environ['PATH']}", "RENDERJUICE": str(ROOT), "PAUSE": "1"}
        | more,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def records(user: Headless) -> list[Path]:
    return list(Path(user.environment["RENDERJUICE_STATE_DIR"]).glob("jobs/*.json"))


COMMANDS = {
    "ci_render.sh": ("sh", "ci_render.sh", "shot.blend", "1-2"),
    "nightly.py": (sys.executable, "-c", NIGHTLY, "--", "."),
}
SAYS_KEPT = {
    "ci_render.sh": "is kept: `resume` goes on with it",
    "nightly.py": "The job is kept: `wait` and `resume` go on with it.",
}
GIVES_UP = {"ci_render.sh": 4, "nightly.py": 1}
"""The exit code after the last attempt."""


@pytest.mark.parametrize("script", COMMANDS)
def test_a_key_that_is_refused_at_first_is_one_render(script, artist, farm, blend):
    """The first refusal is of the submit, the second of the resume."""
    before = farm.renders()
    farm.fault("POST", ".*/uploads$", status=401, times=2)
    running = example(artist, blend.parent, *COMMANDS[script])
    said, _ = running.communicate(timeout=200)
    assert running.returncode == 0, said
    assert SAYS_KEPT[script] in said
    assert farm.renders() - before == 1
    (record,) = records(artist)
    job = json.loads(record.read_text("utf-8"))
    assert job["stage"] == "finished"
    assert len(job["files"]) == 2


@pytest.mark.parametrize("script", COMMANDS)
def test_a_key_that_stays_refused_ends_the_tries(script, artist, farm, blend):
    before = farm.renders()
    farm.settings(key_refused=401)
    running = example(artist, blend.parent, *COMMANDS[script], TRIES="1")
    said, _ = running.communicate(timeout=200)
    assert running.returncode == GIVES_UP[script], said
    assert farm.renders() == before
    assert len(records(artist)) == 1


def test_the_document_says_that_a_job_is_kept(user, farm, blend):
    farm.settings(key_refused=401)
    done = user.run(blend, "submit", "--wait")
    assert done.code == 4
    job, error = done.document["job"], done.document["error"]
    assert job["stage"] == "uploading"
    assert f"{job['id']} is kept: `resume` goes on with it" in error["hint"]
    assert error["hint"] in done.stderr
    again = user.run(None, "resume")
    assert again.code == 4
    assert again.document["error"]["id"] == "refused-key"
    assert f"{job['id']} is kept" in again.document["error"]["hint"]
    farm.settings(key_refused=0)
    assert user.run(None, "resume").code == 0
