"""The main workflow: key, Submit, stages, frames, and what users do meanwhile."""

import shutil
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.farm.running import running_farm
from tests.window.harness import HEIGHT, Blender
from tests.window.studio import FRAMES, MODULE, Studio, import_session, in_preferences

CUBE = "round(bpy.data.objects['Cube'].location.x, 3)"
RENDER_MENU = (125, HEIGHT - 14)  # its title in the bar at the top
RENDER_TWO = """
scene = bpy.context.scene
scene.frame_set(2)
scene.render.filepath = PATH
bpy.ops.render.render(write_still=True)
"""


# Closed panels are not drawn, so open them all, before Blender has created any of them.
OPEN_ALL_PANELS = """
from bl_ext.user_default.renderjuice.panels import render
for panel in render._CLASSES:
    panel.bl_options = set()
render.unregister()
render.register()
areas = {area.type: area for area in bpy.context.window.screen.areas}
areas["PROPERTIES"].spaces.active.context = "RENDER"
"""
SEARCH_PROPERTIES = """
area = areas["VIEW_3D"]
area.spaces.active.context = "RENDER"
area.spaces.active.search_filter = "renderjuice"
"""
ODD_SCENES = (
    "scene.frame_start, scene.frame_end = 5, 4",
    "scene.frame_start, scene.frame_end = -5, 4",
    "scene.renderjuice.use_frames = True; scene.renderjuice.frames = '1-3, x'",
    "scene.renderjuice.frames = ''",
    "for name in dir(scene.renderjuice):\n"
    "    if name.startswith('use_'): setattr(scene.renderjuice, name, True)",
    "scene.render.engine = 'BLENDER_WORKBENCH'",
    "scene.camera = None",
    "scene.render.fps_base = 1.001; scene.render.use_multiview = True",
)


def test_first_frames(
    start: Callable[..., Blender], launcher: Path, extension: Path, desk: Path, tmp_path: Path
):
    """From the zip to frames of the same Blender: type the key and see every stage."""
    shutil.copytree(desk / "project", tmp_path / "project")
    with running_farm(blender=str(launcher), delay=1.5) as farm:
        farm.settings(seconds_per_frame=1.0)
        farm.fault("PUT", server="storage", delay=3)
        farm.fault("GET", server="storage", times=FRAMES, delay=3)
        studio = Studio(start, tmp_path, farm)
        blender = start(arguments=("--online-mode", str(studio.blend)))
        blender.install(extension)
        connect(studio, blender)

        studio.submit(blender)
        for stage in ("uploading", "validating", "rendering", "downloading", "finished"):
            studio.wait_for(blender, f"job.stage == {stage!r}")
            blender.screenshot(f"stage-{stage}")
        assert not blender.run("bpy.data.is_dirty")
        assert blender.run("bpy.data.filepath") == str(studio.blend)
        assert farm.renders() == 1

    names = [f"shot/shot/{n:04d}.png" for n in range(1, FRAMES + 1)]
    assert studio.frames() == names
    blender.run(f"PATH = {str(tmp_path / 'own.png')!r}\n{RENDER_TWO}")
    own = Image.open(tmp_path / "own.png")
    farms = Image.open(studio.project / "renderjuice" / names[1])
    assert (own.mode, own.tobytes()) == (farms.mode, farms.tobytes())


def connect(studio: Studio, blender: Blender) -> None:
    """Type the address, a wrong and the right key into the preferences, and test each key."""
    window = blender.show_preferences(MODULE)
    where = in_preferences(window)
    import_session(blender)

    def test(key: str, result: str) -> str:
        blender.double_click(*blender.find("key", **where), window)
        blender.key("END", window)  # as if pasted after the masked previous key
        blender.type(key, window)
        blender.key("RET", window)
        blender.click_operator("renderjuice.test_key", **where)
        return blender.wait_until(
            f"account.test_result()[0] == {result!r} and account.test_result()[1]"
        )

    blender.fill("api_url", studio.farm.api_url, **where)
    answer = test("RJ-WRONG", "refused")
    assert "Renderjuice refused the API key (HTTP 401)" in answer
    blender.screenshot("key-refused")
    assert test(studio.farm.key, "accepted") == "Connected"
    blender.screenshot("key-accepted")
    blender.close_preferences()

    kept = studio.state / "key"
    assert kept.read_text(encoding="utf-8").strip() == studio.farm.key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    blender.run("bpy.ops.wm.save_userpref()")
    assert (
        studio.farm.key.encode()
        not in (studio.resources / "config" / "userpref.blend").read_bytes()
    )


