"""scripting.py, the API for scripts inside Blender: a job, its frames, and each kind of error."""

import json
import re
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import ROOT, Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
PAGE = (ROOT / "docs/scripting.md").read_text("utf-8")
(ENTRANCE,) = re.findall(r"^```python\n(import importlib.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BEGIN = f"""
import json, sys
{ENTRANCE}
def opened(path=sys.argv[-1]):
    bpy.ops.wm.open_mainfile(filepath=path)

def told(call, *arguments, **more):  # the error that a call raises
    try:
        call(*arguments, **more)
    except scripting.Error as error:
        assert str(error) == f"{{error.message}} {{error.hint}}".rstrip()
        return [error.id, error.message, error.hint, error.job and error.job.stage]
    return "no error"
"""


@pytest.fixture
def artist(installed, farm, tmp_path) -> Headless:
    """A user of the installed extension who has no jobs yet."""
    state = tmp_path / "state"
    state.mkdir()
    return Headless(installed.resources, farm, {"RENDERJUICE_STATE_DIR": str(state)})


@pytest.fixture
def blend(tmp_path) -> Path:
    return make(tmp_path / "project", "scene.frame_end = 3")


FRAMES = """
opened()
job = scripting.submit(frames="1-2", settings={"sampleCount": 7}, folder=sys.argv[-2])
begun = [job.stage, job.frames_here, job.frames_of, str(job.error)]
job.wait()
job.wait()  # returns at once
print("SAID", json.dumps({
    "begun": begun, "stage": job.stage, "ended": job.ended, "name": job.name,
    "folder": str(job.folder), "frames": [job.frames_here, job.frames_of, job.missing],
    "files": [path.name for path in job.files if path.is_file()],
    "jobs": [one.id for one in scripting.jobs()] == [job.id], "left": scripting.resume(),
}))
"""


def test_from_a_submit_to_the_frames(artist, farm, blend, tmp_path):
    farm.settings(seconds_per_frame=0.5)
    before = farm.renders()
    said = artist.said(BEGIN + FRAMES, "SAID", str(tmp_path / "frames"), str(blend))
    assert said.pop("begun") == ["rendering", 0, 2, "None"]
    assert sorted(path.name for path in tmp_path.glob("frames/*.png")) == said["files"]
    assert len(said.pop("files")) == 2
    assert said == {
        "stage": "finished",
        "ended": True,
        "name": "shot",
        "folder": str(tmp_path / "frames"),
        "frames": [2, 2, []],
        "jobs": True,
        "left": [],
    }
    assert farm.renders() - before == 1
    (record,) = tmp_path.glob("state/jobs/*.json")
    assert json.loads(record.read_text("utf-8"))["config"]["sampleCount"] == 7


NOTHING_SENT = """
said = {"no-file": told(scripting.submit)}
opened()
said["wrong-setting"] = told(scripting.submit, settings={"samples": 4})
wrong = [
    {"folder": 5}, {"folder": b"a\\0b"}, {"overwrite": "no"}, {"still": 1}, {"frames": 5},
    {"scene": "Scene"}, {"allow": 5}, {"allow": [None]}, {"settings": [1]}, {"patience": "long"},
    {"patience": float("nan")}, {"patience": -1}, {"patience": True}, {"bake": "long"}, {"bake": 1},
]
said["wrong"] = [told(scripting.submit, **one)[:2] + list(one) for one in wrong]
said["bad-frames"] = told(scripting.submit, frames="1-x")
said["folder-not-writable"] = told(scripting.submit, folder=f"{sys.argv[-1]}/frames")
camera, bpy.context.scene.camera = bpy.context.scene.camera, None
said["no-camera"] = told(scripting.submit, bpy.context.scene)
bpy.context.scene.camera = camera
bpy.context.preferences.system.use_online_access = False
said["offline"] = told(scripting.submit)
bpy.context.preferences.system.use_online_access = True
import os
del os.environ["RENDERJUICE_API_KEY"]
ours("session.state").state.has_key = None  # as after a start
said["no-key"] = told(scripting.submit)
print("SAID", json.dumps(said))
"""


def test_what_was_not_sent_is_an_error_without_a_job(artist, farm, blend):
    before = len(farm.log())
    said = artist.said(BEGIN + NOTHING_SENT, "SAID", str(blend))
    for error, message, name in said.pop("wrong"):
        assert error == "wrong-argument"
        assert message.startswith(f"{name} ")
    assert {kind: error[0] for kind, error in said.items()} == {kind: kind for kind in said}
    assert all(message and job is None for _, message, _, job in said.values())
    assert "sampleCount" in said["wrong-setting"][1], "a sentence says what it may have been"
    assert len(farm.log()) == before


KEPT = """
opened()
said = {}
import types
connection = ours("session.connection")
connection.sys = types.SimpleNamespace(executable="/nowhere/python")
said["worker-not-started"] = told(scripting.submit)
connection.sys = sys
(job,) = scripting.jobs()
said["refused-key"] = told(job.wait)
said["wait-timeout"] = told(job.wait, timeout=1)
job.cancel()
said["canceled"] = told(job.wait)
job.cancel()  # of a job that has ended
print("SAID", json.dumps(said))
"""


def test_an_error_about_a_job_that_is_kept_has_the_job(artist, farm, blend):
    farm.settings(seconds_per_frame=600.0)
    farm.fault("POST", ".*/uploads$", status=401, times=1)
    before = farm.renders()
    said = artist.said(BEGIN + KEPT, "SAID", str(blend))
    assert {kind: error[0] for kind, error in said.items()} == {kind: kind for kind in said}
    stages = {kind: stage for kind, (_, _, _, stage) in said.items()}
    assert stages.pop("wait-timeout") not in ("finished", "incomplete", "failed", "canceled")
    assert stages == {
        "worker-not-started": "packing",
        "refused-key": "uploading",
        "canceled": "canceled",
    }
    for kind in ("worker-not-started", "refused-key"):
        assert "The job is kept" in said[kind][2]
    assert farm.renders() - before <= 1


MISSING = """
import os
opened()
os.remove(bpy.path.abspath(bpy.data.images["grid.png"].filepath))
job = scripting.submit(frames="1", allow="missing-file", folder=sys.argv[-2].encode(), bake="none")
assert job._record().bake == "none"
assert "must be" in told(job.wait, timeout=float("nan"))[1]
assert "must be" in told(scripting.resume, patience=float("inf"))[1]
assert "must be" in told(scripting.Job, 5)[1]
job.wait()
assert job.folder.samefile(sys.argv[-2])
print("SAID", json.dumps([told(scripting.submit, frames="1"), job.stage]))
"""


def test_a_scene_is_sent_without_the_files_that_may_be_missing(artist, farm, blend, tmp_path):
    frames = str(tmp_path / "frames")
    (error, _, _, failed), stage = artist.said(BEGIN + MISSING, "SAID", frames, str(blend))
    assert (error, failed, stage) == ("missing-file", "failed", "finished")


CTRL_C = """
opened()
def pressed(*_, **__):
    raise scripting.Interrupted
run, scripting.background.run = scripting.background.run, pressed
try:
    scripting.submit()
except KeyboardInterrupt:
    scripting.background.run = run
(job,) = scripting.resume()
print("SAID", json.dumps(job.stage))
"""


def test_ctrl_c_is_no_error_that_a_loop_passes_over(artist, farm, blend):
    assert artist.said(BEGIN + CTRL_C, "SAID", str(blend)) == "finished"


def test_an_example_without_the_extension_says_so(user):
    for name in ("nightly.py", "shots.py"):
        done = user.python(str(ROOT / "docs/examples" / name))
        assert done.returncode == 1
        assert "The extension Renderjuice is not enabled in this Blender." in done.stderr
