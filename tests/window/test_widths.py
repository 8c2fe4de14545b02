"""Every line and button fits into the narrowest sidebar, in each language."""

from renderjuice.jobs.record import Problem, Stage

from tests.window.panel_text import observe
from tests.window.records import add
from tests.window.studio import Studio
from tests.window.test_findings import looked
from tests.window.test_first_run import CUT

# A line without an icon has 16 pixels more than CUT assumes.
NO_NAMES = "[one for one in cut if '_' not in one]"  # names of properties and classes


def test_lines_and_buttons_fit(studio: Studio) -> None:
    missing = Problem("frames-missing", "The farm is done. These frames are missing: 3.", "")
    add(studio, "incomplete", [1, 2], stage=Stage.INCOMPLETE, missing=[3], error=missing)
    failed = Problem("farm-failed", "The farm could not render the scene: x.", "")
    add(studio, "failed", [], stage=Stage.FAILED, error=failed)
    add(studio, "foreign", [], stage=Stage.RENDERING, origin="elsewhere")
    blender = studio.open()
    observe(blender)
    blender.run(
        "wm = bpy.context.window_manager\n"
        "view_ = bpy.context.preferences.view\n"
        "view_.use_translate_interface = True\n"
        "bpy.context.scene.camera = None\n"
        "bpy.context.scene.render.engine = 'BLENDER_WORKBENCH'"
    )
    blender.wait_until("len(wm.renderjuice_jobs) == 3")
    blender.show_sidebar("Renderjuice")
    for width in (250, 200):
        blender.widen_sidebar(width)
        for language in ("en_US", "de_DE", "ja_JP"):
            blender.run(f"view_.language = {language!r}")
            for number in range(3):
                blender.run(f"wm.renderjuice_job = {number}")
                looked(blender)
                lines = CUT.replace("80 * scale", "64 * scale").rstrip().rpartition("\n[")
                blender.run(f"{lines[0]}\ncut = [{lines[2]}")
                assert blender.run(NO_NAMES) == [], (width, language, number)
            blender.screenshot(f"width-{width}-{language}")
