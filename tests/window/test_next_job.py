"""The panel of the next job shows what will be rendered, its name and its folder correctly."""

from tests.window.panel_text import draw_now, observe, panel_text
from tests.window.studio import FRAMES, Studio
from tests.window.test_findings import looked

OPTIX = """
scene = bpy.context.scene
store = scene.bl_system_properties_get() if bpy.app.version >= (5, 0, 0) else scene
store["cycles"]["denoiser"] = 2  # as OptiX is stored
scene.cycles.use_denoising = True
"""
# Blender calls this when the mouse hovers over the button.
TOOLTIP = """
import types
bpy.types.RENDERJUICE_OT_submit.description(bpy.context, types.SimpleNamespace(still={still}))
"""
NEXT = "bpy.context.scene.renderjuice_next"
SAMPLES = {
    "by a script": ("scene.cycles.samples = 71", "71 samples"),
    "by an override": (
        "scene.renderjuice.sample_count, scene.renderjuice.use_sample_count = 72, True",
        "72 samples",
    ),
    "by its removal": ("scene.renderjuice.use_sample_count = False", "71 samples"),
    "by a view layer": (
        "bpy.ops.ed.undo_push(message='Samples')\n"
        "scene.view_layers[0].samples = 73\n"
        "bpy.ops.ed.undo_push(message='Layer')",
        "Cycles RENDERJUICE_PT_sent",
    ),
    "by undo": (
        "with bpy.context.temp_override(window=main):\n"
        "    bpy.ops.ed.undo()\n"
        "scene = bpy.context.scene",
        "71 samples",
    ),
    "by an animation": (
        "for number in (1, 2):\n"
        "    scene.cycles.samples = 80 + number\n"
        "    scene.cycles.keyframe_insert('samples', frame=number)\n"
        "scene.frame_set(2)",
        "82 samples",
    ),
    "by its next frame": ("scene.frame_set(1)", "81 samples"),
    "by a driver": (
        "scene.animation_data_clear()\n"
        "scene.driver_add('cycles.samples').driver.expression = '90 + frame'\n"
        "scene.frame_set(3)",
        "93 samples",
    ),
    "by another engine": (
        "scene.render.engine = EEVEE\nscene.eevee.taa_render_samples = 74",
        "EEVEE, 74 samples",
    ),
    "by another scene": (
        "other = bpy.data.scenes.new('Other')\n"
        "other.render.engine, other.cycles.samples = 'CYCLES', 75\n"
        "main.scene = other",
        "Cycles, 75 samples",
    ),
}
"""What changes them, and what the panel says at its next redraw."""


def test_what_is_typed_is_used_and_has_a_way_back(studio: Studio) -> None:
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    assert f"Render {FRAMES} Frames" in looked(blender)
    assert blender.run(f"own = {NEXT}\nown.shown_frames") == f"1-{FRAMES}"
    assert blender.run("own.shown_title") == "shot"
    assert blender.run("own.shown_output") == "//renderjuice/shot/shot/"

    for name, text in {
        "shown_frames": "1, 3-4",
        "shown_title": "hero v2",
        "shown_output": "//out/",
    }.items():
        blender.fill(name, text)
    text = looked(blender)
    assert "Render 3 Frames" in text
    assert text.count("renderjuice.reset_field") == 3
    blender.screenshot("next-job-typed")
    blender.click_operator("renderjuice.submit")
    job = studio.wait_for(blender, "job.stage == 'finished'")
    assert (job["title"], job["frames"]["expected"]) == ("hero v2", 3)
    assert job["output"] == str(studio.project / "out")
    assert len(list((studio.project / "out").glob("*.png"))) == 3
    looked(blender)
    assert blender.run("own.shown_title") == "hero v2"

    blender.run("bpy.ops.wm.save_mainfile()\nbpy.ops.wm.revert_mainfile()")
    blender.run(f"own = {NEXT}")
    assert blender.run("own.title, own.output, own.shown_frames") == ["hero v2", "//out/", "1, 3-4"]
    for _ in range(3):
        panel_text(blender)
        blender.click_operator("renderjuice.reset_field")
    text = looked(blender)
    assert "renderjuice.reset_field" not in text
    assert f"Render {FRAMES} Frames" in text
    assert blender.run("own.shown_title, own.shown_output") == ["shot", "//renderjuice/shot/shot/"]


