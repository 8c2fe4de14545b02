"""Findings belong to the scene and the file for which they were made, and only while they hold."""

from tests.window.harness import Blender
from tests.window.panel_text import observe, panel_text
from tests.window.studio import Studio
from tests.window.test_checks import FINDINGS, check

LOOKED = "not bpy.app.timers.is_registered(scan._check_when_idle)"


def looked(blender: Blender) -> str:
    """The text of the panel after it has processed the last change."""
    panel_text(blender)
    blender.wait_until(LOOKED)
    return panel_text(blender)


def test_another_file_has_none_of_them(studio: Studio) -> None:
    """The scenes of both files have the same name, and one of them lacks a texture."""
    noise = studio.project / "textures/noise.png"
    blender = studio.open()
    observe(blender)
    other = studio.project / "other.blend"
    blender.run(
        "image = bpy.data.images['noise.png']\n"
        "image.pack()\n"
        f"bpy.ops.wm.save_as_mainfile(filepath={str(other)!r}, copy=True)\n"
        "image.unpack(method='REMOVE')"
    )
    noise.unlink()
    check(studio, blender)
    assert blender.run(FINDINGS) == ["missing-file"]
    assert "1 problem to fix" in panel_text(blender)

    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(other)!r})")
    assert "noise.png" not in panel_text(blender)
    assert "to fix" not in looked(blender)
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")

    blender.run(f"bpy.ops.wm.open_mainfile(filepath={str(studio.blend)!r})")
    assert "noise.png" not in panel_text(blender), "the same file, but opened anew"


def test_another_scene_has_its_own(studio: Studio) -> None:
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    blender.run("first = bpy.context.scene\nfirst.camera = None")
    assert "1 problem to fix" in looked(blender)
    blender.run(
        "second = first.copy()\n"
        "second.camera = bpy.data.objects['Camera']\n"
        "bpy.context.window.scene = second"
    )
    assert "to fix" not in looked(blender)
    blender.run("first.name, second.name = 'Second', 'Scene'")
    assert "to fix" not in looked(blender)
    blender.run("bpy.context.window.scene = first")
    assert "1 problem to fix" in looked(blender)


def test_what_is_mended_is_gone_by_itself(studio: Studio) -> None:
    """New findings appear by themselves, too: a changed scene is checked again."""
    blender = studio.open()
    observe(blender)
    blender.show_sidebar("Renderjuice")
    assert "to fix" not in looked(blender)
    blender.run("scene = bpy.context.scene\nscene.camera, camera = None, scene.camera")
    assert "1 problem to fix" in looked(blender)
    blender.run("scene.render.engine = 'BLENDER_WORKBENCH'")
    assert "2 problems to fix" in looked(blender)
    blender.screenshot("findings-by-itself")
    blender.run("scene.render.engine, scene.camera = 'CYCLES', camera")
    assert "to fix" not in looked(blender)


def test_what_is_out_of_date_is_in_nobodys_way(studio: Studio) -> None:
    noise = studio.project / "textures/noise.png"
    noise.unlink()
    blender = studio.open()
    observe(blender)
    check(studio, blender)
    assert "1 problem to fix" in looked(blender)
    blender.run("bpy.data.objects['Cube'].location.x = 1")
    assert "1 problem to fix" in looked(blender), "a moved object needs the same files"
    blender.run("bpy.data.objects['Cube'].active_material = None")
    text = looked(blender)
    assert "to fix" not in text
    assert "Everything is checked again when you render" in text
    assert "noise.png" in text
    blender.screenshot("findings-out-of-date")
    check(studio, blender)
    assert "Everything is checked again" not in looked(blender)
