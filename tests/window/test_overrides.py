"""Overrides, the settings that differ on the farm, set in the panel."""

import pytest

from tests.window.harness import Blender, BlenderError
from tests.window.panel_text import observe, panel_text
from tests.window.studio import MODULE, Studio

OPEN = """
part = bpy.types.VIEW3D_PT_renderjuice_overrides
bpy.utils.unregister_class(part)
part.bl_options = set()
bpy.utils.register_class(part)
"""
SCENE = """
scene = bpy.context.scene
scene.cycles.samples = 77
scene.render.resolution_x, scene.render.resolution_y = 320, 180
scene.render.resolution_percentage = 50
scene.render.fps, scene.render.fps_base = 30, 1.001
scene.render.image_settings.color_mode = 'BW'
scene.cycles.tile_size = 512
group = scene.renderjuice
"""


def open_overrides(studio: Studio) -> Blender:
    blender = studio.open()
    observe(blender)
    blender.run(f"{OPEN}{SCENE}\nfrom {MODULE}.scene import overrides")
    blender.show_sidebar("Renderjuice")
    return blender


def add(blender: Blender, field: str) -> None:
    blender.run(f"bpy.ops.renderjuice.add_override(field={field!r})")


def test_an_override_begins_as_the_scenes_value_and_has_a_way_back(studio: Studio) -> None:
    blender = open_overrides(studio)
    with pytest.raises(BlenderError, match="is not to be seen"):
        blender.find("renderjuice.reset_override")
    begun = {
        "sampleCount": ("sample_count", 77),
        "resolution": ("resolution", [320, 180]),
        "resolutionPercentage": ("resolution_percentage", 50),
        "outputSettings.colorMode": ("color_mode", "BW"),
        "tileSize": ("tile_size", 512),
    }
    for field, (prop, value) in begun.items():
        add(blender, field)
        got = blender.run(f"group.{prop}[:] if {prop!r} == 'resolution' else group.{prop}")
        assert got == value, field
    add(blender, "fps")
    assert abs(blender.run("group.fps") - 29.97003) < 1e-4
    blender.screenshot("overrides-begun")

    blender.fill("sample_count", "5")
    assert blender.run("overrides.read(scene)['sampleCount']") == 5
    assert "Cycles, 5 samples" in panel_text(blender)
    blender.run(
        "for name in ('resolution', 'resolution_percentage', 'color_mode', 'tile_size',"
        " 'fps'): setattr(group, f'use_{name}', False)"
    )
    blender.click_operator("renderjuice.reset_override")
    assert blender.run("overrides.read(scene)") == {}
    assert "Cycles, 77 samples" in panel_text(blender)
    with pytest.raises(BlenderError, match="is not to be seen"):
        blender.find("renderjuice.reset_override")


def test_the_menu_offers_what_is_not_in_use_and_what_the_format_has(studio: Studio) -> None:
    blender = open_overrides(studio)
    blender.run(f"from {MODULE}.panels import overrides as drawn")
    offered = set(blender.run("list(drawn.offered(scene))"))
    assert {"sampleCount", "notes", "outputSettings.compression"} <= offered
    assert not {"outputSettings.exrCodec", "outputSettings.tiffCodec"} & offered
    add(blender, "outputFormat")
    blender.run("group.output_format = 'OPEN_EXR'")
    offered = set(blender.run("list(drawn.offered(scene))"))
    assert "outputSettings.exrCodec" in offered
    assert not {"outputSettings.compression", "outputFormat"} & offered

    blender.move(900, 700)
    blender.run(
        "with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):\n"
        "    bpy.ops.wm.call_menu(name='RENDERJUICE_MT_add_override')"
    )
    blender.screenshot("overrides-menu")
    blender.key("DOWN_ARROW")
    blender.key("RET")
    blender.wait_until("len(overrides.read(scene)) == 2")


def test_what_a_file_and_a_preset_of_the_first_version_override_they_go_on_to(
    studio: Studio,
) -> None:
    """Presets of the first version set every switch, and then the value."""
    blender = open_overrides(studio)
    blender.run("group.use_sample_count, group.sample_count = True, 7\ngroup.tile_size = 64")
    blender.run("bpy.ops.renderjuice.add_preset(name='Draft')")
    blender.run("bpy.ops.wm.save_mainfile()\nbpy.ops.wm.revert_mainfile()")
    blender.run("group = bpy.context.scene.renderjuice")
    assert blender.run("overrides.read(bpy.context.scene)") == {"sampleCount": 7}
    blender.click_operator("renderjuice.reset_override")
    assert blender.run("group.use_sample_count") is False
    (preset,) = studio.resources.rglob("presets/renderjuice/*.py")
    assert "renderjuice.use_tile_size = False" in preset.read_text("utf-8")
    blender.run(
        f"bpy.ops.script.execute_preset(filepath={str(preset)!r},"
        " menu_idname='RENDERJUICE_PT_presets')"
    )
    assert blender.run("overrides.read(bpy.context.scene)") == {"sampleCount": 7}
