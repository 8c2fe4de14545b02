import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from renderjuice.api import fields
from renderjuice.scene import config
from renderjuice.scene.overrides import PROPERTIES
from renderjuice.scene.settings import Settings

CYCLES = Settings(
    blender=(5, 2, 0),
    file_formats=("PNG", "JPEG", "TIFF", "OPEN_EXR", "OPEN_EXR_MULTILAYER", "WEBP", "FFMPEG"),
    exr_codecs=("NONE", "ZIP", "PIZ", "B44", "DWAA", "DWAB", "HTJ2K"),
    scene="Scene",
    engine="CYCLES",
    frame_start=1,
    frame_end=10,
    frame_step=1,
    frame_current=4,
    frame_subframe=0.0,
    resolution_x=1920,
    resolution_y=1080,
    resolution_percentage=50,
    fps=24,
    fps_base=1.0,
    file_format="PNG",
    color_mode="RGBA",
    color_depth="16",
    exr_codec="ZIP",
    tiff_codec="DEFLATE",
    compression=15,
    quality=90,
    compositor_device="CPU",
    cycles_samples=128,
    cycles_device="GPU",
    use_denoising=True,
    denoiser="OPENIMAGEDENOISE",
    use_auto_tile=True,
    tile_size=2048,
    eevee_samples=64,
    single_layer="",
    other_samples=(),
    compute_device_type="OPTIX",
    display_device="sRGB",
    view_transform="AgX",
    ocio="",
)
EEVEE = replace(CYCLES, engine="BLENDER_EEVEE_NEXT")

EVERY_OVERRIDE = {
    "colorManagementPreset": "aces",
    "frameRanges": ["1-3, 7"],
    "notes": "a note",
    "renderEngine": "CYCLES",
    "compositorDevice": "GPU",
    "computeDeviceType": "CUDA",
    "gpuCount": 2,
    "sampleCount": 32,
    "denoisingEnabled": False,
    "denoiserType": "OPTIX",
    "resolution": [640, 480],
    "resolutionPercentage": 100,
    "outputFormat": "TIFF",
    "fps": 23.976,
    "useTiling": False,
    "tileSize": 512,
    "outputSettings.colorMode": "RGB",
    "outputSettings.colorDepth": "8",
    "outputSettings.exrCodec": "PIZ",
    "outputSettings.tiffCodec": "LZW",
    "outputSettings.compression": 7,
    "outputSettings.quality": 80,
    "minimumRam": 64,
}


def test_a_cycles_scene():
    found = config.requested(CYCLES, {})
    assert found.config == {
        "colorManagementPreset": "default",
        "frameRanges": ["1-10"],
        "renderEngine": "CYCLES",
        "compositorDevice": "CPU",
        "computeDeviceType": "OPTIX",
        "sampleCount": 128,
        "denoisingEnabled": True,
        "denoiserType": "OPENIMAGEDENOISE",
        "resolution": [1920, 1080],
        "resolutionPercentage": 50,
        "outputFormat": "PNG",
        "fps": 24,
        "useTiling": True,
        "tileSize": 2048,
        "outputSettings": {"colorMode": "RGBA", "colorDepth": "16", "compression": 15},
    }
    assert set(found.sources.values()) == {"scene"}
    assert found.frames == list(range(1, 11))
    assert found.frames_problem is None and not found.conflicts


def test_an_eevee_scene():
    found = config.requested(EEVEE, {})
    assert found.config["sampleCount"] == 64
    assert "renderEngine" not in found.config
    assert found.applied["renderEngine"] == "BLENDER_EEVEE_NEXT"
    for name in ("computeDeviceType", "denoisingEnabled", "denoiserType", "useTiling", "tileSize"):
        assert name in found.left_out


def test_every_override_gives_every_key():
    found = config.requested(EEVEE, EVERY_OVERRIDE)
    sent = fields.flatten(found.config)
    assert list(sent) == list(fields.FIELDS)
    assert sent == {**EVERY_OVERRIDE, "frameRanges": ["1-3", "7"]}
    assert set(found.sources.values()) == {"override"}
    assert found.left_out == {}
    assert found.frames == [1, 2, 3, 7]


