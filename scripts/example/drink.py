"""The glass of juice, its ice and straw, and the splash when a slice falls into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random
from typing import Any

import bpy

from . import shapes
from .nodes import material

LEVEL = 1.10  # height of the juice's surface
SURFACE = 0.475  # radius of the surface
CLEAR = 0.64  # drops that land this far from the center miss the glass
IMPACT = 0.29  # phase of the loop at which the slice falls in
FLIGHT = 0.64  # flight time of a drop that rises by 1
FINGERS, FINGER, WALL, DROPS = 13, 11, 40, 40  # of the splash; FINGER: drops per finger
ORANGE = (1.0, 0.30, 0.008, 1)


def glass_material() -> Any:
    """Return clear glass with a light shadow."""
    new, nodes = material("Glass")
    clear = {"Base Color": (1, 1, 1, 1), "Roughness": 0.0, "IOR": 1.45, "Transmission Weight": 1.0}
    glass = nodes.add("BsdfPrincipled", clear).outputs[0]
    through = nodes.add("BsdfTransparent", {"Color": (0.93, 0.95, 0.95, 1)}).outputs[0]
    rays = nodes.add("LightPath").outputs
    indirect = nodes.math("MAXIMUM", rays["Is Shadow Ray"], rays["Is Diffuse Ray"])
    nodes.surface(nodes.mix(indirect, glass, through))
    return new


def juice_material() -> Any:
    """Return thick juice: opaque and wet, slightly translucent."""
    new, nodes = material("Juice")
    wet = {"Base Color": ORANGE, "Roughness": 0.12, "Coat Weight": 0.4}
    glow = nodes.add("BsdfTranslucent", {"Color": (1.0, 0.42, 0.02, 1)}).outputs[0]
    nodes.surface(nodes.mix(0.35, nodes.add("BsdfPrincipled", wet).outputs[0], glow))
    return new


def straw_material() -> Any:
    """Return paper with a red spiral stripe."""
    new, nodes = material("Straw")
    place = nodes.add("TexCoord").outputs["Object"]
    turn = nodes.add("TexGradient", {0: place}, gradient_type="RADIAL").outputs[1]
    up = nodes.math("MULTIPLY", nodes.add("SeparateXYZ", {0: place}).outputs["Z"], 4.5)
    stripe = nodes.math("GREATER_THAN", nodes.math("FRACT", nodes.math("ADD", turn, up)), 0.5)
    color = nodes.ramp(stripe, (0.0, (0.95, 0.9, 0.82, 1)), (1.0, (0.85, 0.05, 0.03, 1)))
    nodes.surface(nodes.add("BsdfPrincipled", {"Base Color": color, "Roughness": 0.4}).outputs[0])
    return new


def glass() -> Any:
    """Return a tumbler with a thick base."""
    outside = [(0, 0), (0.36, 0), (0.405, 0.012), (0.42, 0.05), (0.47, 0.6), (0.52, 1.34)]
    rim = [(0.517, 1.36), (0.508, 1.368), (0.498, 1.36)]
    inside = [(0.493, 1.30), (0.445, 0.6), (0.40, 0.19), (0.36, 0.15), (0, 0.14)]
    return shapes.lathe("Glass", [*outside, *rim, *inside], glass_material())


def juice(wet: Any) -> Any:
    """Return the juice; it overlaps the glass slightly so that no air gap is visible."""
    fill = [(0, 0.145), (0.365, 0.155), (0.405, 0.195), (0.45, 0.6)]
    top = [(SURFACE + 0.009, LEVEL + 0.02), (SURFACE - 0.01, LEVEL), (0, LEVEL)]
    return shapes.lathe("Juice", [*fill, *top], wet)


def straw() -> Any:
    """Return a straw that leans on the rim."""
    tube = [(0.042, 0), (0.042, 1.75), (0.036, 1.75), (0.036, 1.2)]
    new = shapes.lathe("Straw", tube, straw_material(), segments=32)
    new.location = (-0.22, 0.12, 0.25)
    new.rotation_euler = (-0.10, 0.38, 0)
    return new


@dataclass(frozen=True)
class Drop:
    """A drop that flies from the surface up to `height` and outwards at `angle`."""

    angle: float
    out: float
    height: float
    size: float
    late: float = 0.0

    def where(self, phase: float) -> tuple[float, float, float]:
        """Return its position at a phase of the loop; it is hidden in the juice when not flying."""
        time = (phase - IMPACT - self.late) / (FLIGHT * self.height**0.5)
        lands = self.out + (0.16 if self.out else 0.0)  # distance from the center
        inside = lands < CLEAR
        if time < 0 or phase > 0.99 or (inside and time > 1):
            return (0.0, 0.0, LEVEL - 0.5)
        reach = lands + self.out * (time - 1)
        if inside:
            reach = min(reach, SURFACE - 0.05)
        up = LEVEL - 0.06 + 4 * (self.height + 0.06) * time * (1 - time)
        return (reach * cos(self.angle), reach * sin(self.angle), max(up, -0.2))


def crown(random: Random) -> Iterator[Drop]:
    """Yield the drops of the splash's crown: its wall, and the fingers above it."""
    for i in range(WALL):
        for row in range(3):
            height = 0.13 + 0.08 * row + random.uniform(-0.02, 0.02)
            angle = 2 * pi * (i + 0.5 * row) / WALL
            yield Drop(angle, 0.05 + 0.1 * row, height, 0.062 - 0.006 * row)
    for i in range(FINGERS):
        angle = 2 * pi * (i + random.uniform(-0.25, 0.25)) / FINGERS
        power = random.uniform(0.6, 1.0)
        for row in range(FINGER):
            share = row / (FINGER - 1)
            tip = 0.024 * power if row == FINGER - 1 else 0
            yield Drop(
                angle + 0.06 * sin(5 * share + 40 * power),
                out=0.16 + power * 0.75 * share**1.5,
                height=0.2 + power * 0.52 * share,
                size=0.056 - 0.034 * share + tip,
            )


