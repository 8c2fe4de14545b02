"""The fruit library: an orange, half an orange, a slice and a leaf, each a collection to link."""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path
from typing import Any

import bpy

from . import shapes
from .nodes import material

NAMES = ("Orange", "Half orange", "Slice", "Leaf")
SLICE_RADIUS, SLICE_THICKNESS = 0.42, 0.075
ORANGE_RADIUS = 0.5


def peel_material(image: Any) -> Any:
    """Return waxy peel with pores; the image is projected from six sides."""
    new, nodes = material("Peel")
    place = nodes.add("TexCoord").outputs["Object"]
    scaled = nodes.add("Mapping", {"Vector": place, "Scale": (1.5, 1.5, 1.5)}).outputs[0]
    pores = nodes.add(
        "TexImage", {"Vector": scaled}, image=image, projection="BOX", projection_blend=0.3
    ).outputs["Color"]
    clouds = nodes.add("TexNoise", {"Vector": place, "Scale": 3.0}).outputs[0]
    color = nodes.ramp(clouds, (0.3, (0.92, 0.19, 0.005, 1)), (0.7, (1.0, 0.33, 0.012, 1)))
    bump = nodes.add("Bump", {"Height": pores, "Strength": 0.45, "Distance": 0.02}).outputs[0]
    skin = {"Base Color": color, "Roughness": 0.36, "Normal": bump, "Coat Weight": 0.25}
    nodes.surface(nodes.add("BsdfPrincipled", skin).outputs[0])
    return new


def flesh_material(image: Any) -> Any:
    """Return wet, translucent flesh of a cut fruit."""
    new, nodes = material("Flesh")
    color = nodes.add("TexImage", image=image).outputs["Color"]
    bump = nodes.add("Bump", {"Height": color, "Strength": 0.25, "Distance": 0.02}).outputs[0]
    wet = {"Base Color": color, "Roughness": 0.28, "Normal": bump, "Coat Weight": 0.3}
    glow = nodes.add("BsdfTranslucent", {"Color": color}).outputs[0]
    nodes.surface(nodes.mix(0.4, nodes.add("BsdfPrincipled", wet).outputs[0], glow))
    return new


def leaf_material() -> Any:
    """Return glossy green, lighter along the rib."""
    new, nodes = material("Leaf")
    place = nodes.add("TexCoord").outputs["Object"]
    side = nodes.math("ABSOLUTE", nodes.add("SeparateXYZ", {0: place}).outputs["Y"])
    color = nodes.ramp(side, (0.005, (0.30, 0.50, 0.08, 1)), (0.02, (0.04, 0.22, 0.02, 1)))
    green = {"Base Color": color, "Roughness": 0.32, "Coat Weight": 0.3}
    glow = nodes.add("BsdfTranslucent", {"Color": (0.2, 0.5, 0.03, 1)}).outputs[0]
    nodes.surface(nodes.mix(0.25, nodes.add("BsdfPrincipled", green).outputs[0], glow))
    return new


def show_cut(thing: Any, radius: float, faces: set[int]) -> None:
    """Project the cut's image flat onto `thing`, and give `faces` the second material."""
    mesh = thing.data
    layer = mesh.uv_layers.new(name="Cut")
    for polygon in mesh.polygons:
        polygon.material_index = int(polygon.index in faces)
        polygon.use_smooth = polygon.index not in faces
        for corner in polygon.loop_indices:
            x, y, _ = mesh.vertices[mesh.loops[corner].vertex_index].co
            layer.data[corner].uv = (0.5 + 0.5 * x / radius, 0.5 + 0.5 * y / radius)