def test_the_overrides_on_the_scene_have_every_field():
    assert list(PROPERTIES) == list(fields.FIELDS)


@pytest.mark.parametrize("settings", [CYCLES, EEVEE, replace(CYCLES, file_format="FFMPEG")])
@pytest.mark.parametrize("overrides", [{}, EVERY_OVERRIDE, {"renderEngine": "BLENDER_EEVEE"}])
def test_each_field_is_sent_or_left_out_with_a_reason(settings, overrides):
    found = config.requested(settings, overrides)
    sent = fields.flatten(found.config)
    assert sorted([*sent, *found.left_out]) == sorted(fields.FIELDS)
    assert all(reason.endswith(".") for reason in found.left_out.values())
    assert {name for name in sent if name != "frameRanges"} <= set(found.applied)
    assert all(
        found.applied[name] == value
        for name, value in overrides.items()
        if name in PROPERTIES and name != "frameRanges"
    )
    assert set(sent) <= set(found.sources)


def test_all_of_it_is_json():
    found = config.requested(CYCLES, EVERY_OVERRIDE)
    json.dumps([asdict(found), asdict(CYCLES)])


def test_an_override_that_is_left_out_is_still_applied():
    found = config.requested(CYCLES, {"renderEngine": "BLENDER_EEVEE", "computeDeviceType": "CPU"})
    assert "renderEngine" not in found.config and "computeDeviceType" not in found.config
    assert found.applied["renderEngine"] == "BLENDER_EEVEE"
    assert found.applied["computeDeviceType"] == "CPU"
    assert found.sources["renderEngine"] == "override"
    assert found.config["sampleCount"] == 64  # EEVEE's sample count, because EEVEE renders


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cycles_device": "CPU"}, "computeDeviceType"),
        ({"compute_device_type": "HIP"}, "computeDeviceType"),
        ({"compute_device_type": "METAL"}, "computeDeviceType"),
        ({"compute_device_type": "NONE"}, "computeDeviceType"),
        ({"compute_device_type": None}, "computeDeviceType"),
        ({"denoiser": ""}, "denoiserType"),
        ({"use_denoising": False}, "denoiserType"),
        ({"use_auto_tile": False}, "tileSize"),
        ({"fps_base": 1.001}, "fps"),
        ({"exr_codec": "HTJ2K", "file_format": "OPEN_EXR"}, "outputSettings.exrCodec"),
        ({"file_format": "OPEN_EXR_MULTILAYER"}, "outputFormat"),
        ({"file_format": "AVIF"}, "outputFormat"),
        ({"file_format": "WEBP"}, "outputSettings.quality"),
        ({"compositor_device": None}, "compositorDevice"),
        ({"engine": "CYCLES", "cycles_samples": None}, "sampleCount"),
        ({"engine": "BLENDER_WORKBENCH"}, "sampleCount"),
        ({"use_denoising": None}, "denoisingEnabled"),
        ({"use_auto_tile": None}, "useTiling"),
    ],
)
def test_what_the_api_cannot_say_is_left_to_the_file(changes, field):
    assert field in fields.flatten(config.requested(CYCLES, {}).config) | {
        "outputSettings.exrCodec": 0,
        "outputSettings.quality": 0,
    }
    found = config.requested(replace(CYCLES, **changes), {})
    assert field not in fields.flatten(found.config)
    assert found.left_out[field]


@pytest.mark.parametrize(
    ("file_format", "settings"),
    [
        ("PNG", {"colorMode", "colorDepth", "compression"}),
        ("JPEG", {"colorMode", "colorDepth", "quality"}),
        ("TIFF", {"colorMode", "colorDepth", "tiffCodec"}),
        ("OPEN_EXR", {"colorMode", "colorDepth", "exrCodec"}),
    ],
)
def test_only_what_the_format_has_is_sent(file_format, settings):
    found = config.requested(replace(CYCLES, file_format=file_format), {})
    assert set(found.config["outputSettings"]) == settings


def test_the_quality_of_a_lossy_exr():
    exr = replace(CYCLES, file_format="OPEN_EXR", color_depth="16", exr_codec="DWAB")
    assert config.requested(exr, {}).config["outputSettings"]["quality"] == 90


