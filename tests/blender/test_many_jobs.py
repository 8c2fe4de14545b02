"""Submit takes the same time however many jobs exist, because records are read only once."""

import pytest

from tests.headless import Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
JOBS = 100

PLAN = f"""
import json, pathlib, tempfile
records, rec, plans = ours("session.records"), ours("jobs.record"), ours("session.plan")
state = ours("session.state").state
Store = ours("jobs.store").Store
store = Store(ours("session.paths").state_folder())

def add(title, output):
    store.save(rec.new(title, store.origin, output, stage=rec.Stage.FINISHED))

def plan():
    read.clear()
    made = plans.of_scene(bpy.context.scene)
    return {{"reads": len(read), "title": made.title}}

bpy.ops.wm.save_as_mainfile(filepath=str(pathlib.Path(tempfile.mkdtemp()) / "shot.blend"))
for number in range({JOBS} - len(store.ids())):  # other tests of this user have left some
    add(f"job {{number}}", f"/frames/{{number}}")
read = []
load = Store.load
Store.load = lambda self, job_id: read.append(job_id) or load(self, job_id)
said = [plan(), plan()]
add("of another Blender", plans.of_scene(bpy.context.scene).output)
said += [plan(), plan()]
records.load()
records.remove_many(list(state.jobs))
said += [plan()]
print("PLANS", json.dumps(said))
"""


def test_records_are_read_once(installed: Headless):
    first, second, other_came, after, removed = installed.said(PLAN, "PLANS")
    assert first == {"reads": JOBS, "title": "shot"}
    assert second == {"reads": 0, "title": "shot"}
    assert other_came == {"reads": 1, "title": "shot 2"}, "its folder is taken"
    assert after == {"reads": 0, "title": "shot 2"}
    assert removed == {"reads": 0, "title": "shot"}, "a job that is being removed came back"
