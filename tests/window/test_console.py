"""What a session prints to the terminal that Blender was started from: nothing by us."""

import pytest

from tests.window.studio import Studio
from tests.window.test_next_job import OPTIX

pytestmark = pytest.mark.timeout(240)

BLENDERS_OWN = "extensions.blender.org"
"""Blender 5.2 looks for assets online, and prints that it has not found the host."""

END = """
import ctypes
print("the test's own line", flush=True)
ctypes.CDLL(None).fflush(None)  # what Blender has not written to the log yet
"""


def test_a_session_prints_nothing(studio: Studio):
    """From Check to the frames, with a denoiser of which Blender warns when it is asked for."""
    blender = studio.open()
    blender.run(OPTIX)
    blender.show_sidebar("Renderjuice")
    start = len(blender.log.read_text("utf-8", "replace"))
    blender.click_operator("renderjuice.check")
    blender.wait_until("state.scan.result")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    blender.run(END)
    printed = blender.log.read_text("utf-8", "replace")[start:].splitlines()
    assert [line for line in printed if BLENDERS_OWN not in line] == ["the test's own line"]