def test_an_override_that_fits_no_format_is_a_conflict():
    overrides = {"outputFormat": "JPEG", "outputSettings.colorMode": "RGBA"}
    (conflict,) = config.requested(CYCLES, overrides).conflicts
    assert "JPEG" in conflict and "RGBA" in conflict


@pytest.mark.parametrize(
    ("override", "setting"),
    [
        ({"resolution": [2, 100]}, "Resolution"),
        ({"tileSize": 4}, "Tile Size"),
        ({"fps": 40000}, "Frame Rate"),
        ({"sampleCount": 1 << 25}, "Samples"),
    ],
)
def test_what_blender_would_change_silently_is_a_conflict(override, setting):
    (conflict,) = config.requested(CYCLES, override).conflicts
    assert conflict.startswith(f"{setting} must be from ")


@pytest.mark.parametrize(
    ("changes", "preset"),
    [
        ({}, "default"),
        ({"view_transform": "ACES 2.0"}, "default"),  # Blender 5's own config has this view
        ({"view_transform": "ACES 1.3"}, "default"),
        ({"ocio": "/studio/filmic/config.ocio"}, "default"),
        ({"display_device": "sRGB - Display", "view_transform": "ACES 1.0 - SDR Video"}, "aces"),
        ({"display_device": "ACES", "view_transform": "sRGB"}, "aces"),
        ({"display_device": "sRGB - Display", "view_transform": "Raw"}, "aces"),
        ({"ocio": "/studio/ACES-1.2/config.ocio"}, "aces"),
    ],
)
def test_colour_management(changes, preset):
    found = config.requested(replace(CYCLES, **changes), {})
    assert found.config["colorManagementPreset"] == preset


class TestFrames:
    def test_a_step_is_written_out(self):
        found = config.requested(replace(CYCLES, frame_step=4), {})
        assert found.frames == [1, 5, 9]
        assert found.config["frameRanges"] == ["1", "5", "9"]

    def test_a_still_is_the_current_frame_whatever_the_override_says(self):
        found = config.requested(CYCLES, {"frameRanges": ["1-3"]}, still=True)
        assert found.frames == [4]
        assert found.config["frameRanges"] == ["4"]
        assert found.sources["frameRanges"] == "scene"

    def test_the_callers_text_comes_first(self):
        found = config.requested(CYCLES, {"frameRanges": ["1-3"]}, frames_text="8-6", still=True)
        assert found.config["frameRanges"] == ["6-8"]
        assert found.sources["frameRanges"] == "override"

    def test_a_bad_text(self):
        found = config.requested(CYCLES, {}, frames_text="1-5y")
        assert found.frames_problem and found.frames_problem[0] == "bad-frames"
        assert "character 4" in found.frames_problem[1]
        assert "frameRanges" not in found.config and found.frames == []

    def test_a_list_of_the_api_form(self):
        found = config.requested(CYCLES, {"frameRanges": ["1-3", "9"]})
        assert found.frames == [1, 2, 3, 9]

    def test_an_empty_range(self):
        found = config.requested(replace(CYCLES, frame_end=0), {})
        assert found.frames_problem and found.frames_problem[0] == "empty-frame-range"

    def test_the_scenes_own_negative_range_is_left_to_the_file(self):
        own = replace(CYCLES, frame_start=-3, frame_end=1)
        for overrides in ({}, {"frameRanges": ["-3-1"]}):
            found = config.requested(own, overrides)
            assert found.frames == [-3, -2, -1, 0, 1]
            assert "frameRanges" not in found.config
            assert found.left_out["frameRanges"]
            assert found.frames_problem is None

    @pytest.mark.parametrize("text", ["-3", "-2-1", "-3-2"])
    def test_other_negative_frames_cannot_be_asked_for(self, text):
        own = replace(CYCLES, frame_start=-3, frame_end=1)
        found = config.requested(own, {}, frames_text=text)
        assert found.frames_problem and found.frames_problem[0] == "negative-frames"
        assert "frameRanges" not in found.config


def test_the_documentation_names_every_field():
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]
    assert [row.strip("`") for row in rows][: len(fields.FIELDS)] == list(fields.FIELDS)
