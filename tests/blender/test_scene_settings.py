"""Settings read from a real Blender, and the config that results."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from renderjuice.api import fields
from renderjuice.scene import config, engines, formats, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def sent(scene, overrides=None):
    return fields.flatten(config.requested(settings.read(scene), overrides or {}).config)


def test_a_cycles_scene(scene):
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 33
    scene.cycles.tile_size = 512
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    scene.render.resolution_percentage = 25
    scene.render.fps = 25
    scene.frame_start, scene.frame_end, scene.frame_step = 10, 20, 5
    image = scene.render.image_settings
    image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "16"
    image.compression = 40
    assert sent(scene) == {
        "colorManagementPreset": "default",
        "frameRanges": ["10", "15", "20"],
        "renderEngine": "CYCLES",
        "compositorDevice": scene.render.compositor_device,
        "sampleCount": 33,
        "denoisingEnabled": True,
        "denoiserType": "OPENIMAGEDENOISE",
        "resolution": [640, 360],
        "resolutionPercentage": 25,
        "outputFormat": "PNG",
        "fps": 25,
        "useTiling": True,
        "tileSize": 512,
        "outputSettings.colorMode": "RGB",
        "outputSettings.colorDepth": "16",
        "outputSettings.compression": 40,
    }


def test_an_eevee_scene(scene):
    scene.eevee.taa_render_samples = 7
    found = config.requested(settings.read(scene), {})
    assert found.config["sampleCount"] == 7
    assert found.applied["renderEngine"] in engines.EEVEE
    assert "renderEngine" in found.left_out


def test_frame_rates_that_are_not_whole_are_left_to_the_file(scene):
    scene.render.fps, scene.render.fps_base = 24, 1.001
    assert "fps" not in sent(scene)


@pytest.mark.parametrize(
    ("media_type", "file_format"),
    [
        ("IMAGE", "OPEN_EXR"),
        ("IMAGE", "JPEG"),
        ("IMAGE", "TIFF"),
        ("IMAGE", "BMP"),
        ("MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER"),
        ("VIDEO", "FFMPEG"),
    ],
)
def test_file_formats(scene, media_type, file_format):
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = media_type
    image.file_format = file_format
    found = settings.read(scene)
    assert found.file_format == file_format
    known = file_format in formats.SENT
    assert ("outputFormat" in sent(scene)) == known
    assert ("outputSettings.colorDepth" in sent(scene)) == known


def test_the_limits_are_blenders(scene):
    owners = {
        "resolution": (scene.render, "resolution_x"),
        "sampleCount": (scene.cycles, "samples"),
        "fps": (scene.render, "fps"),
        "tileSize": (scene.cycles, "tile_size"),
    }
    for name, (owner, prop) in owners.items():
        limits = owner.bl_rna.properties[prop]
        assert (limits.hard_min, limits.hard_max) == config.LIMITS[name]


def test_a_denoiser_that_this_computer_does_not_offer(scene, capfd):
    """Blender prints a warning whenever its name is read, and panels read it at each redraw."""
    scene.render.engine = "CYCLES"
    if bpy.app.version >= (5, 0, 0):
        scene.bl_system_properties_get()["cycles"]["denoiser"] = 2  # the stored value of OptiX
    else:
        scene.cycles["denoiser"] = 2
    if scene.cycles.denoiser:
        pytest.skip("this computer has OptiX")
    capfd.readouterr()
    found = config.requested(settings.read(scene), {})
    assert "denoiser" not in "".join(capfd.readouterr())
    assert "denoiserType" not in found.config
    assert "denoiserType" not in found.applied
    assert "not offered" in found.left_out["denoiserType"]


def test_without_the_cycles_addon(scene):
    import addon_utils

    addon_utils.disable("cycles")
    try:
        found = settings.read(scene)
        assert found.cycles_samples is found.denoiser is found.compute_device_type is None
        overridden = config.requested(found, {"renderEngine": "CYCLES"})
        assert "sampleCount" in overridden.left_out
        assert config.requested(found, {"sampleCount": 5}).config["sampleCount"] == 5
    finally:
        addon_utils.enable("cycles")


def gpu(name, kind, use):
    return SimpleNamespace(name=name, type=kind, use=use)


@pytest.mark.parametrize(
    ("kind", "sent_"), [("OPTIX", True), ("CUDA", True), ("HIP", False), ("METAL", False)]
)
def test_the_gpus_of_cycles(scene, kind, sent_):
    """The test machine has no GPU, so simple objects stand in for Blender's preferences."""
    devices = [gpu("One", kind, True), gpu("Off", kind, False), gpu("EPYC", "CPU", True)]
    cycles = SimpleNamespace(compute_device_type=kind, devices=devices)
    preferences = SimpleNamespace(addons={"cycles": SimpleNamespace(preferences=cycles)})
    scene.render.engine = "CYCLES"
    scene.cycles.device = "GPU"
    found = settings.read(scene, preferences)
    assert settings.gpus(preferences) == ("One",)
    assert config.requested(found, {}).config.get("computeDeviceType") == (kind if sent_ else None)


def test_no_devices_of_cycles(scene):
    scene.render.engine = "CYCLES"
    scene.cycles.device = "GPU"
    found = settings.read(scene)
    assert found.compute_device_type == "NONE"
    assert settings.gpus(bpy.context.preferences) == ()
    assert "computeDeviceType" not in sent(scene)


@pytest.mark.parametrize(
    ("ocio", "preset"),
    [
        ("", "default"),
        ("ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "aces"),
        ("ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1", "aces"),
    ],
)
def test_an_aces_config(ocio, preset, tmp_path):
    """In a separate Blender, because the OCIO config is read only once, at start."""
    script = (
        f"import runpy; runpy.run_path({str(Path(__file__).parents[2] / 'bootstrap.py')!r})"
        "['provide'](); import bpy\n"
        "from dataclasses import replace\n"
        "from renderjuice.scene import config, settings\n"
        "found = settings.read(bpy.context.scene)\n"
        # Without the file name, the preset is found by the names of displays and views.
        "nameless = replace(found, ocio='')\n"
        "print('PRESETS', *(config.requested(s, {}).config['colorManagementPreset']"
        " for s in (found, nameless)))"
    )
    environment = {**os.environ, "OCIO": ocio, "BLENDER_USER_RESOURCES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert f"PRESETS {preset} {preset}" in done.stdout, done.stdout + done.stderr


def test_while_an_animation_plays_the_settings_stay_equal():
    """The panel compares them at each redraw and builds the config again if they differ."""
    scene = bpy.context.scene
    before = settings.read(scene)
    scene.frame_set(scene.frame_current + 1)
    after = settings.read(scene)
    assert (after, after.frame_current) == (before, before.frame_current + 1)
    scene.render.resolution_x += 2
    assert settings.read(scene) != before
