"""Facts and checks about real scenes."""

import shutil

import pytest
from renderjuice.scene import checks, config, engines, facts, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    return scene


def look(scene):
    requested = config.requested(settings.read(scene), {})
    return facts.read(scene, requested, has_key=True)


def found(scene):
    """Ids of the checks that report something, except "offline": Blender is offline in tests."""
    return [check.id for check in checks.run(look(scene)) if check.id != "offline"]


def cube(scene):
    bpy.ops.mesh.primitive_cube_add()
    return bpy.context.object


def test_a_good_scene(scene):
    assert found(scene) == []
    assert look(scene).online == bpy.app.online_access


class TestCamera:
    def test_none(self, scene):
        scene.camera = None
        assert look(scene).scenes_without_camera == ("Scene",)
        assert found(scene) == ["no-camera"]

    def test_by_a_marker(self, scene):
        marker = scene.timeline_markers.new("shot", frame=1)
        marker.camera, scene.camera = scene.camera, None
        assert found(scene) == []

    def test_the_sequencer_needs_none(self, scene):
        scene.camera = None
        editor = scene.sequence_editor_create()
        strips = editor.strips if hasattr(editor, "strips") else editor.sequences
        strips.new_effect("c", "COLOR", 1, 1, **_length(strips))
        assert found(scene) == []
        scene.render.use_sequencer = False
        assert found(scene) == ["no-camera"]

    def test_the_compositor_may_need_anothers(self, scene):
        other = bpy.data.scenes.new("Other")
        node = compositor(scene).nodes.new("CompositorNodeRLayers")
        node.scene = other
        assert look(scene).scenes_without_camera == ("Other",)
        node.mute = True
        assert found(scene) == []
        node.mute = False
        other.camera = scene.camera
        assert found(scene) == []

    def test_the_compositor_may_need_none(self, scene):
        scene.camera = None
        compositor(scene)
        assert found(scene) == []
        scene.render.use_compositing = False
        assert found(scene) == ["no-camera"]


def _length(strips):
    names = {p.identifier for p in strips.bl_rna.functions["new_effect"].parameters}
    return {"length": 10} if "length" in names else {"frame_end": 10}


def compositor(scene):
    if hasattr(scene, "compositing_node_group"):
        scene.compositing_node_group = bpy.data.node_groups.new("C", "CompositorNodeTree")
        return scene.compositing_node_group
    scene.use_nodes = True
    scene.node_tree.nodes.clear()
    return scene.node_tree


class TestImages:
    def test_painted_and_not_saved(self, scene):
        image = bpy.data.images.new("skin", 4, 4)
        image.use_fake_user = True
        assert found(scene) == []
        image.pixels[0] = 0.5
        (check,) = (c for c in checks.run(look(scene)) if c.id == "unsaved-image")
        assert (check.datablock, check.level) == ("skin", "error")
        family, name = check.fix.split(".")
        assert getattr(getattr(bpy.ops, family), name)() == {"FINISHED"}
        assert found(scene) == []

    def test_one_that_nothing_uses(self, scene):
        image = bpy.data.images.new("skin", 4, 4)
        image.pixels[0] = 0.5
        image.user_clear()
        assert found(scene) == []


class TestOutput:
    def test_a_video(self, scene):
        image = scene.render.image_settings
        if hasattr(image, "media_type"):
            image.media_type = "VIDEO"
        image.file_format = "FFMPEG"
        assert found(scene) == ["video-output"]

    def test_an_unknown_path_template(self, scene):
        scene.render.filepath = "//{nonsense}/f_"
        if bpy.app.version < (4, 5, 0):
            assert found(scene) == []  # braces have no meaning before 4.5
            return
        (check,) = (c for c in checks.run(look(scene)) if c.id == "path-template")
        assert "{nonsense}" in check.message and check.path == "//{nonsense}/f_"
        assert check.message.count("\n") == 0

    def test_a_known_path_template(self, scene):
        scene.render.filepath = "//{blend_name}/f_"
        assert found(scene) == []

    def test_no_output(self, scene):
        if not hasattr(scene.render, "save_output"):
            assert look(scene).save_output is True
            return
        scene.render.save_output = False
        assert found(scene) == ["output-disabled"]

    def test_placeholders(self, scene):
        scene.render.use_placeholder = True
        assert found(scene) == ["placeholders"]


def test_workbench(scene):
    scene.render.engine = "BLENDER_WORKBENCH"
    assert found(scene) == ["engine"]


def test_blender_s_own_ocio_config_in_the_environment_is_none(scene, monkeypatch):
    own = bpy.utils.system_resource("DATAFILES", path="colormanagement")
    monkeypatch.setenv("OCIO", f"{own}/config.ocio")
    assert found(scene) == []


def test_the_ocio_environment(scene, monkeypatch):
    monkeypatch.setenv("OCIO", "/studio/config.ocio")
    assert found(scene) == ["ocio"]


