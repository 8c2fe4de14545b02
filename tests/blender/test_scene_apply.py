"""The requested settings are applied to the scene of the copy, and nothing else changes."""

import re

import pytest
from renderjuice.scene import apply, config, copy, engines, formats, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.engine = "CYCLES"
    return bpy.context.scene


def write(scene, overrides, **frames):
    found = config.requested(settings.read(scene), overrides, **frames)
    assert found.frames_problem is None and not found.conflicts
    return apply.apply(scene, found.applied, found.frames)


def values(owner):
    """All plain values of a group of settings."""
    names = [
        p.identifier for p in owner.bl_rna.properties if p.type not in {"POINTER", "COLLECTION"}
    ]
    return {name: str(getattr(owner, name)) for name in names}


def all_values(scene):
    groups = (scene, scene.render, scene.render.image_settings, scene.cycles, scene.eevee)
    return [values(group) for group in groups]


def test_every_override_is_written(scene):
    overrides = {
        "colorManagementPreset": "aces",
        "frameRanges": ["3-9x3"],
        "notes": "x",
        "renderEngine": "CYCLES",
        "compositorDevice": "GPU",
        "computeDeviceType": "CUDA",
        "gpuCount": 2,
        "sampleCount": 9,
        "denoisingEnabled": False,
        "denoiserType": "OPENIMAGEDENOISE",
        "resolution": [64, 32],
        "resolutionPercentage": 50,
        "outputFormat": "OPEN_EXR",
        "fps": 23.976,
        "useTiling": False,
        "tileSize": 256,
        "outputSettings.colorMode": "RGB",
        "outputSettings.colorDepth": "16",
        "outputSettings.exrCodec": "PIZ",
        "outputSettings.tiffCodec": "LZW",
        "outputSettings.compression": 3,
        "outputSettings.quality": 4,
        "minimumRam": 64,
    }
    scene.render.engine = settings.read(bpy.data.scenes.new("x")).engine  # EEVEE
    assert write(scene, overrides) == []
    render, image, cycles = scene.render, scene.render.image_settings, scene.cycles
    assert render.engine == "CYCLES"
    assert (scene.frame_start, scene.frame_end, scene.frame_step) == (3, 9, 3)
    assert render.compositor_device == "GPU" and cycles.device == "GPU"
    assert (cycles.samples, cycles.use_denoising) == (9, False)
    assert (cycles.use_auto_tile, cycles.tile_size) == (False, 256)
    assert (render.resolution_x, render.resolution_y) == (64, 32)
    assert render.resolution_percentage == 50
    assert render.fps / render.fps_base == pytest.approx(23.976)
    assert (image.file_format, image.color_mode, image.color_depth) == ("OPEN_EXR", "RGB", "16")
    assert (image.exr_codec, image.tiff_codec) == ("PIZ", "LZW")
    assert (image.compression, image.quality) == (3, 4)


@pytest.mark.parametrize("name", engines.EEVEE)
def test_eevee_by_either_name(scene, name):
    assert write(scene, {"renderEngine": name, "sampleCount": 3}) == []
    assert scene.render.engine in engines.EEVEE
    assert scene.eevee.taa_render_samples == 3
    assert scene.cycles.samples != 3


def test_a_scene_that_says_it_all_is_not_touched(scene):
    scene.frame_step = 4  # 250, the end of the range, is then not rendered
    before = all_values(scene)
    assert write(scene, {}) == []
    assert all_values(scene) == before


def test_what_would_spoil_the_frames_is_put_right(scene):
    scene.render.use_placeholder, scene.render.use_overwrite = True, False
    if hasattr(scene.render, "save_output"):
        scene.render.save_output = False
    write(scene, {})
    assert not scene.render.use_placeholder and scene.render.use_overwrite
    assert getattr(scene.render, "save_output", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", (7, 7, 1)),
        ("400-500", (400, 500, 1)),  # beyond the scene's end
        ("0-3", (0, 3, 1)),
        ("1-9x4", (1, 9, 4)),
        ("1, 2, 9", (1, 9, 1)),
    ],
)
def test_the_range_fits_the_frames(scene, text, expected):
    write(scene, {}, frames_text=text)
    assert (scene.frame_start, scene.frame_end, scene.frame_step) == expected


