"""The examples that try again, as they stand in docs/examples: a job is rendered once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ROOT, Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = pytest.mark.timeout(300)
EXAMPLES = ROOT / "docs" / "examples"
AS_BLENDER = f"""#!/bin/sh
# A Blender in the background, as far as the examples start one.
blend=
while [ "$1" != renderjuice ]; do
    case "$1" in *.blend) blend=$1 ;; esac
    shift
done
shift
exec "{sys.executable}" "{ROOT / "headless.py"}" --online-mode $blend -- "$@"
"""


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    return make(tmp_path / "project", "scene.frame_end = 2")


def example(user: Headless, folder: Path, *command: str, **more: str) -> "subprocess.Popen[str]":
    """Start an example in `folder`, with `python` and a Blender at hand."""
    user.resources.mkdir(parents=True, exist_ok=True)
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name, script in {
        "python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
        "blender": AS_BLENDER,
    }.items():
        (programs / name).write_text(script, "utf-8")
        (programs / name).chmod(0o755)
    shutil.copy(EXAMPLES / command[1], folder)
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


COMMANDS = {
    "ci_render.sh": ("sh", "ci_render.sh", "shot.blend", "1-2"),
    "nightly.py": (sys.executable, "nightly.py", "."),
}


@pytest.mark.parametrize("script", COMMANDS)
def test_a_key_that_is_refused_at_first_is_one_render(script, user, farm, blend):
    """The second refusal meets the resume."""
    before = farm.renders()
    farm.fault("POST", ".*/uploads$", status=401, times=2)
    running = example(user, blend.parent, *COMMANDS[script])
    said, _ = running.communicate(timeout=200)
    assert running.returncode == 0, said
    assert "is kept: `resume` goes on with it" in said
    assert farm.renders() - before == 1
    (record,) = user.resources.rglob("jobs/*.json")
    job = json.loads(record.read_text("utf-8"))
    assert job["stage"] == "finished"
    assert len(job["files"]) == 2


@pytest.mark.parametrize("script", COMMANDS)
def test_a_key_that_stays_refused_ends_the_tries_with_four(script, user, farm, blend):
    before = farm.renders()
    farm.settings(key_refused=401)
    running = example(user, blend.parent, *COMMANDS[script], TRIES="1")
    said, _ = running.communicate(timeout=200)
    assert running.returncode == 4, said
    assert farm.renders() == before
    assert len(list(user.resources.rglob("jobs/*.json"))) == 1


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
