"""Rotationally symmetric meshes, and animation in a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

import bpy

FRAMES = 24


def mesh_object(name: str, vertices: Sequence[Any], faces: Sequence[Any], *materials: Any) -> Any:
    """Return a new smooth object that is not in a collection."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    for each in materials:
        mesh.materials.append(each)
    mesh.update()
    return bpy.data.objects.new(name, mesh)


def lathe(
    name: str, profile: Sequence[tuple[float, float]], *materials: Any, segments: int = 96
) -> Any:
    """Rotate `profile`, points (radius, z), around the z axis; radius 0 closes it in a pole.

    If the profile is drawn upwards on the right of the axis, the outside is on its right.
    """
    vertices: list[tuple[float, float, float]] = []
    rings: list[list[int]] = []
    for radius, z in profile:
        first = len(vertices)
        turns = segments if radius > 0 else 1
        for i in range(turns):
            angle = 2 * pi * i / segments
            vertices.append((radius * cos(angle), radius * sin(angle), z))
        rings.append([first + i % turns for i in range(segments + 1)])
    faces = []
    for low, high in pairwise(rings):
        for i in range(segments):
            corners = (low[i], low[i + 1], high[i + 1], high[i])
            faces.append(tuple(dict.fromkeys(corners)))  # three corners at a pole
    return mesh_object(name, vertices, faces, *materials)


def arc(
    radius: float, centre: tuple[float, float], start: float, end: float, steps: int
) -> list[tuple[float, float]]:
    """Return profile points (radius, z) on a circle; angles are in degrees from the horizontal."""
    angles = (start + (end - start) * i / steps for i in range(steps + 1))
    return [
        (centre[0] + radius * cos(a * pi / 180), centre[1] + radius * sin(a * pi / 180))
        for a in angles
    ]


def animate(owner: Any, path: str, value: Callable[[float], Any], index: int = -1) -> None:
    """Keyframe `path` of `owner` on every frame; `value` takes the loop's phase, 0 to 1."""
    for frame in range(1, FRAMES + 2):  # one more frame, equal to the first, closes the loop
        new = value((frame - 1) / FRAMES)
        if index < 0:
            setattr(owner, path, new)
        else:
            getattr(owner, path)[index] = new
        owner.keyframe_insert(path, index=index, frame=frame)
