"""The list of jobs is arranged anew at each change that may move a row, and at no other."""

import pytest

from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = pytest.mark.timeout(120)

STEPS = """
import json, random
bridge, listing, rec = ours("session.bridge"), ours("jobs.sorting"), ours("jobs.record")
job_list, view, mirror = ours("panels.job_list"), ours("jobs.snapshot"), ours("session.job_list")
manager = bpy.context.window_manager
link = type("Link", (), {"sent": 0})()
draw = random.Random(7)
records = [rec.new(f"{draw.choice('abc')} {number}", "here", "/frames") for number in range(40)]
for number, record in enumerate(records):
    record.created_at = f"2026-03-01T00:00:{number:02}Z"
made = []
arrange = listing.arranged
listing.arranged = lambda *a, **more: made.append(1) or arrange(*a, **more)
wrong, unmoved = [], 0
for step in range(600):
    record = draw.choice(records)
    done = draw.randrange(20)
    kind = draw.choice(["move", "progress", "progress", "remove", "wait", "rename", "note"])
    if kind == "move":
        record.stage = draw.choice(sorted(rec.STAGES))
    if kind == "wait":
        record.waiting = not record.waiting
    if kind == "rename":
        record.title = draw.choice("abc")
    if kind == "remove":
        bridge._take({"removed": [record.id]}, link)
    elif kind == "note":
        bridge.note(record)
    else:
        shot = view.snapshot(record, view.Live(done, 20, "frames"))
        known = bridge.jobs.get(record.id)
        now = listing.row({**shot, "foreign": False})
        unmoved += known is not None and listing.row(known) == now
        bridge._take({"jobs": [shot]}, link)
    mirror.show(manager, bridge.jobs, bridge.changes)
    rows = manager.renderjuice_jobs
    newest = sorted(bridge.jobs, key=lambda one: bridge.jobs[one]["createdAt"], reverse=True)
    if [row.name for row in rows] != newest:
        wrong.append(step)
    asked = {"name": "", "state": draw.choice(["ALL", "ALL", "TROUBLE"]), "sort": "NEWEST"}
    jobs = [bridge.jobs[row.name] for row in rows]
    shown, places = arrange(jobs, **asked)
    told = job_list.arranged(rows, *asked.values())
    if told == ([], []):
        told = ([True] * len(rows), list(range(len(rows))))
    if told != (shown, places):
        wrong.append(step)
before = len(made)
shot = view.snapshot(records[0], view.Live(1, 20, "frames"))
bridge._take({"jobs": [shot]}, link)
job_list.arranged(manager.renderjuice_jobs, *asked.values())
first = len(made) - before
for done in range(10):
    bridge._take({"jobs": [view.snapshot(records[0], view.Live(done, 20, "frames"))]}, link)
    job_list.arranged(manager.renderjuice_jobs, *asked.values())
anew = len(made) - before - first
mirror.show(manager, bridge.jobs, bridge.changes)
compared = []

class Jobs(dict):
    def keys(self):
        compared.append(1)
        return super().keys()

mirror.show(manager, Jobs(bridge.jobs), bridge.changes)
said = {"wrong": wrong, "unmoved": unmoved, "anew": anew, "compared": len(compared)}
print("SAID", json.dumps(said))
"""


def test_an_arrangement_that_is_kept_is_never_stale(installed: Headless):
    said = installed.said(STEPS, "SAID")
    assert said["unmoved"] > 50, "steps that move nothing were among them"
    assert said["wrong"] == []
    assert said["anew"] == 0, "frames that come move no row"
    assert said["compared"] == 0, "nor do they add one"
