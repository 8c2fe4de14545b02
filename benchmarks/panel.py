"""The panel's processor time with more and more jobs, in bpy with the extension installed.

For benchmarks/growth.py. The processor time of one call is the minimum of many rounds.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.enable import inside_of
from benchmarks.figures import Curve

BLENDER = "bpy-5.2.3"
JOBS = (10, 50, 200, 500)
FLAT, LINEAR = 0.2, 1.1
KINDS = {
    "take": ("take in one job's message", FLAT),
    "show": ("bring the list up to date", FLAT),
    "kept": ("ask for the order after a frame", FLAT),
    "tick": ("a tick with one job's message", FLAT),
    "moved": ("put the list in order anew", LINEAR),
}
MEASURE = """
import json, sys, time
rec, view, connection = ours("jobs.record"), ours("jobs.snapshot"), ours("session.connection")
protocol = ours("jobs.protocol")
panel, job_list = ours("panels.job_list"), ours("session.job_list")
state = ours("session.state").state
manager = bpy.context.window_manager

class Link:
    sent, alive, events = 0, True, []
    def receive(self):
        return self.events
link = Link()

def message(record, done):
    return protocol.Jobs((view.snapshot(record, view.LiveProgress(done, 250, "frames")),))

def best(run, prepare=lambda: None):
    found = []
    for _ in range(20):
        took = 0.0
        for number in range(50):
            prepare()
            begun = time.thread_time()
            run(number)
            took += time.thread_time() - begun
        found.append(took / 50)
    return min(found)

def arrange(_):
    panel.arranged(manager.renderjuice_jobs, "", "ALL", "NEWEST")

def move():
    state.changes += 1

def tick(number):
    link.events = [messages[number]]
    connection.tick()

found = {}
for jobs in json.loads(sys.argv[-1]):
    state.jobs.clear()
    stage = rec.Stage.FINISHED
    records = [rec.new(f"shot {n}", "here", "/frames", stage=stage) for n in range(jobs)]
    records[-1].stage = rec.Stage.RENDERING
    for record in records:
        connection.handle(message(record, 0))
    messages = [message(records[-1], done) for done in range(50)]
    job_list.update()
    state.link = link
    found[jobs] = {
        "take": best(lambda number: connection.handle(messages[number])),
        "show": best(lambda _: job_list.update()),
        "kept": best(arrange, lambda: connection.handle(messages[0])),
        "moved": best(arrange, move),
        "tick": best(tick),
    }
    state.link = None
print("TOOK", json.dumps(found))
"""


def curves() -> list[Curve]:
    """Return a curve of each kind against the number of jobs."""
    found: dict[str, dict[str, float]] = inside_of(BLENDER, "panel.inside()")
    return [
        Curve(
            what, "jobs", "s", [(float(jobs), took[kind]) for jobs, took in found.items()], most,
            "panel",
        )
        for kind, (what, most) in KINDS.items()
    ]  # fmt: skip


def inside() -> None:
    """In a Python with bpy: install the extension for a user, and measure it."""
    from tests.headless import Headless

    with tempfile.TemporaryDirectory() as folder:
        user = Headless(Path(folder, "user"))
        user.install()
        found = user.said(MEASURE, "TOOK", json.dumps(JOBS))
    print("FOUND", json.dumps(found))
