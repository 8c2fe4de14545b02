"""The main way: submit in the sidebar, go on working, frames come home."""

import pytest

from tests.window.studio import FRAMES, Studio

pytestmark = pytest.mark.timeout(240)


def test_frames_come_home(studio: Studio):
    blender = studio.open()
    studio.submit(blender)
    studio.wait_for(blender, "job['stage'] == 'finished'")
    assert studio.frames() == [f"shot/shot/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)]
    assert studio.farm.renders() == 1
