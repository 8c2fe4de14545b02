"""Each file format of this Blender, in each mode, depth and codec, is applied or refused."""

import itertools

import pytest
from renderjuice.api import fields
from renderjuice.scene import apply, checks, config, facts, formats, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

EXR = ("OPEN_EXR", "OPEN_EXR_MULTILAYER")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    return scene


def choices(name):
    """All values that RNA lists for an output setting, whatever the format."""
    items = bpy.types.ImageFormatSettings.bl_rna.properties[name].enum_items
    return [item.identifier for item in items]


def combinations():
    """Each format with each mode and depth, and with each codec where it has codecs."""
    for name in choices("file_format"):
        codec = ("outputSettings.exrCodec", choices("exr_codec")) if name in EXR else None
        if name == "TIFF":
            codec = "outputSettings.tiffCodec", choices("tiff_codec")
        for mode, depth in itertools.product(choices("color_mode"), choices("color_depth")):
            said = {"outputSettings.colorMode": mode, "outputSettings.colorDepth": depth}
            for one in codec[1] if codec else [None]:
                yield name, said | ({codec[0]: one} if codec else {})


def start(scene, name="PNG"):
    """Select this format in the scene as the user interface does."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = apply.MEDIA_TYPES.get(name, "IMAGE")
    image.file_format = name


MEMBERS = {
    "outputSettings.colorMode": "color_mode",
    "outputSettings.colorDepth": "color_depth",
    "outputSettings.exrCodec": "exr_codec",
    "outputSettings.tiffCodec": "tiff_codec",
}


def held(scene, name, said):
    """Whether Blender accepts these values and returns them unchanged."""
    start(scene, name)
    image = scene.render.image_settings
    try:
        for field, value in said.items():
            setattr(image, MEMBERS[field], value)
    except TypeError:
        return False
    return image.file_format == name and reads(image, said)


def reads(image, said):
    return all(getattr(image, MEMBERS[field]) == value for field, value in said.items())


def errors(scene, found):
    looked = checks.run(facts.read(scene, found, has_key=True))
    return [one.id for one in looked if one.level == "error" and one.id != "offline"]


@pytest.mark.parametrize("chosen", ["by an override", "in the scene"])
def test_what_the_format_lacks_is_an_error_and_the_rest_is_written(scene, chosen):
    image, wrong, count = scene.render.image_settings, [], 0
    for name, said in combinations():
        possible = held(scene, name, said) and name not in formats.VIDEO
        start(scene, "PNG" if chosen == "by an override" else name)
        overrides = said | ({"outputFormat": name} if chosen == "by an override" else {})
        found = config.requested(settings.read(scene), overrides)
        refused = errors(scene, found)
        count += 1
        if bool(refused) == possible:
            wrong.append((name, *said.values(), refused))
        elif possible:
            said_so = apply.apply(scene, found.applied, found.frames)
            if said_so or image.file_format != name or not reads(image, said):
                wrong.append((name, *said.values(), said_so))
    assert wrong == []
    assert count > 500


@pytest.mark.parametrize("name", EXR)
@pytest.mark.parametrize("codec", ["B44", "B44A"])
def test_a_codec_for_half_floats_and_a_depth_of_32(scene, name, codec):
    """Blender offers the codec at 16 bit only, but keeps it when the depth changes."""
    start(scene, name)
    image = scene.render.image_settings
    image.color_depth, image.exr_codec = "16", codec
    found = config.requested(settings.read(scene), {"outputSettings.colorDepth": "32"})
    assert errors(scene, found) == ["override-conflict"]
    image.color_depth = "32"  # RNA returns no codec now
    for overrides in ({}, {"outputSettings.colorDepth": "16"}):
        found = config.requested(settings.read(scene), overrides)
        assert errors(scene, found) == []
        assert "exrCodec" not in found.config.get("outputSettings", {})
        assert apply.apply(scene, found.applied, found.frames) == []
    assert image.exr_codec == codec


def test_what_the_scene_says_is_no_conflict(scene):
    """Values without an override come from the file, so they cannot conflict with the farm."""
    scene.eevee.taa_render_samples = (1 << 24) + 1
    found = config.requested(settings.read(scene), {})
    assert errors(scene, found) == []
    found = config.requested(settings.read(scene), {"sampleCount": 1 << 25})
    assert errors(scene, found) == ["override-conflict"]


def test_a_format_of_another_blender_is_an_error(scene):
    missing = sorted({"AVIF", "IRIS", "WEBP", "PNG"} - set(choices("file_format")))
    for name in missing:
        found = config.requested(settings.read(scene), {"outputFormat": name})
        assert errors(scene, found) == ["override-conflict"]
    assert ("AVIF" in missing) is (bpy.app.version < (5, 2))


@pytest.mark.parametrize("name", ["file_format", "exr_codec", "tiff_codec"])
def test_sentences_use_blenders_words(name):
    every = bpy.types.ImageFormatSettings.bl_rna.properties[name].enum_items
    items = [item for item in every if item.identifier != "BMP"]  # called Bitmap since Blender 5.0
    said = {item.identifier: fields.word(item.identifier) for item in items}
    assert said == {item.identifier: item.name.partition(" (")[0] for item in items}
