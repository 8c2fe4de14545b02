"""The overrides as Blender stores them with a scene."""

import pytest
from renderjuice.api import fields
from renderjuice.scene import config, overrides, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

from renderjuice.scene import properties  # noqa: E402  it imports bpy


@pytest.fixture(autouse=True)
def registered():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    properties.register()
    yield
    properties.unregister()


def switch_on(scene, *names):
    for prop in names or overrides.PROPERTIES.values():
        setattr(scene.renderjuice, f"use_{prop}", True)


def test_nothing_is_overridden_at_first():
    assert overrides.read(bpy.context.scene) == {}


def test_the_group_has_a_value_and_a_switch_for_each_field_and_nothing_else():
    names = set(overrides.PROPERTIES.values())
    found = properties.RenderjuiceOverrides.__annotations__
    assert set(found) == names | {f"use_{name}" for name in names}


def test_every_choice_is_one_that_the_api_has():
    properties_ = bpy.context.scene.renderjuice.bl_rna.properties
    for name, prop in overrides.PROPERTIES.items():
        if fields.FIELDS[name].type == "enum":
            offered = {item.identifier for item in properties_[prop].enum_items}
            assert offered <= set(fields.FIELDS[name].values)


def test_the_defaults_can_be_sent():
    scene = bpy.context.scene
    scene.renderjuice.frames = "1-3, 9"
    scene.renderjuice.notes = "hello"
    switch_on(scene)
    found = config.requested(settings.read(scene), overrides.read(scene))
    assert list(fields.flatten(found.config)) == list(fields.FIELDS)
    assert set(found.sources.values()) == {"override"}
    assert found.conflicts == ()
    assert found.frames == [1, 2, 3, 9]


def test_values_are_plain():
    scene = bpy.context.scene
    scene.renderjuice.resolution = (640, 480)
    scene.renderjuice.fps = 23.976
    scene.renderjuice.frames = "1-3"
    switch_on(scene, "resolution", "fps", "frames")
    assert overrides.read(scene) == {
        "frameRanges": ["1-3"],
        "resolution": [640, 480],
        "fps": 23.976,
    }


def test_overrides_are_remembered_with_the_file(tmp_path):
    scene = bpy.context.scene
    scene.renderjuice.sample_count = 5
    scene.renderjuice.output_format = "TIFF"
    switch_on(scene, "sample_count", "output_format")
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert overrides.read(bpy.context.scene) == {}
    bpy.ops.wm.open_mainfile(filepath=path)
    assert overrides.read(bpy.context.scene) == {"sampleCount": 5, "outputFormat": "TIFF"}


def test_each_scene_has_its_own():
    switch_on(bpy.context.scene, "gpu_count")
    assert overrides.read(bpy.data.scenes.new("Other")) == {}


def test_without_the_extension_there_are_no_overrides():
    properties.unregister()
    try:
        assert not hasattr(bpy.types.Scene, "renderjuice")
        assert overrides.read(bpy.context.scene) == {}
    finally:
        properties.register()


def test_the_button_for_optix_overrides_the_interface(installed):
    script = (
        "import json;"
        "before = bpy.context.preferences.addons['cycles'].preferences.compute_device_type;"
        "assert bpy.ops.renderjuice.use_optix() == {'FINISHED'};"
        "own = bpy.context.scene.renderjuice;"
        "after = bpy.context.preferences.addons['cycles'].preferences.compute_device_type;"
        "print('SAID' + json.dumps([own.use_compute_device_type, own.compute_device_type,"
        " before == after]))"
    )
    assert installed.said(script, "SAID") == [True, "OPTIX", True]
