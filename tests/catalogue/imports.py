"""Paths of files that geometry nodes import: where they are set, and what `//` refers to."""

from pathlib import Path
from typing import Any

import bpy

from tests import projects
from tests.catalogue.case import case

TRIANGLE = "v -1 -1 0\nv 1 -1 0\nv -1 1 0\nf 1 2 3\n"
NO_IMPORT = "nodes import files since 4.5"
TEXT = "NodeSocketString"


def model(path: Path, text: str = TRIANGLE) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def group(name: str = "Import", inputs: bool = True) -> Any:
    """A node group that shows an OBJ file; its input is the path."""
    tree: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.interface.new_socket("Mesh", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = tree.nodes, tree.links
    node, paint = nodes.new("GeometryNodeImportOBJ"), nodes.new("GeometryNodeSetMaterial")
    real = nodes.new("GeometryNodeRealizeInstances")
    paint.inputs["Material"].default_value = projects.material()[0]
    links.new(node.outputs[0], real.inputs[0])
    links.new(real.outputs[0], paint.inputs[0])
    links.new(paint.outputs[0], nodes.new("NodeGroupOutput").inputs[0])
    if inputs:
        tree.interface.new_socket("Path", in_out="INPUT", socket_type=TEXT)
        links.new(nodes.new("NodeGroupInput").outputs[0], node.inputs["Path"])
    return tree


def around(inner: Any, name: str = "Outer") -> tuple[Any, Any]:
    """A node group that contains the group `inner`; returns both the group and the node."""
    tree: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.interface.new_socket("Mesh", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    node = tree.nodes.new("GeometryNodeGroup")
    node.node_tree = inner
    tree.links.new(node.outputs[0], tree.nodes.new("NodeGroupOutput").inputs[0])
    return tree, node


def shown_by(tree: Any, path: str = "") -> bpy.types.Object:
    """An object whose modifier uses the group `tree`, with `path` as its input."""
    plane = projects.plane(name="Part")
    modifier: Any = plane.modifiers.new("Import", "NODES")
    modifier.node_group = tree
    if path:
        set_input(modifier, path)
    return plane


def set_input(modifier: Any, path: str) -> None:
    sockets = modifier.node_group.interface.items_tree
    (name,) = (each.identifier for each in sockets if each.in_out == "INPUT")
    if hasattr(modifier, "properties"):  # since 5.2
        getattr(modifier.properties.inputs, name).value = path
    else:
        modifier[name] = path


def library_of_nodes(root: Path) -> Any:
    """A group that is linked into a new scene from `lib/nodes.blend`, with a model beside it."""
    model(root / "lib/models/part.obj")
    library = projects.library(root / "lib/nodes.blend", group)
    projects.new_scene()
    (linked,) = projects.linked(library, "Import", "node_groups")
    return linked


def save(root: Path) -> Path:
    return projects.save(root / "project/shot.blend")


@case(since=(4, 5), reason=NO_IMPORT)
def linked_nodes_and_a_relative_path(root: Path) -> Path:
    """Relative to the nodes' library, although the object with the path is local."""
    projects.show(shown_by(library_of_nodes(root), "//models/part.obj"))
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def linked_nodes_and_an_absolute_path(root: Path) -> Path:
    path = model(root / "elsewhere/part.obj")
    projects.show(shown_by(library_of_nodes(root), path))
    return save(root)


def library_of_objects(root: Path, path: str) -> Path:
    """A library with an object that uses nodes from another library."""
    model(root / "lib/models/part.obj")
    nodes = projects.library(root / "lib/nodes.blend", group)

    def make() -> bpy.types.Object:
        return shown_by(projects.linked(nodes, "Import", "node_groups")[0], path)

    return projects.library(root / "props/part.blend", make)


@case(since=(4, 5), reason=NO_IMPORT)
def linked_object_with_nodes_of_another_library(root: Path) -> Path:
    library = library_of_objects(root, "//models/part.obj")
    projects.new_scene()
    projects.show(projects.linked(library, "Part")[0])
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT, travels=("part.obj",))
def overridden_object_with_linked_nodes(root: Path) -> Path:
    library = library_of_objects(root, "//models/part.obj")
    projects.new_scene()
    projects.show(projects.linked(library, "Part")[0].override_create())
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT, travels=("part.obj",))
def overridden_object_with_an_absolute_path(root: Path) -> Path:
    library = library_of_objects(root, model(root / "elsewhere/part.obj"))
    projects.new_scene()
    projects.show(projects.linked(library, "Part")[0].override_create())
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT, travels=("other.obj",))
def overridden_path(root: Path) -> Path:
    """The override replaces the path that is set in the library."""
    other = model(root / "elsewhere/other.obj", TRIANGLE.replace("v 1 -1", "v 1 1"))
    library = library_of_objects(root, "//models/part.obj")
    projects.new_scene()
    part = projects.show(projects.linked(library, "Part")[0].override_create())
    set_input(part.modifiers[0], other)
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def path_typed_at_a_group_node(root: Path) -> Path:
    projects.new_scene()
    tree, node = around(group())
    node.inputs["Path"].default_value = model(root / "models/part.obj")
    projects.show(shown_by(tree))
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def path_typed_at_a_node_of_a_linked_group(root: Path) -> Path:
    tree, node = around(library_of_nodes(root))
    node.inputs["Path"].default_value = "//models/part.obj"
    projects.show(shown_by(tree))
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def path_through_two_groups(root: Path) -> Path:
    projects.new_scene()
    middle, node = around(group(), "Middle")
    middle.interface.new_socket("Path", in_out="INPUT", socket_type=TEXT)
    middle.links.new(middle.nodes.new("NodeGroupInput").outputs[0], node.inputs["Path"])
    tree, node = around(middle)
    node.inputs["Path"].default_value = model(root / "models/part.obj")
    projects.show(shown_by(tree))
    return save(root)