def test_cameras_on_markers_alone(scene):
    """The first marker's camera becomes the scene's, for farms that require one."""
    write(scene, {})
    assert scene.camera is None
    for frame, name in ((30, "late"), (5, "early"), (2, "")):
        marker = scene.timeline_markers.new("cut", frame=frame)
        marker.camera = bpy.data.objects.new(name, bpy.data.cameras.new(name)) if name else None
    scene.camera = None
    write(scene, {})
    assert scene.camera.name == "early"
    scene.camera = bpy.data.objects["late"]
    write(scene, {})
    assert scene.camera.name == "late"


def test_a_still(scene):
    scene.frame_current = 12
    write(scene, {}, still=True)
    assert (scene.frame_start, scene.frame_end) == (12, 12)


KINDS = {
    "OPEN_EXR_MULTILAYER": "MULTI_LAYER_IMAGE",
    "FFMPEG": "VIDEO",
}


def choose(image, file_format, mode):
    """Set format and mode as the user interface does; False if the format lacks the mode."""
    if hasattr(image, "media_type"):
        image.media_type = KINDS.get(file_format, "IMAGE")
    image.file_format = file_format
    try:
        image.color_mode = mode
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("before", ["PNG", "BMP", "JPEG", *KINDS])
@pytest.mark.parametrize("wanted", formats.SENT)
def test_the_copy_has_the_mode_and_depth_that_are_sent(scene, before, wanted):
    """If the new format lacks the scene's mode or depth, Blender's replacements are sent."""
    image = scene.render.image_settings
    tried = [mode for mode in ("BW", "RGB", "RGBA") if choose(image, before, mode)]
    assert "RGB" in tried
    for mode in tried:
        choose(image, before, mode)
        found = config.requested(settings.read(scene), {"outputFormat": wanted})
        sent = found.config["outputSettings"]

        choose(image, wanted, "")
        if before not in KINDS:  # Blender 5 resets mode and depth when the media type changes
            assert (image.color_mode, image.color_depth) == (sent["colorMode"], sent["colorDepth"])

        choose(image, before, mode)
        assert apply.apply(scene, found.applied, found.frames) == []
        assert image.file_format == wanted
        assert (image.color_mode, image.color_depth) == (sent["colorMode"], sent["colorDepth"])


def test_formats_that_are_not_images_can_be_written(scene):
    for wanted in KINDS:
        assert write(scene, {"outputFormat": wanted}) == []
        assert scene.render.image_settings.file_format == wanted


def test_a_denoiser_that_is_not_offered_is_said_and_not_written(scene):
    try:
        scene.cycles.denoiser = "OPTIX"
        pytest.skip("this computer has OptiX")
    except TypeError:
        pass
    (refused,) = write(scene, {"denoiserType": "OPTIX", "sampleCount": 2})
    assert (refused.id, refused.level) == ("not-written", "warning")
    assert "does not offer OptiX as the Denoiser" in refused.message
    assert scene.cycles.denoiser == "OPENIMAGEDENOISE"
    assert scene.cycles.samples == 2


def test_numbers_that_blender_cannot_hold_stop_nothing(scene):
    """Check and Pack write a copy also where the settings are an error."""
    huge = {"sampleCount": 10**30, "tileSize": 10**12, "resolution": [10**9, 10**12]}
    found = config.requested(settings.read(scene), huge)
    assert len(found.conflicts) == len(huge)
    apply.apply(scene, found.applied, found.frames)
    assert scene.render.resolution_y == 1080


def test_an_unavailable_denoiser_in_the_file_stays(scene):
    store = (
        scene.bl_system_properties_get()["cycles"] if bpy.app.version >= (5, 0, 0) else scene.cycles
    )
    store["denoiser"] = 2  # the stored value of OptiX
    assert write(scene, {}) == []
    assert store["denoiser"] == 2


def pixels(scene, path):
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(f"{path}.png")
    return list(image.pixels)


def test_the_copy_renders_the_same_pixels(scene, tmp_path):
    bpy.ops.mesh.primitive_monkey_add(rotation=(0.5, 0.2, 0.3))
    bpy.ops.object.light_add(type="SUN", rotation=(0.4, 0.6, 0))
    bpy.ops.object.camera_add(location=(0, -5, 0), rotation=(1.5708, 0, 0))
    scene.camera = bpy.context.object
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.resolution_percentage = 50
    scene.cycles.samples = 2
    scene.cycles.use_denoising = False
    scene.render.image_settings.color_depth = "16"
    copied = tmp_path / "copy.blend"
    copy.save_copy(str(copied))
    wanted = config.requested(settings.read(scene), {}, still=True)
    original = pixels(scene, tmp_path / "original")
    assert len(set(original)) > 50

    bpy.ops.wm.open_mainfile(filepath=str(copied))
    apply.apply(bpy.context.scene, wanted.applied, wanted.frames)
    assert pixels(bpy.context.scene, tmp_path / "copied") == original


