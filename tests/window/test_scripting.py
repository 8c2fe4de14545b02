"""scripting.py in a window: a submit returns without waiting, and the job continues by itself."""

import pytest

from tests.window.studio import MODULE, Studio

pytestmark = pytest.mark.our_code_alone

SUBMIT = f"""
from {MODULE} import scripting
job = scripting.submit(frames="1-2", settings={{"sampleCount": 2}})
stage = job.stage
[stage, job.frames_here, job.frames_of, job.name, len(scripting.jobs())]
"""
WAIT = """
waited = scripting.submit(frames="3")
waited.wait()
[waited.stage, waited.frames_here]
"""
TIMEOUT = """
slow = scripting.submit(frames="4")
try:
    slow.wait(timeout=1)
except scripting.Error as error:
    said = [error.id, error.message, error.hint, error.job is slow]
said
"""
NO_CAMERA = """
bpy.context.scene.camera = None
try:
    scripting.submit()
except scripting.Error as error:
    said = [error.id, error.job, [one.id for one in error.checks]]
said
"""


def test_a_script_does_not_hold_blender_up(studio: Studio):
    studio.farm.settings(delay=0.5)
    blender = studio.open()
    assert blender.run(SUBMIT) == ["packing", 0, 2, "shot", 1]
    blender.wait_until("job.ended", timeout=90)
    assert blender.run("[job.stage, job.frames_here, job.missing]") == ["finished", 2, []]
    assert blender.run(WAIT) == ["finished", 1]

    studio.farm.settings(seconds_per_frame=600.0)
    error, message, hint, own = blender.run(TIMEOUT)
    assert (error, hint, own) == ("wait-timeout", "It goes on: wait again.", True)
    assert message == "shot 3 is not done after 1 seconds."
    blender.run("slow.cancel()")
    blender.wait_until("slow.stage == 'canceled'", timeout=90)
    assert blender.run(NO_CAMERA) == ["no-camera", None, ["no-camera"]]
