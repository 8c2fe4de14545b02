"""Test frames: one press, three pictures side by side, and an estimate for all frames."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.farm.running import running_farm
from tests.window.harness import HEIGHT, WIDTH, Blender
from tests.window.panel_text import observe, panel_text
from tests.window.studio import Studio, wait_for_previews

COUNT = 24
# A turning cube that becomes round, so that the last frame takes longer than the first.
SCENE = f"""
scene = bpy.context.scene
scene.frame_end = {COUNT}
scene.render.resolution_x, scene.render.resolution_y = 320, 180
scene.cycles.samples = 8
cube = bpy.data.objects["Cube"]
cube.rotation_euler.z = 3
cube.keyframe_insert("rotation_euler", frame={COUNT})
many = cube.modifiers.new("many", "SUBSURF")
for many.render_levels, frame in (0, 6), (7, {COUNT}):
    many.keyframe_insert("render_levels", frame=frame)
bpy.ops.wm.save_mainfile()
"""


def test_one_press_shows_three_frames_and_what_all_take(
    start: Callable[..., Blender], launcher: Path, desk: Path, tmp_path: Path
):
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    with running_farm(blender=str(launcher)) as farm:
        farm.settings(normalized_seconds_per_frame=40.0)
        studio = Studio(start, tmp_path, farm)
        blender = studio.open()
        blender.run(SCENE)
        blender.show_sidebar("Renderjuice")
        blender.screenshot("test-frames-before")

        blender.run("bpy.context.scene.renderjuice_next.mode = 'TEST'")
        blender.screenshot("test-frames-mode")
        blender.click_operator("renderjuice.test_frames")
        studio.wait_for(blender, "job.frames.expected == 3")
        blender.screenshot("test-frames-under-way")
        job = studio.wait_for(blender, "job.stage == 'finished'")
        found = job["estimate"]
        assert (found["count"], found["frames_text"]) == (COUNT, f"1-{COUNT}")
        assert found["total"] == 40.0 * COUNT
        assert found["low"] is not None, found
        assert found["low"] < found["total"] < found["high"]
        assert studio.frames() == [f"shot/shot test frames/{n:04d}.png" for n in (1, 12, 24)]
        assert farm.renders() == 1
        wait_for_previews(blender, 3)
        blender.screenshot("test-frames")

        blender.click_operator(f'renderjuice.submit(frames="1-{COUNT}")')
        whole = studio.wait_for(blender, f"job.frames.expected == {COUNT}")
        assert whole["estimate"] is None
        assert whole["title"] == "shot"


def test_which_frames_is_chosen_in_the_panel(studio: Studio):
    studio.farm.settings(delays={"validating": 20.0})
    blender = studio.open()
    observe(blender)
    blender.run(
        "bpy.context.scene.frame_end = 100\n"
        "own = bpy.context.scene.renderjuice_next\n"
        "own.mode, own.which, own.chosen = 'TEST', 'CHOSEN', '1, 50-52, 100'"
    )
    blender.show_sidebar("Renderjuice")
    assert "Render 5 Test Frames" in panel_text(blender)
    blender.screenshot("test-frames-chosen")
    blender.run("own.which, own.every = 'EVERY', 25")
    assert "Render 4 Test Frames" in panel_text(blender)
    blender.click_operator("renderjuice.test_frames")
    studio.wait_for(blender, "job.frames.expected == 4")
    blender.move(WIDTH // 2, HEIGHT // 2)
    assert "You will be charged for both" in panel_text(blender)
    blender.click_operator("renderjuice.test_frames")
    blender.screenshot("test-frames-once-more")
    blender.key("ESC")
    assert len(blender.run("list(state.jobs)")) == 1

    blender.run("bpy.ops.renderjuice.test_frames(which='EVERY', every=30)")
    with pytest.raises(Exception, match="none of the job's frames, 1-100"):
        blender.run("bpy.ops.renderjuice.test_frames(which='CHOSEN', chosen='50, 200')")
    with pytest.raises(Exception, match="No test frames are named"):
        blender.run("bpy.ops.renderjuice.test_frames(which='CHOSEN')")
    assert len(blender.run("list(state.jobs)")) == 2