class TestScripts:
    def test_a_text_that_registers(self, scene):
        text = bpy.data.texts.new("rig.py")
        assert found(scene) == []
        text.use_module = True
        assert look(scene).scripts == ("rig.py",)

    @pytest.mark.parametrize(
        ("expression", "speaks"),
        [("frame / 24", False), ("sin(frame)", False), ("bpy.app.version[0]", True)],
    )
    def test_drivers(self, scene, expression, speaks):
        scene.camera.driver_add("location", 0).driver.expression = expression
        assert look(scene).drivers == ((("Camera", "OBJECT"),) if speaks else ())

    def test_a_driver_in_a_material(self, scene):
        material = bpy.data.materials.new("Glow")
        material.use_nodes = True
        shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
        shader.inputs["Alpha"].driver_add("default_value").driver.expression = "noise.random()"
        assert look(scene).drivers == (("Glow", "MATERIAL"),)

    def test_a_driver_of_a_shape_key(self, scene):
        item = cube(scene)
        item.shape_key_add(name="Basis")
        key = item.shape_key_add(name="Smile")
        key.driver_add("value").driver.expression = "bpy.app.version[0]"
        assert look(scene).drivers == (("Key", "KEY"),)


def states(scene):
    return [(s.datablock, s.kind, s.state) for s in look(scene).simulations]


class TestSimulations:
    @pytest.mark.parametrize(("modifier", "kind"), [("CLOTH", "cloth"), ("SOFT_BODY", "soft body")])
    def test_not_baked(self, scene, modifier, kind):
        item = cube(scene)
        item.modifiers.new("m", modifier)
        assert states(scene) == [("Cube", kind, "unbaked")]
        assert found(scene) == ["unbaked-simulation"]
        item.modifiers["m"].show_render = False
        assert states(scene) == []

    def test_the_fix_bakes(self, scene):
        scene.frame_end = 3
        cache = cube(scene).modifiers.new("m", "CLOTH").point_cache
        cache.frame_end = 3
        (check,) = (c for c in checks.run(look(scene)) if c.id == "unbaked-simulation")
        assert check.fix == "ptcache.bake_all"
        bpy.ops.ptcache.bake_all(bake=True)
        assert states(scene) == []

    def test_particles(self, scene):
        system = cube(scene).modifiers.new("m", "PARTICLE_SYSTEM").particle_system
        assert states(scene) == [("Cube", "particle", "unbaked")]
        system.settings.physics_type = "NO"
        assert states(scene) == []
        system.settings.type = "HAIR"
        assert states(scene) == []
        system.use_hair_dynamics = True
        assert states(scene) == [("Cube", "particle", "unbaked")]

    def test_rigid_bodies(self, scene):
        cube(scene)
        assert states(scene) == []
        bpy.ops.rigidbody.object_add()
        assert states(scene) == [("Scene", "rigid body", "unbaked")]
        scene.rigidbody_world.enabled = False
        assert states(scene) == []

    def test_a_fluid(self, scene):
        modifier = cube(scene).modifiers.new("m", "FLUID")
        assert states(scene) == []
        modifier.fluid_type = "DOMAIN"
        assert states(scene) == [("Cube", "fluid", "unbaked")]

    def test_a_cache_on_disk(self, scene, tmp_path):
        scene.frame_end = 3
        cache = cube(scene).modifiers.new("m", "CLOTH").point_cache
        cache.frame_end = 3
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a shot.blend"))
        cache.use_disk_cache = True
        bpy.ops.ptcache.bake_all(bake=True)
        assert states(scene) == []
        shutil.rmtree(tmp_path / "blendcache_a shot")
        assert states(scene) == [("Cube", "cloth", "missing")]
        assert found(scene) == ["missing-cache"]

    def test_geometry_nodes(self, scene, tmp_path):
        item, modifier = simulated(scene)
        scene.frame_end = 2
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
        if hasattr(modifier, "bake_target"):
            assert states(scene) == [("Cube", "geometry nodes", "unknown")]
            modifier.bake_target = "DISK"
        assert states(scene) == [("Cube", "geometry nodes", "unbaked")]
        bpy.ops.object.geometry_node_bake_single(
            session_uid=item.session_uid, modifier_name="m", bake_id=modifier.bakes[0].bake_id
        )
        assert states(scene) == []
        shutil.rmtree(tmp_path / "blendcache_shot")
        assert states(scene) == [("Cube", "geometry nodes", "unbaked")]


def simulated(scene):
    item = cube(scene)
    tree = bpy.data.node_groups.new("g", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    names = ("NodeGroupInput", "GeometryNodeSimulationInput", "GeometryNodeSimulationOutput")
    start, inside, outside = (tree.nodes.new(name) for name in names)
    end = tree.nodes.new("NodeGroupOutput")
    inside.pair_with_output(outside)
    tree.links.new(start.outputs[0], inside.inputs["Geometry"])
    tree.links.new(inside.outputs["Geometry"], outside.inputs["Geometry"])
    tree.links.new(outside.outputs["Geometry"], end.inputs[0])
    modifier = item.modifiers.new("m", "NODES")
    modifier.node_group = tree
    bpy.context.view_layer.update()
    return item, modifier


def test_open_shading_language_on_a_cpu(scene):
    scene.render.engine = "CYCLES"
    assert found(scene) == []
    scene.cycles.shading_system = True
    assert found(scene) == ["osl-without-optix"]
    scene.render.engine = next(e for e in engines.EEVEE if e in eevee_names(scene))
    assert found(scene) == []


def eevee_names(scene):
    return [item.identifier for item in scene.render.bl_rna.properties["engine"].enum_items]
