"""The status bar text for active jobs: the number agrees with that of the list."""

import pytest

from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
SUMMARIES = """
import json
bar, view, rec = ours("panels.status_bar"), ours("jobs.snapshot"), ours("jobs.record")
state = ours("session.state").state

class Layout:
    def __init__(self):
        self.texts = []
    def row(self, **_):
        return self
    def operator(self, _, text, **__):
        self.texts.append(text)
        return type("Properties", (), {})()

def job(stage, done, total, unit, waiting=False):
    record = rec.new("shot", "here", "/frames", frames=[[1, 250]])
    record.stage, record.waiting = stage, waiting
    return view.snapshot(record, view.LiveProgress(done, total, unit))

def drawn(*jobs):
    state.jobs = {one.id: one for one in jobs}
    state.changes += 1
    layout = Layout()
    bar.draw(layout)
    return " ".join(layout.texts)

half = job("rendering", 48, 250, "frames")
sending = job("uploading", 50, 100, "bytes")
cases = [
    [half],
    [job("rendering", 250, 250, "frames")],
    [job("rendering", 300, 250, "frames")],
    [job("rendering", 48, 250, "frames", waiting=True)],
    [sending],
    [half, sending],
    [],
]
print("SAID", json.dumps([drawn(*jobs) for jobs in cases]))
"""


def test_the_number_is_that_of_the_frames_or_of_the_upload(installed: Headless):
    half, done, too_many, waiting, sending, both, none = installed.said(SUMMARIES, "SAID")
    assert half == "shot: Rendering 48 of 250"
    assert done == "shot: Rendering 250 of 250"
    assert too_many == done, "a farm that counts too much"
    assert waiting == "shot: Rendering 48 of 250, waiting"
    assert sending == "shot: Uploading 50 %"
    assert both in (f"{half}, and 1 more", f"{sending}, and 1 more")
    assert none == ""
