"""Buttons, the timer and the end do not block when the worker process is stopped."""

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
STEPS = """
import contextlib, json, os, signal, sys, time
connection, records = ours("session.connection"), ours("session.records")
protocol, state = ours("jobs.protocol"), ours("session.state").state
def tick_until(true):
    end = time.monotonic() + 90
    while not true():
        assert time.monotonic() < end, (state.trouble, state.jobs)
        connection.tick()
        time.sleep(0.02)
def press():
    try:
        return sorted(bpy.ops.renderjuice.cancel(job=job_id))
    except RuntimeError as error:
        return str(error)
records.load()
(job_id,) = state.jobs
connection.send(protocol.Resume())
stopped = state.link.pid
os.kill(stopped, signal.SIGSTOP)
connection.UNREAD_SECONDS = -1.0
refused, sent = "", 0
while not refused and sent < 10_000:
    try:
        connection.send(protocol.StopScan("x" * 1000))
        sent += 1
    except OSError as error:
        refused = error.strerror
state.trouble = ""
connection.tick()
named = state.trouble
pressed = press()
kept = os.path.exists(os.environ["RENDERJUICE_STATE_DIR"] + f"/jobs/{job_id}.cancel")
os.kill(stopped, signal.SIGKILL)
connection.UNREAD_SECONDS = 10.0
tick_until(lambda: job_id in state.jobs and state.jobs[job_id].ended)
said = {"refused": refused, "sent": sent, "named": named, "pressed": pressed, "kept": kept}
said |= {"trouble": state.trouble, "stage": state.jobs[job_id].stage}
print("SAID", json.dumps(said))
sys.stdout.flush()
os._exit(0)
"""


def test_it_is_said_and_a_cancel_is_kept(installed: Headless, farm, tmp_path):
    (tmp_path / "state").mkdir()
    environment = {"RENDERJUICE_STATE_DIR": str(tmp_path / "state")}
    artist = Headless(installed.resources, farm, environment)
    farm.settings(seconds_per_frame=600.0)
    submitted = artist.run(make(tmp_path / "project", "scene.frame_end = 3"), "submit")
    assert submitted.code == 0, submitted.stderr
    said = artist.said(STEPS, "SAID")
    assert said["sent"] < 10_000
    assert "the jobs go on" in said["refused"]
    assert said["named"].startswith("Renderjuice's background process does not take commands.")
    assert said["kept"]
    assert said["pressed"] == ["FINISHED"]
    assert said["stage"] == "canceled"
    assert said["trouble"] == ""
    own = submitted.document["job"]["farmId"]
    assert [job["status"] for job in farm.jobs() if job["id"] == own] == ["canceled"]


ENDED = """
import json, os, pathlib, signal, sys, time
connection, records = ours("session.connection"), ours("session.records")
protocol, record, store = ours("jobs.protocol"), ours("jobs.record"), ours("jobs.store")
process, state = ours("session.worker_process"), ours("session.state").state
jobs = store.Store(pathlib.Path(os.environ["RENDERJUICE_STATE_DIR"]))
job = record.new("shot", jobs.origin, "/nowhere")
job.stage, job.api_url = record.Stage.CREATING, os.environ["RENDERJUICE_API_URL"]
jobs.save(job)
records.load()
def stopped():
    connection.send(protocol.Resume())
    os.kill(state.link.pid, signal.SIGSTOP)
    return state.link
first = stopped()
connection.restart()
said = {"waited for": not first.alive, "another one at once": state.link is not None}
connection.tick()
said["killed at once"] = not first.alive
process.SECONDS_TO_QUIT = 0.0
end = time.monotonic() + 90
while time.monotonic() < end and not (state.link and not state.ending):
    connection.tick()
    time.sleep(0.02)
said["ended"] = not first.alive
said["goes on"] = bool(state.link and state.link.alive)
process.SECONDS_TO_QUIT = 600.0
links = [stopped()]
connection._end(links[0])
links.append(stopped())
before = time.monotonic()
connection.close()
said["seconds"] = time.monotonic() - before
end = time.monotonic() + 90
while time.monotonic() < end and any(link.alive for link in links):
    time.sleep(0.02)
said["left"] = [link.pid for link in links if link.alive]
print("SAID", json.dumps(said))
sys.stdout.flush()
os._exit(0)
"""


def test_the_end_of_a_stopped_worker_is_waited_for_by_nobody(installed: Headless, tmp_path):
    environment = {
        "RENDERJUICE_STATE_DIR": str(tmp_path),
        "RENDERJUICE_API_URL": "http://127.0.0.1:9/v1",
    }
    said = Headless(installed.resources, None, environment).said(ENDED, "SAID")
    assert said.pop("seconds") < 60, "it would have been waited for until it ends by itself"
    assert said == {
        "waited for": False,
        "another one at once": False,
        "killed at once": False,
        "ended": True,
        "goes on": True,
        "left": [],
    }