def test_blenders_things_have_blenders_names(studio: Studio) -> None:
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.run(
        "scene = bpy.context.scene\nimage = scene.render.image_settings\n"
        "def write(kind, name):\n"
        "    if hasattr(image, 'media_type'): image.media_type = kind\n"
        "    image.file_format = name"
    )
    for kind, identifier, name in (
        ("MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER", "OpenEXR MultiLayer"),
        ("VIDEO", "FFMPEG", "FFmpeg Video"),
        ("IMAGE", "OPEN_EXR", "OpenEXR"),
    ):
        blender.run(f"write({kind!r}, {identifier!r})")
        text = looked(blender)
        assert f"64 × 64, {name}" in text  # noqa: RUF001
        assert identifier not in text
    blender.run("scene.render.engine = 'BLENDER_WORKBENCH'")
    text = looked(blender)
    assert "Workbench" in text
    assert "BLENDER_" not in text
    assert "(." not in text, "no extension, as Blender 5.2 adds it"


def test_the_button_says_what_it_will_do(studio: Studio) -> None:
    """The button also renders exactly that."""
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.run("bpy.context.scene.frame_set(2)")
    for mode, text in {
        "ANIMATION": f"Render {FRAMES} Frames",
        "TEST": "Render 3 Test Frames",
        "STILL": "Render Frame 2",
    }.items():
        blender.run(f"{NEXT}.mode = {mode!r}")
        assert text in panel_text(blender)
    assert "render the current frame there" in blender.run(TOOLTIP.format(still=True))
    assert blender.run(TOOLTIP.format(still=False)) == "", "then it is the operator's own"
    blender.click_operator("renderjuice.submit(still=True)")
    job = studio.wait_for(blender, "job.stage == 'finished'")
    assert [path.rpartition("_")[2] for path in studio.frames()] == ["0002.png"]
    assert job["title"] == "shot"


def test_no_redraw_shows_an_older_value(studio: Studio) -> None:
    """Blender tells nobody that a script has changed a setting of Cycles."""
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.run(
        "scene, main = bpy.context.scene, bpy.context.window_manager.windows[0]\n"
        "engines = bpy.types.RenderSettings.bl_rna.properties['engine'].enum_items.keys()\n"
        "EEVEE = next(name for name in engines if 'EEVEE' in name)\n"
    )
    older = {}
    for how, (change, expected) in SAMPLES.items():
        blender.run(change)
        text = draw_now(blender)
        if expected not in text:
            older[how] = text
    assert not older
    blender.run("bpy.ops.wm.revert_mainfile()")
    blender.show_sidebar("Renderjuice")
    assert "Cycles, 1 sample RENDERJUICE_PT_sent" in draw_now(blender)
    blender.run("preferences.get().output_folder = '//elsewhere/{title}/'")
    looked(blender)
    assert blender.run(f"{NEXT}.shown_output") == "//elsewhere/shot/"


def test_an_error_closes_the_button_until_it_is_mended(studio: Studio) -> None:
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.run("scene = bpy.context.scene\ncamera, scene.camera = scene.camera, None")
    assert "1 problem to fix" in looked(blender)
    blender.click_operator("renderjuice.submit")
    assert blender.run("list(state.jobs)") == []
    blender.run("bpy.context.window_manager.renderjuice_show_findings = False")
    assert "has no camera" not in panel_text(blender)
    blender.click_operator("renderjuice.show_findings")
    assert "has no camera" in panel_text(blender)
    blender.click_operator("renderjuice.use_camera")
    assert blender.run("scene.camera == camera")
    assert "to fix" not in looked(blender)

    blender.run("scene.render.engine = 'BLENDER_WORKBENCH'")
    assert "1 problem to fix" in looked(blender)
    blender.click_operator("renderjuice.use_cycles")
    assert "to fix" not in looked(blender)

    blender.run("scene.renderjuice_next.shown_frames = '1-4, x'")
    assert "1 problem to fix" in looked(blender)
    blender.click_operator("renderjuice.reset_field")
    assert "to fix" not in looked(blender)
    blender.click_operator("renderjuice.submit")
    studio.wait_for(blender, "job.stage == 'finished'")


def test_drawing_prints_nothing(studio: Studio) -> None:
    """Blender prints a warning whenever a denoiser that this computer lacks is read."""
    blender = studio.open()
    observe(blender)
    blender.run(OPTIX)
    blender.show_sidebar("Renderjuice")
    before = blender.printed()
    for _ in range(5):
        looked(blender)
    assert blender.printed() == before
