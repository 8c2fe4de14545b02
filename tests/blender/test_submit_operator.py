"""bpy.ops.renderjuice.submit() in a script without a window: what it returns or raises."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ENABLE, TIMEOUT, Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
SUBMIT = """
import json, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[-1])
try:
    said = sorted(bpy.ops.renderjuice.submit(wait=True))
except RuntimeError as error:
    said = str(error)
print("SAID", json.dumps(said))
"""
# Another Blender cancels the job just before the worker starts.
CANCELED_ELSEWHERE = f"""
import os, subprocess, sys
connection = ours("session.connection")
start = connection.start_worker
def canceled_first(*more):
    folder = os.environ["RENDERJUICE_STATE_DIR"] + "/jobs"
    (name,) = [name for name in os.listdir(folder) if name.endswith(".json")]
    cancel = ["-c", CANCEL, name.removesuffix(".json")]
    subprocess.run([sys.executable, *cancel], check=True)
    return start(*more)
CANCEL = {ENABLE!r} + '''
import sys
sys.exit(ours("commands.cli").main(["cancel", sys.argv[-1]]))
'''
connection.start_worker = canceled_first
"""


@pytest.fixture
def artist(installed, farm, tmp_path) -> Headless:
    """A user of the installed extension who has no jobs yet."""
    state = tmp_path / "state"
    state.mkdir()
    return Headless(installed.resources, farm, {"RENDERJUICE_STATE_DIR": str(state)})


@pytest.fixture
def blend(tmp_path):
    return make(tmp_path / "project", "scene.frame_end = 3")


def said(artist: Headless, script: str, blend) -> str:
    done = artist.python("-c", f"{ENABLE}\n{script}", str(blend))
    return read(done.stdout, done.stderr)


def read(stdout: str, stderr: str) -> str:
    assert "Traceback" not in stderr, stderr
    line = next(line for line in stdout.splitlines() if line.startswith("SAID "))
    return json.loads(line.removeprefix("SAID "))


def record(artist: Headless) -> dict:
    for path in Path(artist.environment["RENDERJUICE_STATE_DIR"], "jobs").glob("*.json"):
        return json.loads(path.read_text(encoding="utf-8"))
    return {}


def test_waiting_ends_when_the_frames_are_here(artist, blend):
    assert said(artist, SUBMIT, blend) == ["FINISHED"]
    done = record(artist)
    assert done["stage"] == "finished"
    assert done["output_names"] == [["", "", "shot_", ""]], "what the job is judged by"


def test_ctrl_c_leaves_the_job_and_says_so(artist, farm, blend):
    farm.settings(seconds_per_frame=1.0)
    running = subprocess.Popen(
        [sys.executable, "-c", ENABLE + SUBMIT, str(blend)],
        env=artist.env(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 60
    while record(artist).get("stage") != "rendering":
        assert time.monotonic() < end
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    words = read(*running.communicate(timeout=TIMEOUT))
    assert "Interrupted" in words
    assert record(artist)["stage"] == "rendering"


def test_a_worker_that_cannot_start_is_a_sentence(artist, blend):
    words = said(artist, 'import sys\nsys.executable = "/nowhere/python"' + SUBMIT, blend)
    assert "/nowhere/python" in words
    assert record(artist)["stage"] == "packing", "the job is kept"


def test_a_key_that_is_refused_keeps_the_job_and_says_so(artist, farm, blend):
    """A caller that submits again would have two jobs, so the error says that this one is kept."""
    farm.settings(key_refused=401)
    words = said(artist, SUBMIT, blend)
    assert "refused the API key" in words
    assert "The job is kept" in words
    assert record(artist)["stage"] == "uploading"


def test_a_job_that_is_canceled_elsewhere_is_a_sentence(artist, blend):
    words = said(artist, CANCELED_ELSEWHERE + SUBMIT, blend)
    assert "canceled" in words
    assert record(artist)["stage"] == "canceled"


PLAN = """
import json, os, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[-2])
preferences = ours("session.preferences").get()
preferences.output_folder = sys.argv[-1]
bpy.ops.renderjuice.check()
plan = ours("session.plan").of_scene(bpy.context.scene)
print("SAID", json.dumps([plan.title, plan.output]))
"""


def test_a_folder_without_a_title_in_its_pattern_that_is_not_empty(artist, blend, tmp_path):
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "0001.png").touch()
    title, folder = artist.said(PLAN, "SAID", str(blend), str(frames))
    assert (title, folder) == ("shot 2", str(frames / "shot 2"))
    assert not (frames / "shot 2").exists(), "a plan changes nothing"
