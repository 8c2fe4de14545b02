"""The glass of juice, its ice and straw, and the splash of the slice that falls into it."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random
from typing import Any

import bpy

from . import shapes
from .nodes import material

LEVEL = 1.10  # how high the juice stands
SURFACE = 0.475  # its radius there
IMPACT, END = 0.30, 0.98  # when the splash begins and ends, in phases of the loop
ORANGE = (1.0, 0.30, 0.008, 1)


def glass_material() -> Any:
    """Clear glass whose shadow is light."""
    new, nodes = material("Glass")
    clear = {"Base Color": (1, 1, 1, 1), "Roughness": 0.0, "IOR": 1.45, "Transmission Weight": 1.0}
    glass = nodes.add("BsdfPrincipled", clear).outputs[0]
    through = nodes.add("BsdfTransparent", {"Color": (0.93, 0.95, 0.95, 1)}).outputs[0]
    rays = nodes.add("LightPath").outputs
    indirect = nodes.math("MAXIMUM", rays["Is Shadow Ray"], rays["Is Diffuse Ray"])
    nodes.surface(nodes.mix(indirect, glass, through))
    return new


def juice_material() -> Any:
    """Thick juice: opaque and wet, and light shines a little way through."""
    new, nodes = material("Juice")
    wet = {"Base Color": ORANGE, "Roughness": 0.12, "Coat Weight": 0.4}
    glow = nodes.add("BsdfTranslucent", {"Color": (1.0, 0.42, 0.02, 1)}).outputs[0]
    nodes.surface(nodes.mix(0.35, nodes.add("BsdfPrincipled", wet).outputs[0], glow))
    return new


def straw_material() -> Any:
    """Paper with a red stripe that winds around."""
    new, nodes = material("Straw")
    place = nodes.add("TexCoord").outputs["Object"]
    turn = nodes.add("TexGradient", {0: place}, gradient_type="RADIAL").outputs[1]
    up = nodes.math("MULTIPLY", nodes.add("SeparateXYZ", {0: place}).outputs["Z"], 4.5)
    stripe = nodes.math("GREATER_THAN", nodes.math("FRACT", nodes.math("ADD", turn, up)), 0.5)
    colour = nodes.ramp(stripe, (0.0, (0.95, 0.9, 0.82, 1)), (1.0, (0.85, 0.05, 0.03, 1)))
    nodes.surface(nodes.add("BsdfPrincipled", {"Base Color": colour, "Roughness": 0.4}).outputs[0])
    return new


def glass() -> Any:
    """A tumbler with a thick base."""
    outside = [(0, 0), (0.36, 0), (0.405, 0.012), (0.42, 0.05), (0.47, 0.6), (0.52, 1.34)]
    rim = [(0.517, 1.36), (0.508, 1.368), (0.498, 1.36)]
    inside = [(0.493, 1.30), (0.445, 0.6), (0.40, 0.19), (0.36, 0.15), (0, 0.14)]
    return shapes.lathe("Glass", [*outside, *rim, *inside], glass_material())


def juice(wet: Any) -> Any:
    """What fills the glass, a hair into its wall so that no air shows between."""
    fill = [(0, 0.145), (0.365, 0.155), (0.405, 0.195), (0.45, 0.6)]
    top = [(SURFACE + 0.009, LEVEL + 0.02), (SURFACE - 0.01, LEVEL), (0, LEVEL)]
    return shapes.lathe("Juice", [*fill, *top], wet)


def straw() -> Any:
    """A straw that leans on the rim."""
    tube = [(0.042, 0), (0.042, 1.75), (0.036, 1.75), (0.036, 1.2)]
    new = shapes.lathe("Straw", tube, straw_material(), segments=32)
    new.location = (-0.22, 0.12, 0.25)
    new.rotation_euler = (-0.12, 0.30, 0)
    new.rotation_euler = (-0.10, 0.38, 0)
    return new


def splash(wet: Any) -> Any:
    """Juice thrown up in a crown of fingers, each a row of blobs on their own parabolas."""
    random = Random(11)
    ball = bpy.data.metaballs.new("Splash")
    ball.resolution, ball.render_resolution, ball.threshold = 0.06, 0.022, 0.6
    ball.materials.append(wet)
    fingers = 13
    for finger in range(fingers):
        angle = 2 * pi * (finger + random.uniform(-0.3, 0.3)) / fingers
        power = random.uniform(0.55, 1.0)
        for row in range(7):
            share = row / 6
            height = power * (0.16 + 0.72 * share**1.3)
            out = 0.24 + power * 0.42 * share
            size = (0.13 - 0.075 * share) * (1.35 if row == 6 else 1)
            throw(ball, angle + random.uniform(-0.04, 0.04), out, height, size)
    for row in range(6):  # the column that rises in the middle, later
        throw(ball, 0.0, 0.0, 0.12 + 0.10 * row, 0.13 - 0.012 * row, late=0.16)
    return bpy.data.objects.new("Splash", ball)


def throw(
    ball: Any, angle: float, out: float, height: float, size: float, late: float = 0.0
) -> None:
    """Add a blob that flies from the surface up to `height` and outwards at `angle`."""
    blob = ball.elements.new()
    blob.radius = size * 1.6
    flight = (END - IMPACT - 0.16) * (height / 0.9) ** 0.5

    def where(phase: float) -> tuple[float, float, float]:
        time = (phase - IMPACT - late) / flight
        if not 0 < time < 1.6:
            return (0.0, 0.0, LEVEL - 0.5)
        r = 0.16 + out * time if out else 0.0
        z = LEVEL - 0.04 + 4 * height * time * (1 - time)
        return (r * cos(angle), r * sin(angle), z)

    shapes.animate(blob, "co", where)


def ice() -> list[Any]:
    """Cubes that float and nod as the juice moves."""
    new, nodes = material("Ice")
    clear = {"Base Color": (0.93, 0.97, 1, 1), "Roughness": 0.06, "IOR": 1.31}
    solid = nodes.add("BsdfPrincipled", {**clear, "Transmission Weight": 1.0}).outputs[0]
    nodes.surface(solid)
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    cubes = []
    for number, (x, y, turn) in enumerate(((0.27, -0.16, 0.5), (0.18, 0.26, 1.1))):
        cube = shapes.mesh_object("Ice", [[0.14 * c for c in p] for p in corners], sides, new)
        bevel = cube.modifiers.new("Round", "BEVEL")
        bevel.width, bevel.segments = 0.035, 4
        cube.location = (x, y, LEVEL)

        def nod(phase: float, turn: float = turn) -> tuple[float, float, float]:
            swing = 0.12 * sin(2 * pi * (phase - IMPACT))
            return (0.3 + swing, 0.25 * turn - swing, turn)

        def bob(phase: float, number: int = number) -> float:
            return LEVEL + 0.03 + 0.03 * sin(2 * pi * (phase - IMPACT + 0.2 * number))

        shapes.animate(cube, "rotation_euler", nod)
        shapes.animate(cube, "location", bob, index=2)
        cubes.append(cube)
    return cubes


def pour() -> None:
    """Put the drink into the scene."""
    wet = juice_material()
    for each in (glass(), juice(wet), straw(), splash(wet), *ice()):
        bpy.context.scene.collection.objects.link(each)