def render_counts(scene, tmp_path):
    """The sample count of each view layer, read from the metadata of the render."""
    render = scene.render
    render.resolution_x = render.resolution_y = 8
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "IMAGE"
    render.image_settings.file_format = "OPEN_EXR"
    render.filepath = str(tmp_path / "picture.exr")
    bpy.ops.render.render(write_still=True, scene=scene.name)
    header = (tmp_path / "picture.exr").read_bytes()
    found = re.findall(rb"cycles\.([^\0]+)\.samples\0string\0.{4}(\d+)cycles", header, re.DOTALL)
    return {layer.decode(): int(count) for layer, count in found}


@pytest.fixture
def seen_scene(scene):
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.cycles.samples = 2
    return scene


@pytest.mark.parametrize(("mode", "rendered"), [("USE", 5), ("BOUNDED", 2), ("IGNORE", 2)])
def test_what_is_said_of_samples_is_what_cycles_renders(seen_scene, tmp_path, mode, rendered):
    seen_scene.cycles.use_layer_samples = mode
    seen_scene.view_layers[0].samples = 5
    found = config.requested(settings.read(seen_scene), {})
    assert set(render_counts(seen_scene, tmp_path).values()) == {rendered}
    assert found.config.get("sampleCount") == (2 if rendered == 2 else None)
    assert ("2, 5" in found.left_out.get("sampleCount", "")) is (rendered == 5)


def test_a_sample_override_holds_for_layers_with_a_count_of_their_own(seen_scene, tmp_path):
    seen_scene.view_layers[0].samples = 5
    seen_scene.view_layers.new("second").samples = 7
    assert write(seen_scene, {"sampleCount": 3}) == []
    assert set(render_counts(seen_scene, tmp_path).values()) == {3}


def test_a_sample_override_holds_for_the_scene_of_a_strip(seen_scene, tmp_path):
    other = bpy.data.scenes.new("other")
    other.render.engine = "CYCLES"
    other.cycles.samples = 6
    other.view_layers[0].samples = 9
    other.camera = seen_scene.camera
    other.collection.objects.link(other.camera)
    editor = seen_scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strips.new_scene("strip", other, 1, 1)
    assert settings.read(seen_scene).other_samples == (9,)
    assert "sampleCount" not in config.requested(settings.read(seen_scene), {}).config
    assert write(seen_scene, {"sampleCount": 3}) == []
    assert set(render_counts(other, tmp_path).values()) == {3}


def test_a_sample_override_holds_for_another_scene_in_the_compositor(seen_scene, tmp_path):
    other = bpy.data.scenes.new("other")
    other.render.engine = "CYCLES"
    other.cycles.samples = 6
    other.camera = seen_scene.camera
    other.collection.objects.link(other.camera)
    if hasattr(seen_scene, "compositing_node_group"):
        tree = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
        seen_scene.compositing_node_group = tree
    else:
        seen_scene.use_nodes = True
        tree = seen_scene.node_tree
    tree.nodes.new("CompositorNodeRLayers").scene = other
    assert settings.read(seen_scene).other_samples == (6,)
    assert write(seen_scene, {"sampleCount": 3}) == []
    assert set(render_counts(other, tmp_path).values()) == {3}


def test_a_linked_scene_that_keeps_its_samples_is_named(scene, tmp_path):
    library = tmp_path / "library.blend"
    scene.name = "other"
    scene.cycles.samples = 6
    bpy.ops.wm.save_as_mainfile(filepath=str(library), copy=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    main = bpy.context.scene
    main.render.engine = "CYCLES"
    with bpy.data.libraries.load(str(library), link=True) as (_, to):
        to.scenes = ["other"]
    editor = main.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strips.new_scene("strip", to.scenes[0], 1, 1)
    (check,) = write(main, {"sampleCount": 3})
    assert (check.id, check.datablock) == ("not-written", "other")
