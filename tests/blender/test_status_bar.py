"""The status bar text for active jobs: the percentage agrees with the frame count."""

import pytest

from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = pytest.mark.timeout(120)

SUMMARIES = """
import json
bar, view, rec = ours("panels.status_bar"), ours("jobs.snapshot"), ours("jobs.record")

def job(stage, done, total, unit, waiting=False):
    record = rec.new("shot", "here", "/frames", frames=[[1, 250]])
    record.stage, record.waiting = stage, waiting
    return view.snapshot(record, view.LiveProgress(done, total, unit))

half = job("rendering", 48, 250, "frames")
sending = job("uploading", 50, 100, "bytes")
cases = [
    [half],
    [job("rendering", 250, 250, "frames")],
    [job("rendering", 300, 250, "frames")],
    [job("rendering", 48, 250, "frames", waiting=True)],
    [sending],
    [half, sending],
]
print("SAID", json.dumps([bar._summary(jobs) for jobs in cases]))
"""


def test_per_cent_are_of_the_frames_beside_them_or_of_the_whole_way(installed: Headless):
    half, done, too_many, waiting, sending, both = installed.said(SUMMARIES, "SAID")
    assert half == "Renderjuice 19 %  48/250", "48 of 250, not the part of the whole way"
    assert done == "Renderjuice 100 %  250/250"
    assert too_many.startswith("Renderjuice 100 %"), "a farm that counts too much"
    assert waiting == "Renderjuice 19 %, waiting"
    assert sending == "Renderjuice 6 %", "half of an upload, which goes from 2 to 10 per cent"
    way = 0.12 + (0.9 - 0.12) * 48 / 250
    assert both == f"Renderjuice {100 * (way + 0.06) / 2:.0f} % of 2 jobs"
