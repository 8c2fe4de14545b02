"""The job list is sorted again only after a change that can move a row."""

import pytest

from tests.headless import Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
STEPS = """
import json, random
connection, records = ours("session.connection"), ours("session.records")
listing, rec, view = ours("jobs.sorting"), ours("jobs.record"), ours("jobs.snapshot")
protocol = ours("jobs.protocol")
worker_events = ours("jobs.worker_events")
panel, job_list = ours("panels.job_list"), ours("session.job_list")
state = ours("session.state").state
manager = bpy.context.window_manager
draw = random.Random(7)
made_up = [rec.new(f"{draw.choice('abc')} {number}", "here", "/frames") for number in range(40)]
for number, record in enumerate(made_up):
    record.created_at = f"2026-03-01T00:00:{number:02}Z"
made = []
arrange = listing.filter_and_sort
listing.filter_and_sort = lambda *a, **more: made.append(1) or arrange(*a, **more)
wrong, unmoved = [], 0
for step in range(600):
    record = draw.choice(made_up)
    done = draw.randrange(20)
    kind = draw.choice(["move", "progress", "progress", "remove", "wait", "rename", "note"])
    if kind == "move":
        record.stage = draw.choice(sorted(rec.Stage))
    if kind == "wait":
        record.waiting = not record.waiting
    if kind == "rename":
        record.title = draw.choice("abc")
    if kind == "remove":
        connection.handle(worker_events.Removed((record.id,)))
    elif kind == "note":
        records.note(record)
    else:
        shot = view.snapshot(record, view.LiveProgress(done, 20, "frames"))
        known = state.jobs.get(record.id)
        now = listing.row(shot)
        unmoved += known is not None and listing.row(known) == now
        connection.handle(protocol.Jobs((shot,)))
    job_list.update()
    rows = manager.renderjuice_jobs
    newest = sorted(state.jobs, key=lambda one: state.jobs[one].created_at, reverse=True)
    if [row.name for row in rows] != newest:
        wrong.append(step)
    asked = {"name": "", "state": draw.choice(["ALL", "ALL", "TROUBLE"]), "sort": "NEWEST"}
    jobs = [state.jobs[row.name] for row in rows]
    shown, places = arrange(jobs, **asked)
    told = panel.arranged(rows, *asked.values())
    if told == ([], []):
        told = ([True] * len(rows), list(range(len(rows))))
    if told != (shown, places):
        wrong.append(step)
before = len(made)
shot = view.snapshot(made_up[0], view.LiveProgress(1, 20, "frames"))
connection.handle(protocol.Jobs((shot,)))
panel.arranged(manager.renderjuice_jobs, *asked.values())
first = len(made) - before
for done in range(10):
    shot = view.snapshot(made_up[0], view.LiveProgress(done, 20, "frames"))
    connection.handle(protocol.Jobs((shot,)))
    panel.arranged(manager.renderjuice_jobs, *asked.values())
anew = len(made) - before - first
job_list.update()
compared = []

class Jobs(dict):
    def keys(self):
        compared.append(1)
        return super().keys()

state.jobs = Jobs(state.jobs)
job_list.update()
said = {"wrong": wrong, "unmoved": unmoved, "anew": anew, "compared": len(compared)}
print("SAID", json.dumps(said))
"""


def test_an_arrangement_that_is_kept_is_never_stale(installed: Headless):
    said = installed.said(STEPS, "SAID")
    assert said["unmoved"] > 50, "steps that move nothing were among them"
    assert said["wrong"] == []
    assert said["anew"] == 0, "frames that come move no row"
    assert said["compared"] == 0, "nor do they add one"
