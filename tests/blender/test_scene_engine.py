"""A file whose engine's add-on is absent: RNA reports EEVEE, but the file stores the engine."""

import pytest
from renderjuice.scene import apply, checks, config, engines, facts, settings
from renderjuice.scene.stored_engine import stored

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    engine = type("Lux", (bpy.types.RenderEngine,), {"bl_idname": "LUXCORE", "bl_label": "Lux"})
    bpy.utils.register_class(engine)
    bpy.context.scene.render.engine = "LUXCORE"
    bpy.context.scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "lux.blend"))
    bpy.utils.unregister_class(engine)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "lux.blend"))
    assert bpy.context.scene.render.engine in engines.EEVEE
    return bpy.context.scene


def wanted(scene, overrides=None):
    return config.requested(settings.read(scene), overrides or {})


def written(scene, overrides=None):
    found = wanted(scene, overrides)
    return apply.apply(scene, found.written, found.frames)


def test_the_engine_that_the_file_keeps(scene):
    scenes = len(bpy.data.scenes)
    assert stored(scene) == "LUXCORE"
    for name in ("CYCLES", "BLENDER_WORKBENCH", scene.render.engine):
        scene.render.engine = name
        assert stored(scene) == name
    assert len(bpy.data.scenes) == scenes


def test_it_is_an_error_and_not_taken_for_eevee(scene):
    (check,) = written(scene)
    assert (check.id, check.level, check.datablock) == ("engine", "error", "Scene")
    assert "LUXCORE" in check.message
    assert stored(scene) == "LUXCORE", "nobody asked to change it"


@pytest.mark.parametrize("name", ["BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "CYCLES"])
def test_an_override_really_writes(scene, name):
    assert written(scene, {"renderEngine": name}) == []
    assert stored(scene) == scene.render.engine
    assert (scene.render.engine == "CYCLES") is (name == "CYCLES")


@pytest.mark.parametrize("name", ["CYCLES", "EEVEE"])
def test_an_engine_that_is_there_is_none(scene, name):
    scene.render.engine = name if name == "CYCLES" else scene.render.engine
    assert written(scene) == []


def test_cycles_that_is_switched_off_at_home_is_not_taken_for_eevee(scene):
    """The packer's Blender has Cycles enabled, where the user's Blender reports EEVEE."""
    found = wanted(scene)
    scene.render.engine = "CYCLES"
    (check,) = apply.apply(scene, found.written, found.frames)
    assert check.id == "engine" and "Cycles" in check.message


def test_the_packer_says_it(scene, tmp_path):
    from tests.packages import trace

    blend, own = tmp_path / "lux.blend", wanted(scene).written
    overridden = wanted(scene, {"renderEngine": "BLENDER_EEVEE"}).written
    checks = trace(blend, tmp_path / "a", applied=own).checks
    assert [one.id for one in checks] == ["engine"]
    assert trace(blend, tmp_path / "b", applied=overridden).checks == ()


def test_between_two_frames(scene):
    scene.render.engine = "CYCLES"
    scene.frame_set(7, subframe=0.5)
    own = settings.read(scene)
    look = {
        still: checks.run(facts.read(scene, config.requested(own, {}, still=still), has_key=True))
        for still in (True, False)
    }
    (check,) = (one for one in look[True] if one.id == "between-frames")
    assert check.level == "warning" and "7.5" in check.message
    assert "between-frames" not in [one.id for one in look[False]]
    scene.frame_set(7)
    requested = config.requested(settings.read(scene), {}, still=True)
    found = checks.run(facts.read(scene, requested, has_key=True))
    assert "between-frames" not in [one.id for one in found]
