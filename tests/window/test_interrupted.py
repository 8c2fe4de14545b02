"""Blender ends at any stage of a job, and the job continues when Blender starts again."""

import pytest
from PIL import Image

from tests.window.studio import FRAMES, MODULE, Studio, import_session

pytestmark = pytest.mark.our_code_alone

HANGS = 120.0  # seconds: longer than any test
LEFT_BEHIND = """
import itertools
handlers = [getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)]
handlers = [functions for functions in handlers if isinstance(functions, list)]
found = [name for name in dir(bpy.types) if "renderjuice" in name.lower()]
found += [f"{kind.__name__}.{name}" for kind in (bpy.types.Scene, bpy.types.WindowManager)
          for name in dir(kind) if "renderjuice" in name]
found += [str(f) for f in itertools.chain(*handlers) if "renderjuice" in f.__module__]
found += [str(f) for f in (connection.tick, records.start) if bpy.app.timers.is_registered(f)]
found += [str(f) for menu in (bpy.types.TOPBAR_MT_render, bpy.types.TOPBAR_MT_file)
          for f in getattr(menu.draw, "_draw_funcs", ()) if "renderjuice" in f.__module__]
found += dir(bpy.ops.renderjuice)
found
"""


@pytest.mark.parametrize("end", ["close", "kill"])
def test_every_stage_goes_on_after_a_new_start(studio: Studio, end: str):
    farm = studio.farm

    def end_blender() -> None:
        getattr(blender, end)()
        assert studio.all_end(30) == []

    farm.fault("PUT", server="storage", times=100, delay=HANGS)
    blender = studio.open()
    studio.submit(blender)
    studio.wait_for(blender, "job.stage in ('packing', 'uploading')")
    end_blender()

    blender = studio.open()
    job = studio.wait_for(blender, "job.stage == 'uploading' and job.live.done > 0")
    assert job["live"]["done"] <= job["live"]["total"]
    end_blender()

    farm.no_faults()
    farm.settings(seconds_per_frame=5.0)
    blender = studio.open()
    studio.wait_for(blender, "job.stage == 'rendering' and job.live.done > 0")
    end_blender()

    farm.settings(seconds_per_frame=0.1)
    farm.fault("GET", server="storage", skip=2, times=100, delay=HANGS)
    blender = studio.open()
    studio.wait_for(blender, "job.live.unit == 'files' and job.live.done == 2")
    end_blender()

    farm.no_faults()
    blender = studio.open()
    job = studio.wait_for(blender, "job.stage == 'finished'")
    frames = {"expected": FRAMES, "downloaded": FRAMES, "missing": 0, "files": FRAMES, "others": 0}
    assert job["frames"] == frames
    assert studio.frames() == [f"shot/shot/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)]
    for frame in studio.frames():
        Image.open(studio.project / "renderjuice" / frame).load()
    assert farm.renders() == 1
    assert len(farm.jobs()) == 1


def test_disabling_leaves_nothing_and_enabling_goes_on(studio: Studio):
    studio.farm.settings(seconds_per_frame=2.0)
    blender = studio.open()
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'rendering' and job.live.done > 0")
    assert blender.run(LEFT_BEHIND)

    blender.run(f"bpy.ops.preferences.addon_disable(module={MODULE!r})")
    assert blender.run(LEFT_BEHIND) == []
    assert studio.all_end(30) == []

    blender.run(f"bpy.ops.preferences.addon_enable(module={MODULE!r})")
    import_session(blender)
    studio.wait_for(blender, "job.stage == 'rendering'")
    assert len(blender.run("list(bpy.context.window_manager.renderjuice_jobs.keys())")) == 1
    studio.wait_for(blender, "job.stage == 'finished'")
    assert len(studio.frames()) == FRAMES
    assert studio.farm.renders() == 1
