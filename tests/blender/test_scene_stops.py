"""Whatever makes Blender refuse to render is an error, and nothing else is; renders prove each."""

import wave

import pytest
from renderjuice.scene import checks, config, facts, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x, scene.render.resolution_y = 100, 8
    scene.render.filepath = str(tmp_path / "frame")
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    return scene


def errors(scene, overrides=None):
    found = config.requested(settings.read(scene), overrides or {})
    looked = checks.run(facts.read(scene, found, has_key=True))
    return [one.id for one in looked if one.level == "error" and one.id != "offline"]


def warnings(scene):
    found = checks.run(facts.read(scene, config.requested(settings.read(scene), {}), has_key=True))
    return [one.id for one in found if one.level == "warning"]


def stops(scene):
    """Blender's error message if it refuses to render, else an empty string."""
    try:
        bpy.ops.render.render(write_still=True)
    except RuntimeError as error:
        return str(error)
    return ""


def editor(scene):
    return scene.sequence_editor or scene.sequence_editor_create()


def strips(owner):
    return owner.strips if hasattr(owner, "strips") else owner.sequences  # until Blender 4.3


def color(owner):
    new = strips(owner).new_effect
    names = {p.identifier for p in strips(owner).bl_rna.functions["new_effect"].parameters}
    return new("c", "COLOR", 1, 1, **({"length": 10} if "length" in names else {"frame_end": 10}))


def muted(scene):
    color(editor(scene)).mute = True


def in_a_muted_channel(scene):
    channel = color(editor(scene)).channel
    editor(scene).channels[channel].mute = True


def sound(scene):
    path = bpy.path.abspath(scene.render.filepath + ".wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    try:
        strips(editor(scene)).new_sound("s", path, 1, 1)
    except RuntimeError:
        pytest.skip("this bpy is made without sound")


def seen(scene):
    color(editor(scene))


def in_a_meta_strip(scene):
    color(strips(editor(scene)).new_meta("m", 1, 1)).mute = True


def sequencer_off(scene):
    color(editor(scene))
    scene.render.use_sequencer = False


@pytest.mark.parametrize(
    ("what", "needs_camera"),
    [
        (muted, True),
        (in_a_muted_channel, True),
        (sound, True),
        (sequencer_off, True),
        (seen, False),
        (in_a_meta_strip, False),
    ],
)
def test_no_camera_behind_strips(scene, what, needs_camera):
    scene.camera = None
    what(scene)
    assert errors(scene) == ["no-camera"] * needs_camera
    # Before 4.5 Blender renders muted strips as a black picture.
    if bpy.app.version >= (4, 5) or what not in (muted, in_a_muted_channel):
        assert ("no camera" in stops(scene)) is needs_camera


def shown_scene(scene, camera):
    """A strip that shows a scene, with a camera or without."""
    inner = bpy.data.scenes.new("inner")
    inner.camera = camera
    strips(editor(scene)).new_scene("inner", inner, 1, scene.frame_start)


@pytest.mark.parametrize("empty", [True, False])
def test_a_strip_of_a_scene_without_a_camera(scene, empty):
    shown_scene(scene, None if empty else scene.camera)
    assert warnings(scene) == ["empty-picture"] * empty
    assert errors(scene) == []


@pytest.mark.parametrize("empty", [True, False])
def test_view_layers_that_are_switched_off(scene, empty):
    scene.view_layers.new("other").use = False
    scene.view_layers[0].use = not empty
    assert warnings(scene) == ["empty-picture"] * empty


def small_percentage(scene):
    scene.render.resolution_y = 8
    scene.render.resolution_percentage = 12


def percentage(scene):
    scene.render.resolution_percentage = 13


def border(scene, left, right, *, crop=True):
    scene.render.use_border, scene.render.use_crop_to_border = True, crop
    scene.render.border_min_x, scene.render.border_max_x = left, right


@pytest.mark.parametrize(
    ("what", "too_small"),
    [
        (small_percentage, True),
        (percentage, False),
        (lambda scene: border(scene, 0.5, 0.5), True),
        (lambda scene: border(scene, 0.5, 0.5, crop=False), True),
        (lambda scene: border(scene, 0.6, 0.4), True),
        (lambda scene: border(scene, 0.5, 0.506), True),
        (lambda scene: border(scene, 0.5, 0.51), False),
        (lambda scene: border(scene, 0.5, 0.52, crop=False), False),
        (lambda scene: setattr(scene.render, "use_crop_to_border", True), False),
    ],
)
def test_a_picture_without_pixels(scene, what, too_small):
    what(scene)
    assert errors(scene) == ["image-too-small"] * too_small
    assert ("too small" in stops(scene)) is too_small


def test_an_override_makes_it_too_small_or_big_enough(scene):
    assert errors(scene, {"resolutionPercentage": 12}) == ["image-too-small"]
    small_percentage(scene)
    assert errors(scene, {"resolution": [100, 100]}) == []
