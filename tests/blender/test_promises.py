"""Sentences of docs/command-line.md, privacy.md and scripting.md that no other test holds."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import Headless

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = [
    pytest.mark.skipif(bpy.app.version < (5, 2), reason="is of our code alone: in one Blender"),
]

BEGIN = """
import contextlib, io, json, os, pathlib, sys, time
cli, record, store = ours("commands.cli"), ours("jobs.record"), ours("jobs.store")
state = pathlib.Path(os.environ["RENDERJUICE_STATE_DIR"])
said = {}

def typed(*arguments):
    "Run a command; return its exit code, its document and its standard output."
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = cli.main([*arguments, "--json", str(state / "document.json")])
    return code, json.loads((state / "document.json").read_text("utf-8")), out.getvalue()

def end():
    print("SAID", json.dumps(said))
    sys.stdout.flush()
    os._exit(0)
"""


@pytest.fixture
def artist(installed, farm, tmp_path) -> Headless:
    """A user of the installed extension who has no jobs yet."""
    (tmp_path / "state").mkdir()
    environment = {"RENDERJUICE_STATE_DIR": str(tmp_path / "state")}
    return Headless(installed.resources, farm, environment)


COMMANDS = """
bpy.ops.wm.open_mainfile(filepath=sys.argv[-1])
package = str(pathlib.Path(sys.argv[-1]).with_name("package.zip").parent)
for command in (["check"], ["config"], ["pack", "--output", package]):
    said[command[0]] = typed(*command)[0]
jobs = store.Store(state)
for name in ("3f2a00000001", "3f2b00000002"):
    one = record.new("shot", jobs.origin, "/nowhere")
    one.id, one.stage = name, record.Stage.FAILED
    jobs.save(one)
code, document, _ = typed("status", "3f2a")
said["enough of the id"] = [code, document["job"]["id"]]
code, document, _ = typed("status", "3f2")
said["too little of it"] = [code, document["error"]["id"], document["error"]["message"]]
said["begun"] = begun = time.time()
code, document, _ = typed("submit", "--patience", "0.05")
said["out of patience"] = [code, document["error"]["id"], document["job"]["stage"]]
said["seconds"] = time.time() - begun
end()
"""


def test_looking_sends_nothing_and_enough_of_an_id_names_its_job(artist, farm, tmp_path):
    """The key is there and Blender is online, so that it could be sent."""
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    farm.fault("POST", ".*/uploads$", status=503, times=100_000)
    before = len(farm.log())
    said = artist.said(BEGIN + COMMANDS, "SAID", str(blend))
    assert [said[command] for command in ("check", "config", "pack")] == [0, 0, 0]
    asked = [datetime.fromisoformat(one["at"]).timestamp() for one in farm.log()[before:]]
    assert min(asked) > said["begun"], "submit alone has asked"
    assert said["out of patience"] == [4, "server-fault", "uploading"]
    assert said["seconds"] < 100, "and not two minutes"
    assert said["enough of the id"] == [0, "3f2a00000001"]
    code, id_, message = said["too little of it"]
    assert (code, id_) == (2, "ambiguous-job")
    assert "3f2a00000001, 3f2b00000002" in message


ENDED = """
import types
bpy.ops.wm.open_mainfile(filepath=sys.argv[-1])
key, paths = ours("jobs.key"), ours("session.paths")
code, document, out = typed("submit", "--wait", "--download", "--frames", "1")
job = document["job"]
said["farm's id"] = job["farmId"]
said["submit"] = [code, job["stage"], out]
said["key on the disk"] = [str(path) for path in state.rglob("key")]
code, document, out = typed("cancel", job["id"])
said["cancel"] = [code, document["job"]["stage"], out]
records, session = ours("session.records"), ours("session.state").state
records.load()
bpy.ops.renderjuice.remove(job=job["id"])
said["removed"] = [path.name for path in (state / "jobs").glob("*.json")] + list(session.jobs)
said["frames"] = len(list(pathlib.Path(job["output"]).glob("*.png")))
key.write(state, "RJ-STORED")
said["key of the session"] = key.read(state) == os.environ["RENDERJUICE_API_KEY"]
ours("session.account").keep_key("")
said["key of an empty field"] = [str(path) for path in state.rglob("key")]
os.environ["LOCALAPPDATA"] = "/local"
paths.sys = types.SimpleNamespace(platform="win32")
said["scratch on Windows"] = str(paths.scratch_folder())
end()
"""


def test_what_has_ended_stays_and_a_key_of_the_session_is_stored_nowhere(artist, farm, tmp_path):
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    said = artist.said(BEGIN + ENDED, "SAID", str(blend))
    own = said.pop("farm's id")
    assert [one["status"] for one in farm.jobs() if one["id"] == own] == ["completed"]
    assert said == {
        "submit": [0, "finished", ""],
        "key on the disk": [],
        "cancel": [0, "finished", ""],
        "removed": [],
        "frames": 1,
        "key of the session": True,
        "key of an empty field": [],
        "scratch on Windows": "/local/Renderjuice/scratch",
    }


TWO_SCENES = """
scene.frame_current = 3
other = bpy.data.scenes.new("Other")
other.frame_current, other.camera, other.render.engine = 4, scene.camera, "CYCLES"
other.render.resolution_x = other.render.resolution_y = 32
"""
CALLS = """
scripting = ours("scripting")
bpy.ops.wm.open_mainfile(filepath=sys.argv[-2])
folder = sys.argv[-1]
own = bpy.data.scenes["Other"].renderjuice
own.use_sample_count, own.sample_count = True, 5
own.use_resolution_percentage, own.resolution_percentage = True, 50
settings = {"resolutionPercentage": 100}
first = scripting.submit(bpy.data.scenes["Other"], still=True, folder=folder, overwrite=True,
    settings=settings)
first.wait()
time.sleep(1.1)  # the time of a record is in seconds
bpy.ops.renderjuice.submit(still=True, directory=folder + "/2", overwrite=True, wait=True)
second, *others = scripting.jobs()
def found(job):
    data = json.loads((state / "jobs" / f"{job.id}.json").read_text("utf-8"))
    sent = [data["config"][name] for name in ("sampleCount", "resolutionPercentage")]
    return [data["scene"], data["frames"], str(job.folder), job.stage, sent]
said = {"first": found(first), "second": found(second)}
said["newest first"] = [one.id for one in others] == [first.id]
end()
"""


def test_calls_of_a_script_take_a_scene_a_still_and_a_folder(artist, tmp_path):
    blend = make(tmp_path / "project", TWO_SCENES)
    frames = tmp_path / "frames"
    for folder, number in ((frames, 4), (frames / "2", 3)):
        folder.mkdir()
        (folder / f"pattern_000{number}.png").write_bytes(b"theirs")
        (folder / "notes.txt").write_bytes(b"theirs")
    said = artist.said(BEGIN + CALLS, "SAID", str(blend), str(frames))
    assert said == {
        "first": ["Other", [[4, 4]], str(frames), "finished", [5, 100]],
        "second": ["Scene", [[3, 3]], str(frames / "2"), "finished", [2, 100]],
        "newest first": True,
    }
    for name in ("pattern_0004.png", "2/pattern_0003.png"):
        assert (frames / name).read_bytes() != b"theirs", "overwrite"
    assert all(Path(one).read_bytes() == b"theirs" for one in frames.rglob("notes.txt"))