def test_the_artist_goes_on_working(studio: Studio):
    """Undo, renaming the scene, New and Open do not affect the job."""
    studio.farm.settings(seconds_per_frame=4.0)
    blender = studio.open()
    other = studio.project / "other.blend"
    blender.run(f"bpy.ops.wm.save_as_mainfile(filepath={str(other)!r}, copy=True)")

    blender.show_sidebar("Renderjuice")
    move_cube(blender)
    blender.click_operator("renderjuice.submit")
    undo(blender)
    studio.wait_for(blender, "job.status == 'rendering'")
    studio.farm.process.send_signal(signal.SIGSTOP)  # paused while the following steps run
    move_cube(blender)
    undo(blender)
    blender.run("bpy.context.scene.name = 'Renamed'")
    assert shown(blender) == ["shot"]

    blender.run("bpy.ops.wm.read_homefile(app_template='')")
    assert blender.run("bpy.data.filepath") == ""
    assert shown(blender) == ["shot"]
    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(other)!r})")
    assert shown(blender) == ["shot"]
    assert blender.run("next(iter(state.jobs.values())).stage") == "rendering"
    studio.farm.process.send_signal(signal.SIGCONT)

    studio.wait_for(blender, "job.stage == 'finished'")
    blender.show_sidebar("Renderjuice")
    blender.screenshot("another-file")
    assert studio.frames() == [f"shot/shot/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)]
    assert studio.farm.renders() == 1


def move_cube(blender: Blender) -> None:
    """Move the cube by mouse and keyboard, as a step that can be undone."""
    blender.move(500, 500)
    blender.key("G")
    blender.move(560, 500)
    blender.key("RET")
    blender.wait_until(f"{CUBE} != 0")


def undo(blender: Blender) -> None:
    """Undo the last step."""
    blender.move(500, 500)
    blender.key("Z", ctrl=True)
    blender.wait_until(f"{CUBE} == 0")


def shown(blender: Blender) -> list[str]:
    """The titles in the job list."""
    return blender.run("[row.title for row in bpy.context.window_manager.renderjuice_jobs]")


def test_render_menu(studio: Studio):
    studio.farm.settings(seconds_per_frame=15.0)  # long enough for three presses of Submit
    blender = studio.open()
    blender.click(*RENDER_MENU)
    blender.screenshot("menu")
    for key in ("UP_ARROW", "UP_ARROW", "RET"):
        blender.key(key)
    studio.wait_for(blender, "job.frames.expected == 1 and job.stage == 'rendering'")

    for answer in ("ESC", "RET"):
        blender.click(*RENDER_MENU)
        for key in ("UP_ARROW", "RET"):
            blender.key(key)
        blender.screenshot("submit-once-more")
        assert len(blender.run("list(state.jobs)")) == 1
        blender.key(answer)
    studio.farm.settings(seconds_per_frame=0.1)
    studio.wait_for(blender, f"job.frames.expected == {FRAMES}")
    blender.wait_until("[job.stage for job in state.jobs.values()] == ['finished'] * 2")
    assert studio.farm.renders() == 2
    assert studio.frames() == [
        *(f"shot/shot 2/pattern_{n:04d}.png" for n in range(1, FRAMES + 1)),
        "shot/shot/pattern_0001.png",
    ]


def test_every_panel_draws(studio: Studio):
    """In any scene: the fixture finds an exception while drawing in the log at the end."""
    blender = studio.open()
    blender.run(OPEN_ALL_PANELS)
    blender.show_sidebar("Renderjuice")
    blender.run("bpy.context.scene.renderjuice.use_notes = True")
    blender.find("notes")
    blender.click_operator("renderjuice.check")
    blender.screenshot("all-panels")
    for odd in ODD_SCENES:
        blender.run(f"scene = bpy.context.scene\n{odd}\nbpy.ops.renderjuice.check()")
        blender.run("for area in areas.values(): area.tag_redraw()")
        time.sleep(0.3)
    blender.screenshot("all-panels-odd")

    blender.run("areas['VIEW_3D'].type = 'PROPERTIES'")
    time.sleep(0.5)  # it has tabs only after it is drawn
    blender.run(SEARCH_PROPERTIES)
    blender.find("shown_frames", area="PROPERTIES", region="WINDOW")
    blender.screenshot("properties")
