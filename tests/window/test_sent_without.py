"""Sending a scene without a missing file: Send Anyway, and how to undo it."""

from renderjuice.jobs.store import Store

from tests.window.panel_text import observe, panel_text
from tests.window.studio import Studio
from tests.window.test_checks import check

KEPT = "[each.path for each in bpy.context.scene.renderjuice_sent_without]"


def test_a_press_sends_the_scene_without_a_file(studio: Studio) -> None:
    noise = studio.project / "textures/noise.png"
    noise.unlink()
    blender = studio.open()
    observe(blender)
    blender.run("bpy.data.texts.new('run.py').use_module = True")
    check(studio, blender)
    assert "1 problem to fix" in panel_text(blender)
    blender.click_operator("renderjuice.ignore")
    text = panel_text(blender)
    assert "runs when the file is opened" not in text
    assert "Ignored (1) run.py" in text

    blender.click_operator("renderjuice.send_anyway")
    text = panel_text(blender)
    assert "to fix" not in text
    assert "Sent Without (1) noise.png" in text
    assert blender.run(KEPT) == ["//textures/noise.png"]
    blender.click_operator("renderjuice.report_again")
    assert "1 problem to fix" in panel_text(blender)
    blender.widen_sidebar(200)
    blender.screenshot("sent-without-button")
    blender.click_operator("renderjuice.send_anyway")
    blender.screenshot("sent-without-kept")
    blender.click_operator("renderjuice.stop_ignoring")
    assert "runs when the file is opened" in panel_text(blender)

    studio.submit(blender)
    job = studio.wait_for(blender, "job.stage == 'finished'")
    assert job["sent_without"] == ["noise.png"]
    assert "Sent without noise.png" in panel_text(blender)
    blender.screenshot("sent-without-finished")
    record = Store(studio.state).load(job["id"])
    assert record.sent_without == [str(noise)]

    blender.move(500, 500)
    blender.key("Z", ctrl=True)
    blender.wait_until("len(bpy.context.scene.renderjuice_ignored) == 1")
    blender.key("Z", ctrl=True)
    blender.wait_until(f"{KEPT} == []")
