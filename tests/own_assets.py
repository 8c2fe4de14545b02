"""Scenes that show what comes with Blender: its skies, and every asset of a node library.

The objects form a grid, seen from above, one square each.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from tests import projects

SIDE = 12  # pixels of a square
VALUES = ("VALUE", "INT", "BOOLEAN", "VECTOR", "ROTATION", "MATRIX")


def grid(objects: Sequence[bpy.types.Object]) -> None:
    """Place each object in its own square, and set the resolution to fit the grid."""
    count = math.ceil(math.sqrt(len(objects)))
    for number, object in enumerate(objects):
        projects.show(object).location = (2.0 * (number % count), 2.0 * (number // count), 0)
    scene = bpy.context.scene
    scene.camera.location = (count - 1, count - 1, 20)
    scene.camera.data.ortho_scale = 2 * count
    scene.render.resolution_x = scene.render.resolution_y = SIDE * count


def changed(first: Path, second: Path, names: Sequence[str]) -> list[str]:
    """The names of the squares that differ between the pictures of two grids."""
    count = math.ceil(math.sqrt(len(names)))
    squares = [_squares(projects.pixels(path), count) for path in (first, second)]
    return [name for name, a, b in zip(names, *squares, strict=False) if a != b]


def _squares(pixels: list[float], count: int) -> list[list[list[float]]]:
    """The pixels of each square, row by row from the bottom, as in Blender's images."""
    row, side = 4 * SIDE * count, 4 * SIDE
    return [
        [pixels[line * row + x * side :][:side] for line in range(y * SIDE, (y + 1) * SIDE)]
        for y in range(count)
        for x in range(count)
    ]


def sky(paths: Sequence[Path]) -> bpy.types.World:
    """A world with one vertical stripe per picture, from left to right."""
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    world.cycles.sampling_method = "NONE"  # else each render first searches for the sun
    nodes, links = world.node_tree.nodes, world.node_tree.links
    window = nodes.new("ShaderNodeTexCoord").outputs["Window"]
    across = nodes.new("ShaderNodeSeparateXYZ")
    links.new(window, across.inputs[0])
    background = nodes["Background"]
    for number, path in enumerate(paths):
        texture = nodes.new("ShaderNodeTexEnvironment")
        texture.image = bpy.data.images.load(str(path))
        color = texture.outputs["Color"]
        if number:
            is_right = nodes.new("ShaderNodeMath")
            is_right.operation, is_right.inputs[1].default_value = (
                "GREATER_THAN",
                number / len(paths),
            )
            links.new(across.outputs["X"], is_right.inputs[0])
            mix = nodes.new("ShaderNodeMixRGB")
            links.new(is_right.outputs[0], mix.inputs["Fac"])
            links.new(background.inputs["Color"].links[0].from_socket, mix.inputs[1])
            links.new(color, mix.inputs[2])
            color = mix.outputs[0]
        links.new(color, background.inputs["Color"])
    return world


def show_all(library: Path) -> list[str]:
    """Make a new scene with every asset of a node library; return the names in grid order."""
    with bpy.data.libraries.load(str(library), assets_only=True) as (found, _):
        names = sorted(found.node_groups)
    scene = projects.new_scene()
    groups = projects.linked_by_name(library, *names, kind="node_groups")
    kind = groups[0].bl_idname
    if kind == "CompositorNodeTree":
        _compositor(scene, groups)
    else:
        make = {"GeometryNodeTree": _geometry, "ShaderNodeTree": _shader}[kind]
        grid([make(group) for group in groups])
    return names


def _group(nodes: Any, tree: Any) -> Any:
    node = nodes.new(nodes.id_data.bl_idname.replace("Tree", "Group"))
    node.node_tree = tree
    return node


def _shader(group: Any) -> bpy.types.Object:
    """A plane that emits the sum of the group's outputs."""
    made, emission = projects.material(group.name)
    nodes, links = made.node_tree.nodes, made.node_tree.links
    node = _group(nodes, group)
    place = nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    for socket in node.inputs:
        links.new(place, socket)
    links.new(_sum(nodes, links, node.outputs), emission.inputs["Color"])
    return projects.plane(made, group.name)


def _sum(nodes: Any, links: Any, sockets: Sequence[Any]) -> Any:
    """The sum of the sockets and a constant, as a vector with components from 0 to 1."""
    total = None
    for socket in sockets:
        add = nodes.new("ShaderNodeVectorMath")
        for each in add.inputs:
            if each.type == "VECTOR":
                each.default_value = (0.1, 0.2, 0.3)
        if total is not None:
            links.new(total, add.inputs[0])
        links.new(socket, add.inputs[1])
        total = add.outputs[0]
    part = nodes.new("ShaderNodeVectorMath")
    part.operation = "FRACTION"
    links.new(total, part.inputs[0])
    return part.outputs[0]


