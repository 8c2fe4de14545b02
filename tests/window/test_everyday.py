"""What users do around a job, as docs/everyday.md describes it."""

import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.window.harness import Blender, Display
from tests.window.panel_text import observe, panel_text
from tests.window.studio import FRAMES, MODULE, Studio, import_session, in_preferences
from tests.window.test_findings import looked
from tests.window.test_overrides import OPEN
from tests.window.test_submit import move_cube, undo

HOME = [f"shot/shot/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)]
SAMPLES = "bpy.context.scene.renderjuice.use_sample_count"
SECOND_SCENE = """
bpy.ops.wm.window_new_main()
window = bpy.context.window_manager.windows[1]
with bpy.context.temp_override(window=window):
    bpy.ops.scene.new(type="FULL_COPY")
window.scene.name = "Close-up"
window.scene.frame_end = 2
view = next(a for a in window.screen.areas if a.type == "VIEW_3D")
view.spaces.active.show_region_ui = True
"""
SIDEBAR_OF_SECOND = """
sidebar = next(r for r in view.regions if r.type == "UI")
sidebar.active_panel_category = "Renderjuice"
view.tag_redraw()
"""
LIBRARY = """
def save(path):
    bpy.ops.wm.save_as_mainfile(filepath=path)

bpy.ops.wm.open_mainfile(filepath=BLEND)
save(LIB)
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
(scene,) = bpy.data.scenes
scene.name = "Shot"
with bpy.data.libraries.load(LIB, link=True, relative=True) as (there, here):
    here.objects = ["Cube", "Camera"]
    here.scenes = ["Scene"]
for thing in (there_is for there_is in bpy.data.objects if there_is.name in ("Cube", "Camera")):
    scene.collection.objects.link(thing)
scene.camera = bpy.data.objects["Camera"]
scene.render.engine = "CYCLES"
scene.frame_end = 2
override = bpy.data.objects["Cube"].override_create(remap_local_usages=True)
override.location.x = 3
save(SHOT)
"""


def test_settings_are_remembered_with_the_scene(studio: Studio):
    """Remove an override with its X, undo, redo, undo again, and save."""
    blender = studio.open()
    blender.run(
        f"{OPEN}\n"
        "group = bpy.context.scene.renderjuice\n"
        "group.use_sample_count, group.sample_count = True, 7\n"
        "bpy.ops.ed.undo_push(message='Override')"
    )
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.reset_override")
    blender.wait_until(f"not {SAMPLES}")
    blender.move(500, 500)
    blender.key("Z", ctrl=True)
    blender.wait_until(SAMPLES)
    blender.key("Z", ctrl=True, shift=True)
    blender.wait_until(f"not {SAMPLES}")
    blender.key("Z", ctrl=True)
    blender.wait_until(SAMPLES)
    blender.key("S", ctrl=True)
    blender.wait_until("not bpy.data.is_dirty")
    blender.screenshot("everyday-settings")
    blender.close()

    blender = studio.open()
    blender.show_sidebar("Renderjuice")
    observe(blender)
    assert "7 samples" in panel_text(blender)
    blender.screenshot("everyday-settings-again")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    (job,) = studio.farm.jobs()
    assert job["requestedConfig"]["sampleCount"] == 7


def test_nothing_that_is_done_to_the_file_reaches_the_job(studio: Studio):
    """Undo, redo, save, save as, rename the scene, and switch the workspace."""
    studio.farm.settings(seconds_per_frame=15.0)
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    move_cube(blender)
    blender.click_operator("renderjuice.submit")
    studio.wait_for(blender, "job.stage == 'rendering' and job.status == 'rendering'")
    studio.farm.process.send_signal(signal.SIGSTOP)  # paused while the following steps run

    undo(blender)
    blender.key("Z", ctrl=True, shift=True)
    blender.wait_until("bpy.data.objects['Cube'].location.x != 0")
    blender.key("S", ctrl=True)
    blender.wait_until("not bpy.data.is_dirty")
    blender.run("bpy.context.scene.name = 'Renamed'")
    other = studio.project / "elsewhere" / "take 2.blend"
    other.parent.mkdir()
    blender.run(f"bpy.ops.wm.save_as_mainfile(filepath={str(other)!r})")
    blender.run("bpy.context.window.workspace = bpy.data.workspaces['Modeling']")
    blender.wait_until("bpy.context.window.screen.name.startswith('Modeling')")
    blender.show_sidebar("Renderjuice")
    text = panel_text(blender)
    assert "Render 4 Frames" in text
    assert "Rendering" in text
    blender.screenshot("everyday-other-name")
    assert blender.run("next(iter(state.jobs.values())).stage") == "rendering"

    studio.farm.process.send_signal(signal.SIGCONT)
    studio.farm.settings(seconds_per_frame=0.1)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert studio.frames() == HOME
    assert not (other.parent / "renderjuice").exists()
    assert studio.farm.renders() == 1


def test_each_window_submits_its_own_scene(studio: Studio):
    blender = studio.open()
    blender.show_sidebar("Renderjuice")
    blender.run(SECOND_SCENE)
    blender.wait_until("next(r for r in view.regions if r.type == 'UI').width > 1")
    blender.run(SIDEBAR_OF_SECOND)
    observe(blender)
    assert "Camera, Scene" in (text := panel_text(blender)) and "Render 4 Frames" in text
    assert "Close-up" in (text := panel_text(blender, 1)) and "Render 2 Frames" in text
    blender.screenshot("everyday-two-windows")

    blender.click_operator("renderjuice.submit", window=1)
    job = studio.wait_for(blender, "job.stage == 'finished'")
    assert job["frames"]["downloaded"] == 2
    assert "2 of 2 frames" in panel_text(blender)
    assert "2 of 2 frames" in panel_text(blender, 1)
    blender.click_operator("renderjuice.submit")
    blender.wait_until("[j.stage for j in state.jobs.values()] == ['finished'] * 2")
    blender.screenshot("everyday-two-scenes")
    assert studio.frames() == [
        *(f"shot/shot Close-up/pattern_{n:04d}.png" for n in (1, 2)),
        *(f"shot/shot Scene/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)),
    ]


def test_a_second_blender_on_the_same_file(studio: Studio):
    """The second Blender warns before it submits again, shows the job, and takes it over."""
    studio.farm.fault("PUT", server="storage", times=100, delay=300.0)
    first, second = studio.open(), studio.open()
    second.show_sidebar("Renderjuice")
    observe(second)
    assert "No jobs yet" in panel_text(second)
    studio.submit(first)
    studio.wait_for(first, "job.stage == 'uploading'")

    second.click_operator("renderjuice.submit")
    second.screenshot("everyday-second-blender-asks")
    second.key("ESC")
    studio.wait_for(
        second,
        "job.elsewhere",
    )
    assert "Another Blender takes care of it" in panel_text(second)
    second.screenshot("everyday-second-blender")

    studio.farm.no_faults()
    first.close()
    studio.wait_for(second, "job.stage == 'finished' and not job.elsewhere")
    assert studio.frames() == HOME
    assert studio.farm.renders() == 1


def test_a_file_that_was_never_saved(studio: Studio, tmp_path: Path):
    """Check reports it, Submit asks for a folder, and nothing is sent without one."""
    chosen = tmp_path / "frames"
    chosen.mkdir()
    blender = studio.open()
    blender.run("bpy.ops.wm.read_homefile(app_template='')")
    blender.run("bpy.context.scene.frame_end = 2")
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.check")
    assert "This file was never saved, so there is no folder for its frames." in panel_text(blender)
    blender.screenshot("everyday-never-saved")

    blender.click_operator("renderjuice.submit")
    blender.screenshot("everyday-asks-for-a-folder")
    blender.key("ESC")
    assert studio.farm.log("request") == []

    blender.fill("shown_output", str(chosen))
    assert "Choose a folder" not in looked(blender)
    blender.screenshot("everyday-choose-folder")
    blender.click_operator("renderjuice.submit")
    studio.wait_for(blender, "job.stage == 'finished'")
    assert sorted(path.name for path in chosen.glob("[!.]*")) == [
        "pattern_0001.png",
        "pattern_0002.png",
    ]
    assert blender.run("bpy.data.filepath") == ""


@pytest.fixture
def read_only(studio: Studio, launcher: Path, display: Display) -> Iterator[Blender]:
    """A Blender that has no write access to the project's folder."""
    project, wrapper = shlex.quote(str(studio.project)), studio.project.parent / "blender"
    mount = f"mount --bind {project} {project} && mount -o remount,bind,ro {project}"
    if os.geteuid() != 0:
        studio.project.chmod(0o555)
        mount = "true"
    unshare = "unshare --mount -- " if os.geteuid() == 0 else ""
    wrapper.write_text(
        f'#!/bin/sh\nexec {unshare}sh -ec \'{mount}; exec "$@"\' blender {launcher} "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    environment = {
        "RENDERJUICE_API_URL": studio.farm.api_url,
        "RENDERJUICE_API_KEY": studio.farm.key,
    }
    with Blender(
        wrapper,
        display,
        studio.resources,
        arguments=("--online-mode", str(studio.blend)),
        environment=environment,
    ) as blender:
        import_session(blender)
        yield blender
    studio.project.chmod(0o755)


def test_a_folder_that_cannot_be_written(read_only: Blender, studio: Studio, tmp_path: Path):
    """The error comes before anything is sent; with another folder in the preferences it works."""
    blender = read_only
    observe(blender)
    studio.submit(blender)
    text = panel_text(blender)
    assert "The frames could not be written to" in text
    assert "Choose another output folder in the preferences" in text
    blender.screenshot("everyday-read-only")
    blender.move(500, 300)
    blender.key("ESC")  # close the error popup
    assert studio.farm.log("request") == []

    frames = tmp_path / "frames"
    window = blender.show_preferences(MODULE)
    blender.fill("output_folder", str(frames / "{title}"), **in_preferences(window))
    blender.close_preferences()
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert len(list((frames / "shot").glob("[!.]*"))) == FRAMES


def test_library_overrides(studio: Studio):
    """They are packed, they stay overrides, and a linked scene shows its settings read-only."""
    library, shot = studio.project / "lib" / "props.blend", studio.project / "shot2.blend"
    library.parent.mkdir()
    blender = studio.open()
    names = f"BLEND, LIB, SHOT = {str(studio.blend)!r}, {str(library)!r}, {str(shot)!r}"
    blender.run(f"{names}\n{LIBRARY}")
    observe(blender)
    studio.submit(blender)
    job = studio.wait_for(blender, "job.stage == 'finished'")
    assert job["frames"]["downloaded"] == 2
    assert blender.run("override.override_library.reference.library.name") == "props.blend"
    assert not blender.run("bpy.data.is_dirty")
    blender.screenshot("everyday-override")

    blender.run("bpy.context.window.scene = next(s for s in bpy.data.scenes if s.library)")
    assert "Camera, Scene" in (text := panel_text(blender)) and "Render 4 Frames" in text
    blender.screenshot("everyday-linked-scene")
    studio.submit(blender)
    blender.wait_until("[j.stage for j in state.jobs.values()] == ['finished'] * 2")
    assert studio.farm.renders() == 2