def orange(peel: Any, green: Any) -> list[Any]:
    """Return a whole orange with its dimple and the star where the stalk was."""
    profile = []
    for step in range(49):
        angle = pi * (step / 48 - 0.5)
        dimple = 0.10 * max(0.0, sin(angle)) ** 60
        radius = cos(angle) if 0 < step < 48 else 0.0
        profile.append((ORANGE_RADIUS * radius, ORANGE_RADIUS * (0.95 * sin(angle) - dimple)))
    body = shapes.lathe("Orange", profile, peel)
    star = shapes.lathe("Stalk", [(0.05, 0.0), (0.03, 0.018), (0, 0.022)], green, segments=10)
    for vertex in list(star.data.vertices)[:10:2]:
        vertex.co *= 0.55
    star.location.z = ORANGE_RADIUS * 0.85
    return [body, star]


def half_orange(peel: Any, flesh: Any) -> list[Any]:
    """Return the lower half of an orange; the cut faces up."""
    curve = shapes.arc(ORANGE_RADIUS, (0, 0), -90, 0, 32)
    curve[0] = (0, -ORANGE_RADIUS)
    rim = [(ORANGE_RADIUS - 0.006, 0.008)]
    half = shapes.lathe("Half orange", [*curve, *rim, (0, 0.008)], peel, flesh)
    last = len(half.data.polygons)
    show_cut(half, ORANGE_RADIUS - 0.006, set(range(last - 96, last)))
    return [half]


def slice_(peel: Any, flesh: Any) -> list[Any]:
    """Return a round, horizontal slice."""
    r, h = SLICE_RADIUS, SLICE_THICKNESS / 2
    profile = [(0, -h), (r - 0.01, -h), (r, 0.008 - h), (r, h - 0.008), (r - 0.01, h), (0, h)]
    disc = shapes.lathe("Slice", profile, peel, flesh)
    last = len(disc.data.polygons)
    show_cut(disc, r - 0.008, {*range(96), *range(last - 96, last)})
    return [disc]


def leaf(green: Any) -> list[Any]:
    """Return a leaf along x, bent down at its tip and folded along its rib."""
    along, across = 20, 8
    vertices, faces = [], []
    for i in range(along + 1):
        u = i / along
        half_width = 0.17 * sin(pi * u**0.85) ** 0.9 if 0 < i < along else 0.004
        for j in range(across + 1):
            v = 2 * j / across - 1
            wave = 0.012 * sin(9 * u + 2 * v)
            vertices.append((0.8 * u, half_width * v, 0.07 * abs(v) - 0.30 * u * u + wave))
    for i in range(along):
        for j in range(across):
            k = i * (across + 1) + j
            faces.append((k, k + across + 1, k + across + 2, k + 1))
    return [shapes.mesh_object("Leaf", vertices, faces, green)]


def write(path: Path, textures: dict[str, Path]) -> None:
    """Write the library to `path`; it finds its images by paths relative to itself."""
    images = {name: bpy.data.images.load(str(textures[name])) for name in ("cut", "peel")}
    images["peel"].colorspace_settings.name = "Non-Color"
    peel, flesh, green = (
        peel_material(images["peel"]),
        flesh_material(images["cut"]),
        leaf_material(),
    )
    things = (orange(peel, green), half_orange(peel, flesh), slice_(peel, flesh), leaf(green))
    collections = set()
    for name, objects in zip(NAMES, things, strict=True):
        collection = bpy.data.collections.new(name)
        for each in objects:
            collection.objects.link(each)
        collections.add(collection)
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.data.libraries.write(str(path), collections, path_remap="RELATIVE_ALL", fake_user=True)


def link(path: Path) -> dict[str, Any]:
    """Link the library's collections into the open file."""
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.collections = list(NAMES)
    return dict(zip(NAMES, wanted.collections, strict=True))


def place(fruit: dict[str, Any], name: str, location: Any, rotation: Any = (0, 0, 0)) -> Any:
    """Show a linked fruit in the scene; rotation in degrees."""
    empty = bpy.data.objects.new(name, None)
    empty.instance_type = "COLLECTION"
    empty.instance_collection = fruit[name]
    empty.empty_display_size = 0.2
    empty.location = location
    empty.rotation_euler = [angle * pi / 180 for angle in rotation]
    bpy.context.scene.collection.objects.link(empty)
    return empty