def _compositor(scene: Any, groups: Sequence[Any]) -> None:
    """Apply each group to the whole picture, and show the result in the group's square."""
    count = math.ceil(math.sqrt(len(groups)))
    scene.render.resolution_x = scene.render.resolution_y = SIDE * count
    made, emission = projects.material()
    place = made.node_tree.nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    made.node_tree.links.new(place, emission.inputs["Color"])
    projects.show(projects.plane(made))
    layers = projects.compositor(scene, "CompositorNodeRLayers")
    tree = layers.id_data
    nodes, links = tree.nodes, tree.links
    end = layers.outputs[0].links[0].to_socket
    picture = layers.outputs[0]
    for number, group in enumerate(groups):
        node = _group(nodes, group)
        for socket in node.inputs:
            if socket.name in ("Image", "Input", "Vector"):
                links.new(layers.outputs[0], socket)
            elif socket.type == "OBJECT":
                socket.default_value = scene.camera
        square = nodes.new("CompositorNodeBoxMask")
        square.inputs["Position"].default_value = [
            (place + 0.5) / count for place in (number % count, number // count)
        ]
        square.inputs["Size"].default_value = (1 / count, 1 / count)
        mix = nodes.new("ShaderNodeMix")
        mix.data_type = "RGBA"
        links.new(square.outputs[0], mix.inputs[0])
        links.new(picture, mix.inputs[6])
        links.new(_sum(nodes, links, node.outputs), mix.inputs[7])
        picture = mix.outputs[2]
    links.new(picture, end)


def _geometry(group: Any) -> bpy.types.Object:
    """An object whose geometry a group generates from a ball with hair."""
    scene = bpy.context.scene
    tree = bpy.data.node_groups.new(f"Show {group.name}", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = tree.nodes, tree.links
    ball, hair = _ball(nodes, links)
    both = nodes.new("GeometryNodeJoinGeometry")
    links.new(ball, both.inputs[0])
    links.new(hair, both.inputs[0])
    position = nodes.new("GeometryNodeInputPosition").outputs[0]
    node = _group(nodes, group)
    geometry = [socket for socket in node.outputs if socket.type == "GEOMETRY"]
    for socket in node.inputs:
        if socket.type == "GEOMETRY":
            links.new(ball if "Surface" in socket.name else both.outputs[0], socket)
        elif socket.name == "Vector" or (socket.type == "VALUE" and not geometry):
            links.new(position, socket)
        elif socket.type == "OBJECT":
            socket.default_value = _thing() if socket.name != "Camera" else scene.camera
    values = [socket for socket in node.outputs if socket.type in VALUES]
    made = geometry[0] if geometry else both.outputs[0]
    if values:
        move = nodes.new("GeometryNodeSetPosition")
        links.new(made, move.inputs["Geometry"])
        links.new(_sum(nodes, links, values), move.inputs["Offset"])
        made = move.outputs[0]
    links.new(_visible(nodes, links, made), nodes.new("NodeGroupOutput").inputs[0])
    object = projects.plane(name=group.name)
    object.modifiers.new("Show", "NODES").node_group = tree
    object.scale = (0.5, 0.5, 0.5)
    return object


def _ball(nodes: Any, links: Any) -> tuple[Any, Any]:
    """A ball, and curves that stand on it."""
    ball = nodes.new("GeometryNodeMeshUVSphere")
    ball.inputs["Segments"].default_value, ball.inputs["Rings"].default_value = 8, 6
    hair = nodes.new("GeometryNodeCurvePrimitiveLine")
    hair.inputs["End"].default_value = (0.7, 0.4, 0.6)
    points = nodes.new("GeometryNodeResampleCurve")
    points.inputs["Count"].default_value = 8
    links.new(hair.outputs[0], points.inputs[0])
    stand = nodes.new("GeometryNodeInstanceOnPoints")
    links.new(ball.outputs["Mesh"], stand.inputs["Points"])
    links.new(points.outputs[0], stand.inputs["Instance"])
    real = nodes.new("GeometryNodeRealizeInstances")
    links.new(stand.outputs[0], real.inputs[0])
    smooth = nodes.new("GeometryNodeSetShadeSmooth")
    links.new(ball.outputs["Mesh"], smooth.inputs[0])
    return smooth.outputs[0], real.outputs[0]


def _visible(nodes: Any, links: Any, geometry: Any) -> Any:
    """The mesh, and the curves as thin tubes, colored by their normals."""
    real = nodes.new("GeometryNodeRealizeInstances")
    parts = nodes.new("GeometryNodeSeparateComponents")
    tube, profile = (
        nodes.new("GeometryNodeCurveToMesh"),
        nodes.new("GeometryNodeCurvePrimitiveCircle"),
    )
    profile.inputs["Resolution"].default_value = 3
    profile.inputs["Radius"].default_value = 0.05
    joined, painted = nodes.new("GeometryNodeJoinGeometry"), nodes.new("GeometryNodeSetMaterial")
    painted.inputs["Material"].default_value = _colors()
    links.new(geometry, real.inputs[0])
    links.new(real.outputs[0], parts.inputs[0])
    links.new(parts.outputs["Curve"], tube.inputs["Curve"])
    links.new(profile.outputs[0], tube.inputs["Profile Curve"])
    links.new(parts.outputs["Mesh"], joined.inputs[0])
    links.new(tube.outputs[0], joined.inputs[0])
    links.new(joined.outputs[0], painted.inputs["Geometry"])
    return painted.outputs[0]


def _thing() -> bpy.types.Object:
    """An object to connect to a group's object inputs."""
    return bpy.data.objects.get("Thing") or projects.plane(name="Thing")


def _colors() -> bpy.types.Material:
    found = bpy.data.materials.get("Colors")
    if found is None:
        found, emission = projects.material("Colors")
        found.cycles.emission_sampling = "NONE"  # else each render first samples every triangle
        normal = found.node_tree.nodes.new("ShaderNodeNewGeometry").outputs["Normal"]
        found.node_tree.links.new(normal, emission.inputs["Color"])
    return found
