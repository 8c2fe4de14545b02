"""The example's image files, generated without libraries so that it works in every Blender."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import atan2, cos, exp, floor, hypot, pi, sin
from pathlib import Path
from random import Random

import bpy

Color = tuple[float, float, float]
Paint = Callable[[float, float], tuple[float, float, float, float]]
SEGMENTS = 10


def write(path: Path, size: int, paint: Paint) -> Path:
    """Write a square PNG of `size` pixels; `paint` gives sRGB and alpha at (u, v) in 0 to 1."""
    pixels = array("f")
    for row in range(size):
        for column in range(size):
            pixels.extend(paint((column + 0.5) / size, (row + 0.5) / size))
    image = bpy.data.images.new(path.stem, size, size, alpha=True)
    image.pixels.foreach_set(pixels)
    image.filepath_raw = str(path)
    image.file_format = "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def blend(first: Color, second: Color, factor: float) -> Color:
    """Interpolate from `first` at 0 to `second` at 1."""
    t = min(1.0, max(0.0, factor))
    red, green, blue = (a + (b - a) * t for a, b in zip(first, second, strict=True))
    return red, green, blue


def smoothstep(low: float, high: float, x: float) -> float:
    """Return 0 below `low`, 1 above `high`, and a smooth curve between them."""
    t = min(1.0, max(0.0, (x - low) / (high - low)))
    return t * t * (3 - 2 * t)


class Noise:
    """Value noise that repeats every `period` cells in both directions."""

    def __init__(self, seed: int, period: int) -> None:
        """Create the noise; the same seed gives the same noise on every machine."""
        random = Random(seed)
        self.period = period
        self.cells = [[random.random() for _ in range(period)] for _ in range(period)]

    def __call__(self, x: float, y: float) -> float:
        """Return the noise, 0 to 1, at (x, y), given in cells."""
        i, j = floor(x), floor(y)
        u, v = smoothstep(0, 1, x - i), smoothstep(0, 1, y - j)
        i, j, k, m = (n % self.period for n in (i, j, i + 1, j + 1))
        near = self.cells[i][j] * (1 - u) + self.cells[k][j] * u
        far = self.cells[i][m] * (1 - u) + self.cells[k][m] * u
        return near * (1 - v) + far * v


def cut_face() -> Paint:
    """Return the cut face of an orange: peel, pith, and segments of flesh."""
    cells, clouds = Noise(1, 240), Noise(2, 16)
    peel, pith = (1.0, 0.50, 0.03), (1.0, 0.90, 0.68)
    deep, light = (0.98, 0.42, 0.01), (1.0, 0.68, 0.12)

    def paint(u: float, v: float) -> tuple[float, float, float, float]:
        x, y = 2 * u - 1, 2 * v - 1
        radius, turn = hypot(x, y), atan2(y, x) / (2 * pi) + 0.5
        wobble = 0.12 * (clouds(turn * 16, 0.5) - 0.5)
        place = (turn * SEGMENTS + wobble) % 1
        to_wall = min(place, 1 - place) * 2 * pi * radius / SEGMENTS
        # Rounded corners: a point is in a segment if walls and rims are far enough away.
        gaps = (max(0.0, 0.055 - (to_wall - 0.012)), max(0.0, 0.055 - (0.865 - radius)))
        inside = 0.055 - hypot(*gaps)
        centre = smoothstep(0.06, 0.12, radius)
        # Juice sacs: long cells that point to the center.
        sac = cells(turn * 240, radius * 13 + 4 * clouds(turn * 16, radius * 9))
        flesh = blend(deep, light, 0.75 * sac + 0.45 * radius - 0.12)
        color = blend(pith, flesh, smoothstep(0.0, 0.02, inside) * centre)
        color = blend(color, peel, smoothstep(0.925, 0.95, radius))
        return (*color, 1.0)

    return paint


def peel_pores() -> Paint:
    """Return the height of an orange's peel with its pores, tileable, in gray."""
    random, grid = Random(3), 14
    pores = [[(random.random(), random.random()) for _ in range(grid)] for _ in range(grid)]
    waves = Noise(4, 7)

    def paint(u: float, v: float) -> tuple[float, float, float, float]:
        x, y = u * grid, v * grid
        nearest = min(
            hypot(i + pores[i % grid][j % grid][0] - x, j + pores[i % grid][j % grid][1] - y)
            for i in range(floor(x) - 1, floor(x) + 2)
            for j in range(floor(y) - 1, floor(y) + 2)
        )
        height = 0.72 - 0.6 * exp(-((nearest / 0.26) ** 2)) + 0.25 * waves(u * 7, v * 7)
        return (height, height, height, 1.0)

    return paint


def window_light() -> Paint:
    """Return the mask between the morning sun and the table: alpha 1 blocks the light."""
    leaves = [  # a leaf's start, its direction in turns, its length and half its width
        (-0.02, 1.02, -0.09, 0.36, 0.050),
        (-0.02, 0.86, -0.03, 0.34, 0.046),
        (0.14, 1.04, -0.17, 0.32, 0.046),
        (-0.02, 0.70, 0.03, 0.26, 0.040),
    ]

    def leaf(u: float, v: float, shape: tuple[float, ...]) -> float:
        x, y, turn, size, width = shape
        c, s = cos(2 * pi * turn), sin(2 * pi * turn)
        along, across = ((u - x) * c + (v - y) * s) / size, (v - y) * c - (u - x) * s
        if not 0 < along < 1:
            return 0.0
        return smoothstep(0.004, -0.004, abs(across) - width * sin(pi * along**0.8))

    def paint(u: float, v: float) -> tuple[float, float, float, float]:
        across, up = (u * 4) % 1, (v * 3) % 1
        bar = min(across, 1 - across, up, 1 - up)
        shade = smoothstep(0.075, 0.06, bar)
        for each in leaves:
            shade = max(shade, leaf(u, v, each))
        return (0.0, 0.0, 0.0, shade)

    return paint


def write_all(folder: Path) -> dict[str, Path]:
    """Write the textures into `folder` and return their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "cut": write(folder / "orange_cut.png", 512, cut_face()),
        "peel": write(folder / "orange_peel.png", 256, peel_pores()),
        "window": write(folder / "window.png", 256, window_light()),
    }
