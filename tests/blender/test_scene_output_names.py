"""The expected frame names equal the names that Blender itself makes from the output path."""

from functools import partial
from itertools import chain

import pytest
from renderjuice.api.output_file import OutputFile
from renderjuice.frames.completeness import judge
from renderjuice.packing import outputs
from renderjuice.scene import output_names
from renderjuice.system.names import safe_name

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def named(path, view=""):
    name = path.replace("\\", "/").rpartition("/")[2]
    return OutputFile("https://storage.example/x", name, "", view, "", "frame")


def made(scene, frames, view=""):
    more = {"view": view} if view else {}
    return [named(scene.render.frame_path(frame=frame, **more)) for frame in frames]


FRAMES = [-7, 0, 1, 12, 999, 12345, 1048574]


@pytest.mark.parametrize("extensions", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "//render/shot_####_v2",
        "/tmp/shot_####_4k",
        "/tmp/shot_####.24fps",
        "/tmp/v001_sh010####",
        "/tmp/shot",
        "/tmp/",
        "/tmp/a#b####",
        "/tmp/####.png",
        "/tmp/shot_###.exr",
        "/tmp/10#01",
        "/tmp/shot.v2",
    ],
)
def test_blender_s_own_paths_are_known(scene, path, extensions):
    render = scene.render
    render.filepath, render.use_file_extension = path, extensions
    names = output_names.read(scene)
    for kind in ("PNG", "OPEN_EXR"):  # the second as an override of the first
        render.image_settings.file_format = kind
        found = judge(FRAMES, made(scene, FRAMES), names)
        assert (found.missing, found.complete) == ([], True), names
        assert judge(FRAMES, made(scene, FRAMES[1:]), names).missing == [-7]
        longest = [safe_name(one.file_name) for one in made(scene, [1048574])]
        assert [output_names.longest(scene, FRAMES)] == longest


@pytest.mark.parametrize("mode", ["STEREO_3D", "MULTIVIEW"])
def test_each_view_with_a_file_of_its_own_is_known(scene, mode):
    render = scene.render
    render.filepath, render.use_multiview, render.views_format = "/tmp/shot_####_v2", True, mode
    if mode == "MULTIVIEW":
        render.views.new("centre").file_suffix = "_mid"
    views = [view.name for view in render.views if mode == "MULTIVIEW" or view.name != "centre"]
    names = output_names.read(scene)
    assert [name[0] for name in names] == views
    each = [made(scene, [1, 2], view) for view in views]
    assert judge([1, 2], list(chain(*each)), names).complete
    for absent in range(len(views)):
        others = list(chain(*each[:absent], *each[absent + 1 :]))
        assert judge([1, 2], others, names).missing == [1, 2]


def test_eyes_in_one_file_are_one_view(scene):
    render = scene.render
    render.filepath, render.use_multiview = "/tmp/shot_####", True
    render.image_settings.views_format = "STEREO_3D"
    assert [name[0] for name in output_names.read(scene)] == [""]


# ---- File Output nodes ------------------------------------------------------------------------

NODES = {  # each with its prefix and its inputs
    "Plain": ("pre_", ["a", "b##x", "v1", "tail_001"]),
    "Counted": ("shot_", ["c"]),
    "Same": ("s_", ["same", "same", "Same", "b#", "b#"]),
    "Layers": ("layers_", ["x", "y"]),
    "Layers in the middle": ("l_##_z", ["x", "y"]),
    "Half linked": ("h_", ["written", "not written"]),
    "Muted": ("m_", ["q"]),
    "Not linked": ("n_", ["q"]),
}


@pytest.fixture
def passes(scene, tmp_path):
    """The compositor tree of a scene with one File Output node of each kind."""
    render = scene.render
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 1, "CPU"
    render.resolution_x = render.resolution_y = 4
    render.filepath = str(tmp_path / "main" / "shot_")
    scene.frame_start, scene.frame_end = 7, 8
    if hasattr(scene, "compositing_node_group"):
        tree = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
        scene.compositing_node_group = tree
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    layers = tree.nodes.new("CompositorNodeRLayers")
    tree.links.new(layers.outputs["Image"], end.inputs[0])
    for name, (prefix, inputs) in NODES.items():
        node = tree.nodes.new("CompositorNodeOutputFile")
        node.name = name
        add_inputs(node, tmp_path / name, prefix, inputs, is_layers=name.startswith("Layers"))
        linked = {"Half linked": 1, "Not linked": 0}.get(name, len(inputs))
        for number in range(linked):
            tree.links.new(layers.outputs["Image"], node.inputs[number])
        node.mute = name == "Muted"
    return tree


