"""The extension prints nothing to the terminal from which Blender was started."""

from tests.window.harness import Blender
from tests.window.studio import Studio
from tests.window.test_next_job import OPTIX

PRINT = """
import ctypes
print("the test's own line", flush=True)
ctypes.CDLL(None).fflush(None)  # what Blender has not written to the log yet
"""


def lines(blender: Blender) -> list[str]:
    """All printed lines, including one that the test prints to prove that output is captured."""
    blender.run(PRINT)
    return blender.printed()


def test_a_session_prints_nothing(studio: Studio):
    """From Check to the frames, with a denoiser that makes Blender warn whenever it is read."""
    blender = studio.open()
    blender.run(OPTIX)
    blender.show_sidebar("Renderjuice")
    before = lines(blender)
    blender.click_operator("renderjuice.check")
    blender.wait_until("state.scan.result")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert lines(blender)[len(before) :] == ["the test's own line"]
