"""A File Output node writes nothing if Blender cannot resolve its path template: an error."""

from pathlib import Path

import pytest
from renderjuice.scene import apply

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

from tests import projects  # noqa: E402

SINCE_5 = bpy.app.version >= (5, 0)


def node(directory, file="f_", item="i_"):
    layers = projects.compositor(projects.new_scene(), "CompositorNodeRLayers")
    made = layers.id_data.nodes.new("CompositorNodeOutputFile")
    if SINCE_5:
        made.format.media_type = "IMAGE"
        made.directory, made.file_name = directory, file
        made.file_output_items.clear()
        made.file_output_items.new("RGBA", item)
    else:
        made.base_path = directory
        made.file_slots.clear()
        made.file_slots.new(file)
    layers.id_data.links.new(layers.outputs[0], made.inputs[0])
    return made


CASES = [
    ({"directory": "plain"}, True),
    ({"directory": "{nope}"}, False),
    ({"directory": "plain", "file": "a{"}, False),
    ({"directory": "plain", "file": "}"}, False),
    ({"directory": "{blend_name}", "file": "{fps}_"}, True),
    ({"directory": "plain", "file": "{{x}}"}, True),
    *([({"directory": "{node_name}", "item": "{scene_name}"}, True)] if SINCE_5 else []),
    *([({"directory": "plain", "item": "{nope}"}, False)] if SINCE_5 else []),
]


@pytest.mark.parametrize(("paths", "good"), CASES)
def test_a_finding_where_no_file_is_written(tmp_path: Path, paths, good):
    folder = tmp_path / "out"
    made = node(**(paths | {"directory": f"{folder}/{paths['directory']}"}))
    scene = bpy.context.scene
    scene.render.filepath = str(tmp_path / "main")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    found = apply.apply(scene, {}, [1])
    assert scene.render.filepath == str(tmp_path / "main")
    bpy.ops.render.render(write_still=True)
    written = [path for path in folder.rglob("*") if path.is_file()]
    if bpy.app.version < (4, 5):
        good = True  # braces have no meaning before 5.0
    assert bool(written) is good
    assert [one.id for one in found] == ([] if good else ["path-template"])
    if not good:
        assert found[0].level == "warning" and made.name in found[0].message


def test_nothing_is_said_of_nodes_that_do_not_render():
    made = node("//{nope}")
    made.mute = True
    assert apply.apply(bpy.context.scene, {}, [1]) == []
    made.mute = False
    bpy.context.scene.render.use_compositing = False
    assert apply.apply(bpy.context.scene, {}, [1]) == []