def spray(random: Random) -> Iterator[Drop]:
    """Yield loose drops, and the drops of the column that rises in the center a little later."""
    for _ in range(DROPS):
        power = random.uniform(0.2, 1.0)
        yield Drop(
            random.uniform(0, 2 * pi),
            out=random.uniform(0.1, 0.9),
            height=0.3 + 0.7 * power,
            size=random.uniform(0.014, 0.04) * (1.2 - 0.4 * power),
        )
    for row in range(10):
        size = 0.085 - 0.006 * row + (0.03 if row == 9 else 0)
        yield Drop(0.0, 0.0, 0.10 + 0.055 * row, size, late=0.17)


def splash(wet: Any) -> Any:
    """Return the splash: metaballs, so that nearby drops merge."""
    random = Random(7)
    ball = bpy.data.metaballs.new("Splash")
    ball.resolution, ball.render_resolution, ball.threshold = 0.05, 0.018, 0.6
    ball.materials.append(wet)
    for drop in (*crown(random), *spray(random)):
        blob = ball.elements.new()
        blob.radius = 1.7 * drop.size
        shapes.animate(blob, "co", drop.where)
    return bpy.data.objects.new("Splash", ball)


def ice() -> list[Any]:
    """Return ice cubes that float and tilt as the juice moves."""
    new, nodes = material("Ice")
    frost = {"Base Color": (0.9, 0.95, 1.0, 1), "Roughness": 0.08, "Coat Weight": 0.5}
    body = nodes.add("BsdfPrincipled", frost).outputs[0]
    glow = nodes.add("BsdfTranslucent", {"Color": (0.95, 0.98, 1.0, 1)}).outputs[0]
    through = nodes.add("BsdfTransparent", {"Color": (0.9, 0.96, 1.0, 1)}).outputs[0]
    clear = nodes.ramp(
        nodes.add("LayerWeight").outputs["Facing"],
        (0.0, (0.85,) * 3 + (1,)),
        (0.9, (0.25,) * 3 + (1,)),
    )
    nodes.surface(nodes.mix(clear, nodes.mix(0.5, body, glow), through))
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
    """Add the drink to the scene."""
    wet = juice_material()
    for each in (glass(), juice(wet), straw(), splash(wet), *ice()):
        bpy.context.scene.collection.objects.link(each)