def add_inputs(node, folder, prefix, inputs, *, is_layers):
    if hasattr(node, "directory"):
        node.directory, node.file_name = str(folder), prefix
        node.format.media_type = "MULTI_LAYER_IMAGE" if is_layers else "IMAGE"
        slots = node.file_output_items
        add = partial(slots.new, "RGBA")
    else:
        node.base_path = f"{folder}/{prefix}" if is_layers else str(folder)
        node.format.file_format = "OPEN_EXR_MULTILAYER" if is_layers else "PNG"
        slots = node.layer_slots if is_layers else node.file_slots
        add = slots.new
    slots.clear()
    for name in inputs:
        add(name)


@pytest.mark.parametrize("is_stereo", [False, True])
def test_the_files_that_blender_s_nodes_write_are_the_ones_that_are_expected(
    scene, passes, tmp_path, is_stereo
):
    scene.render.use_multiview = is_stereo
    if is_stereo:
        scene.render.image_settings.views_format = "INDIVIDUAL"
        for node in passes.nodes:
            if node.bl_idname == "CompositorNodeOutputFile" and node.name != "Counted":
                node.format.views_format = "INDIVIDUAL"
    names = output_names.read(scene)
    redirect(passes, tmp_path)
    bpy.ops.render.render(animation=True)
    written = [
        OutputFile(str(path), path.name, "", "", node if node != "main" else "", kind(node))
        for path in sorted(tmp_path.rglob("*.*"))
        for node in [path.relative_to(tmp_path).parts[0]]
    ]
    assert {name[4] for name in names if len(name) == 5} == {
        *("Plain", "Counted", "Same", "Layers", "Layers in the middle", "Half linked")
    }
    found = judge([7, 8], written, names)
    assert (found.missing, found.complete, found.nodes) == ([], True, ())
    assert len(names) * 2 == len(written)
    for absent, output in enumerate(written):
        found = judge([7, 8], written[:absent] + written[absent + 1 :], names)
        assert not found.complete, output.file_name
        assert found.nodes == ((output.composite_node_name,) if output.kind != "frame" else ())


def redirect(tree, folder):
    """Redirect the nodes as in the packed copy, but into `folder`."""
    nodes = [node for node in tree.nodes if node.bl_idname == "CompositorNodeOutputFile"]
    for node in nodes:
        outputs.redirect_node(node, node.name)
        if hasattr(node, "directory"):
            node.directory = str(folder / node.name)
        else:
            node.base_path = node.base_path.replace("//render", str(folder))


def kind(node):
    return "frame" if node == "main" else "compositeNode"


def test_nodes_of_a_compositor_that_is_off_write_nothing(scene, passes):
    scene.render.use_compositing = False
    assert [len(name) for name in output_names.read(scene)] == [4]


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="no templates before Blender 5.0")
def test_views_of_a_template_that_cannot_be_filled_in_are_known(scene):
    scene.render.filepath = "/tmp/{no_such_variable}_####"
    scene.render.use_multiview = True
    names = output_names.read(scene)
    assert names == [["left", "_L", "", ""], ["right", "_R", "", ""]]


EXISTING = [
    *("shot_0001.png", "shot_0007.png", "shot_0008.exr", "SHOT_0007.PNG", "shot_00007.png"),
    *("shot_0007_L.png", "shot_0008_L.png", "other_0001.png", "shot_.png", "notes.txt"),
]


def test_frames_that_a_job_does_not_render_may_be_in_its_folder(scene):
    scene.render.filepath = "//out/shot_"
    names = output_names.read(scene)
    found = output_names.without_others(EXISTING, names, [5, 6, 7])
    assert [name for name in EXISTING if name not in found] == ["shot_0001.png", "shot_0008.exr"]
    found = output_names.without_others(EXISTING, names, [1])
    assert "shot_0001.png" in found and "shot_00007.png" not in found
    assert output_names.without_others(EXISTING, None, [5]) == EXISTING


def test_those_of_two_eyes(scene):
    scene.render.filepath = "//out/shot_"
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "INDIVIDUAL"
    found = output_names.without_others(EXISTING, output_names.read(scene), [7])
    assert [name for name in EXISTING if name not in found] == ["shot_0008_L.png"]
