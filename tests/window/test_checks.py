"""Check in the panel: problems, the files that would be sent, and a button for each finding."""

import re
from pathlib import Path

from tests.window.harness import Blender
from tests.window.panel_text import observe, panel_text
from tests.window.studio import Studio, import_session

BREAK = """
scene = bpy.context.scene
image = bpy.data.images.new("painted", 8, 8)
image.pixels[0] = 0.5
tree = bpy.data.objects["Cube"].active_material.node_tree
tree.nodes.new("ShaderNodeTexImage").image = image
settings = scene.render.image_settings
if hasattr(settings, "media_type"):
    settings.media_type = "VIDEO"
settings.file_format = "FFMPEG"
bpy.ops.mesh.primitive_plane_add()
flag = bpy.context.object
flag.name = "Flag"
flag.modifiers.new("Cloth", "CLOTH")
flag.select_set(False)
"""
# A popover is drawn only when it is opened, so its panel is shown in the sidebar instead.
SHOW_SENT = """
from bl_ext.user_default.renderjuice.panels import sent
class VIEW3D_PT_renderjuice_sent(bpy.types.Panel):
    bl_space_type, bl_region_type, bl_category, bl_label = "VIEW_3D", "UI", "Renderjuice", "Sent"
    draw = sent.RENDERJUICE_PT_sent.draw
bpy.utils.register_class(VIEW3D_PT_renderjuice_sent)
observed(VIEW3D_PT_renderjuice_sent)
"""
SELECTED = "[o.name for o in bpy.context.selected_objects]"
FINDINGS = "sorted(one.id for one in scan.checks(bpy.context.scene))"


def check(studio: Studio, blender: Blender) -> None:
    """Click Check and wait for its result."""
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.check")
    blender.wait_until("state.scan.result is not None")
    import_session(blender)


def test_a_good_scene(studio: Studio) -> None:
    """Check works without a key, too, because it sends nothing."""
    blender = studio.open(key="")
    observe(blender)
    before = studio.everything()
    check(studio, blender)
    files = blender.run("codec.plain(state.scan.result.files)")
    kinds = {each["kind"]: (each["count"], each["bytes"]) for each in files["kinds"]}
    noise = studio.project / "textures/noise.png"
    assert kinds["image"] == (1, noise.stat().st_size)
    assert set(kinds) == {"blend", "image"}
    assert "2 files, " in panel_text(blender)
    blender.run(SHOW_SENT)
    texts = panel_text(blender)
    assert "Images: 1" in texts
    assert "To send: 2" in texts
    blender.screenshot("checks-good")
    assert studio.everything() == before
    assert studio.all_end(30) == []
    assert studio.farm.log() == []


def test_findings_and_their_buttons(studio: Studio) -> None:
    blender = studio.open()
    observe(blender)
    noise = studio.project / "textures/noise.png"
    noise.rename(studio.project / "moved.png")
    blender.run(BREAK)
    check(studio, blender)
    assert blender.run(FINDINGS) == [
        "missing-file",
        "unbaked-simulation",
        "unsaved-image",
        "video-output",
    ]
    assert "3 problems to fix" in panel_text(blender)
    blender.screenshot("checks-findings")

    blender.click_operator("renderjuice.use_image_format")
    assert blender.run("scene.render.image_settings.file_format") == "PNG"
    assert "video-output" not in blender.run(FINDINGS)
    blender.click_operator("renderjuice.pack_image")
    assert blender.run("bpy.data.images['painted'].packed_file is not None")
    assert blender.run(FINDINGS) == ["missing-file", "unbaked-simulation"]

    assert "1 problem to fix" in panel_text(blender)
    blender.click_operator("renderjuice.show_datablock")
    assert blender.run(SELECTED) == ["Cube"], "what shows the missing texture"
    blender.click_operator("renderjuice.find_file")
    choose(blender, studio.project / "moved.png")
    blender.wait_until("bpy.data.images['noise.png'].filepath == '//moved.png'")
    assert blender.run(FINDINGS) == ["unbaked-simulation"]
    blender.screenshot("checks-repaired")

    blender.click_operator("renderjuice.show_datablock")
    assert blender.run(SELECTED) == ["Flag"]
    blender.click_operator("renderjuice.repair")
    assert blender.run("flag.modifiers['Cloth'].point_cache.is_baked")
    assert blender.run(FINDINGS) == []
    check(studio, blender)
    assert "to fix" not in panel_text(blender)