def import_node(root: Path) -> tuple[Any, Any, Any]:
    """A group, a node in it that outputs the path as text, and the socket that takes the path."""
    projects.new_scene()
    tree = group(inputs=False)
    text = tree.nodes.new("FunctionNodeInputString")
    text.string = model(root / "models/part.obj")
    projects.show(shown_by(tree))
    return tree, text, tree.nodes["Import OBJ"].inputs["Path"]


@case(since=(4, 5), reason=NO_IMPORT)
def path_behind_a_reroute(root: Path) -> Path:
    tree, text, socket = import_node(root)
    first, second = tree.nodes.new("NodeReroute"), tree.nodes.new("NodeReroute")
    first.socket_idname = second.socket_idname = TEXT
    tree.links.new(text.outputs[0], first.inputs[0])
    tree.links.new(first.outputs[0], second.inputs[0])
    tree.links.new(second.outputs[0], socket)
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT, travels=("part.obj", "other.obj"))
def path_behind_a_switch(root: Path) -> Path:
    tree, text, socket = import_node(root)
    switch = tree.nodes.new("GeometryNodeSwitch")
    switch.input_type = "STRING"
    switch.inputs["False"].default_value = model(root / "models/other.obj")
    switch.inputs["Switch"].default_value = True
    tree.links.new(text.outputs[0], switch.inputs["True"])
    tree.links.new(switch.outputs[0], socket)
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def path_out_of_a_group(root: Path) -> Path:
    tree, text, socket = import_node(root)
    names: Any = bpy.data.node_groups.new("Names", "GeometryNodeTree")
    names.interface.new_socket("Path", in_out="OUTPUT", socket_type=TEXT)
    inner = names.nodes.new("FunctionNodeInputString")
    inner.string = text.string
    names.links.new(inner.outputs[0], names.nodes.new("NodeGroupOutput").inputs[0])
    node = tree.nodes.new("GeometryNodeGroup")
    node.node_tree = names
    tree.links.new(node.outputs[0], socket)
    tree.nodes.remove(text)
    return save(root)


@case(since=(4, 5), reason=NO_IMPORT)
def default_of_a_group_s_input(root: Path) -> Path:
    """Without a path at the modifier, the group's default is used."""
    projects.new_scene()
    tree = group()
    socket = next(each for each in tree.interface.items_tree if each.in_out == "INPUT")
    socket.default_value = model(root / "models/part.obj")
    projects.show(shown_by(tree))
    return save(root)