def choose(blender: Blender, path: Path) -> None:
    """Choose a file in the file browser that has opened, and accept it."""
    blender.wait_until("len(bpy.context.window_manager.windows) == 2")
    blender.screenshot("checks-find-file")
    blender.run(
        "window = bpy.context.window_manager.windows[1]\n"
        "area = window.screen.areas[0]\n"
        f"area.spaces.active.params.directory = {str(path.parent).encode()!r}\n"
        f"area.spaces.active.params.filename = {path.name!r}\n"
        "region = next(r for r in area.regions if r.type == 'WINDOW')\n"
        "with bpy.context.temp_override(window=window, area=area, region=region):\n"
        "    bpy.ops.file.execute()"
    )
    blender.wait_until("len(bpy.context.window_manager.windows) == 1")


HANGS = """
from {module}.packing import command
command.blender = lambda *_: [{program!r}]
"""


def test_a_check_that_hangs_says_for_how_long_and_is_stopped(studio: Studio) -> None:
    program = studio.project.parent / "hangs"
    program.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="utf-8")
    program.chmod(0o755)
    blender = studio.open(key="")
    observe(blender)
    blender.run(HANGS.format(module=studio.module, program=str(program)))
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.check")
    blender.wait_until("state.scan.seconds >= 10")
    assert re.search(r"Files, for 1\d s: starting", panel_text(blender))
    assert studio.all_end(0) != []
    blender.screenshot("checks-hanging")
    blender.click_operator("renderjuice.stop_check")
    assert "Files not checked" in panel_text(blender)
    assert studio.all_end(60) == [], "the background Blender and the worker have ended"


PRESS = """
import select, subprocess, time
from pathlib import Path
from bl_ext.user_default.renderjuice.session import worker_process
worker_process.WORKER = Path(WORKER)
waits = []

def watched(owner, name):
    real = getattr(owner, name)
    def call(*arguments, **named):
        waits.append(name)
        return real(*arguments, **named)
    setattr(owner, name, call)

for owner, name in ((time, "sleep"), (select, "select"), (worker_process.Link, "wait"),
                    (subprocess.Popen, "wait"), (subprocess.Popen, "communicate")):
    watched(owner, name)

def press(operator, **properties):
    # Press, and what the panel says when it is drawn next. No timer runs in between.
    waits.clear()
    began = time.perf_counter()
    result = getattr(bpy.ops.renderjuice, operator)("EXEC_DEFAULT", **properties)
    took = time.perf_counter() - began
    noticed = list(waits)
    shown.clear()
    bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
    said = " ".join(text for texts in shown.values() for text in texts if text)
    return {"result": list(result), "waits": noticed, "said": said, "seconds": took}
"""


JOB = "job=next(iter(state.jobs))"
WAITING = """
from dataclasses import replace
state.keep(replace(*state.jobs.values(), canceling=False, waiting=True))
"""


def test_a_press_is_heard_though_the_worker_never_answers(studio: Studio) -> None:
    """What the panel says when it is drawn next, however fast the computer is."""
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    mute = Path(__file__).with_name("mute_worker.py")
    blender.run(PRESS.replace("WORKER)", f"{str(mute)!r})"))
    pressed = [
        ("Files: starting", blender.run("press('check')")),
        ("Packing", blender.run("press('submit')")),
        ("Canceling", blender.run(f"press('cancel', {JOB})")),
        ("One moment…", blender.run(f"{WAITING}\npress('retry', {JOB})")),
    ]
    for heard, found in pressed:
        assert (found["result"], found["waits"]) == (["FINISHED"], []), found
        assert heard in found["said"], found
