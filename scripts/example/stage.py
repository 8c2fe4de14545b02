"""Backdrop, light, camera and render settings."""

from __future__ import annotations

from math import cos, pi, radians, sin
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from . import drink, fruit, shapes
from .nodes import Nodes, material

WINDOW = 3.0  # half the width of the lit part of the window


def show(thing: Any, location: Any = None, target: Any = None) -> Any:
    """Add `thing` to the scene, with its -Z axis pointing at `target`."""
    if location is not None:
        thing.location = location
    if target is not None:
        towards = Vector(target) - thing.location
        thing.rotation_euler = towards.to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)
    return thing


def backdrop() -> None:
    """Add a table that curves up into a wall."""
    new, nodes = material("Backdrop")
    paint = {"Base Color": (0.035, 0.36, 0.35, 1), "Roughness": 0.55}
    nodes.surface(nodes.add("BsdfPrincipled", paint).outputs[0])
    curve = [(-12.0, 0.0), *((y, z + 1.5) for y, z in shapes.arc(1.5, (2.2, 0), -90, 0, 24))]
    curve.append((3.7, 9.0))
    vertices = [(x, y, z) for y, z in curve for x in (-14, 14)]
    faces = [(i, i + 1, i + 3, i + 2) for i in range(0, len(vertices) - 2, 2)]
    show(shapes.mesh_object("Backdrop", vertices, faces, new))


def lamp(name: str, kind: str, energy: float, color: Any, location: Any, **attributes: Any) -> Any:
    """Add a light that points at the drink."""
    light = bpy.data.lights.new(name, kind)
    light.energy, light.color = energy, color
    for key, value in attributes.items():
        setattr(light, key, value)
    return show(bpy.data.objects.new(name, light), location, (0, 0, 0.7))


def window(image: Path, sun: Any) -> None:
    """Add window bars and leaves between the sun and the table; only their shadow is visible."""
    new, nodes = material("Window")
    picture = bpy.data.images.load(str(image))
    alpha = nodes.add("TexImage", image=picture, extension="EXTEND").outputs["Alpha"]
    through = nodes.add("BsdfTransparent").outputs[0]
    dark = nodes.add("BsdfDiffuse", {"Color": (0, 0, 0, 1)}).outputs[0]
    nodes.surface(nodes.mix(alpha, through, dark))
    corners = [(-9, -9, 0), (9, -9, 0), (9, 9, 0), (-9, 9, 0)]
    pane = shapes.mesh_object("Window", corners, [(0, 1, 2, 3)], new)
    layer = pane.data.uv_layers.new(name="Picture")
    for corner, uv in zip(
        layer.data, ((-3.88, -4.03), (5.12, -4.03), (5.12, 4.97), (-3.88, 4.97)), strict=True
    ):
        corner.uv = uv
    pane.scale = (WINDOW, WINDOW, 1)
    for ray in ("camera", "diffuse", "glossy", "transmission"):
        setattr(pane, f"visible_{ray}", False)
    show(pane, sun.location * 0.8, (0, 0, 0.7))


def light(image: Path) -> None:
    """Add a low morning sun through a window, soft light behind the camera, and a cool sky."""
    sun = lamp("Morning sun", "SUN", 6.0, (1.0, 0.80, 0.56), (-4.8, -5.0, 4.6), angle=radians(1.0))
    window(image, sun)
    lamp("Room", "AREA", 170, (1.0, 0.93, 0.86), (4.5, -5.5, 4.5), shape="DISK", size=4.5)
    lamp("Rim", "AREA", 55, (1.0, 0.85, 0.65), (3.0, 3.0, 3.6), shape="DISK", size=1.6)
    world = bpy.data.worlds.new("Morning")
    bpy.context.scene.world = world
    nodes = Nodes(world)
    sky = nodes.add("Background", {"Color": (0.55, 0.75, 0.85, 1), "Strength": 0.45})
    nodes.surface(sky.outputs[0], "OutputWorld")


def camera() -> None:
    """Add a camera with a long lens that swings slightly around the drink and back."""
    lens = bpy.data.cameras.new("Camera")
    lens.lens = 70
    lens.dof.use_dof = True
    lens.dof.focus_distance = 8.5
    lens.dof.aperture_fstop = 0.35
    centre = Vector((0.15, 0, 0.92))
    eye = show(bpy.data.objects.new("Camera", lens))

    def where(phase: float) -> Vector:
        swing = 2 * pi * phase
        side, up = radians(4 * sin(swing)), radians(15 + 1.2 * cos(swing))
        return centre + 8.8 * Vector((sin(side) * cos(up), -cos(side) * cos(up), sin(up)))

    def look(phase: float) -> Any:
        return (centre - where(phase)).to_track_quat("-Z", "Y").to_euler()

    shapes.animate(eye, "location", where)
    shapes.animate(eye, "rotation_euler", look)
    bpy.context.scene.camera = eye


def arrange(linked: dict[str, Any]) -> None:
    """Add fruit around the glass, and a slice that falls into it."""
    fruit.place(linked, "Half orange", (0.98, -0.55, 0.495), (66, 0, 20))
    fruit.place(linked, "Orange", (1.35, 0.75, 0.475), (20, 25, 0))
    fruit.place(linked, "Orange", (-1.05, 0.55, 0.475), (-25, -10, 60))
    fruit.place(linked, "Slice", (-0.95, -0.75, 0.04), (0, 0, 10))
    fruit.place(linked, "Slice", (-0.72, -0.55, 0.13), (18, -12, 40))
    fruit.place(linked, "Leaf", (1.25, 0.72, 0.95), (0, -25, -20))
    fruit.place(linked, "Leaf", (-0.12, -0.74, 0.10), (0, 4, -12))
    falling = fruit.place(linked, "Slice", (0, 0, 3))

    def time(phase: float) -> float:
        """Return the fall's progress: 1 in the juice, negative before the start of the loop."""
        return (phase if phase < 0.6 else phase - 1) / drink.IMPACT

    def fall(phase: float) -> float:
        return max(2.75 - 0.9 * time(phase) - 0.75 * max(time(phase), 0) ** 2, 0.3)

    def tumble(phase: float) -> tuple[float, float, float]:
        return (radians(60 + 30 * time(phase)), 0.0, radians(20 + 17 * time(phase)))

    shapes.animate(falling, "location", fall, index=2)
    shapes.animate(falling, "rotation_euler", tumble)


def settings(name: str) -> None:
    """Set up Cycles with few samples and bounces, and denoising if this Blender has it."""
    scene = bpy.context.scene
    scene.name = name
    scene.frame_start, scene.frame_end = 1, shapes.FRAMES
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = 480, 270
    render.fps = 24
    render.filepath = f"//frames/{name}_"
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGB"
    scene.view_settings.view_transform = "Standard"
    cycles.device = "CPU"
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_light_tree = 8, False, False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 7, 2, 2
    cycles.transmission_bounces, cycles.transparent_max_bounces = 6, 6
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    cycles.use_denoising = True
    cycles.denoising_prefilter = cycles.denoising_quality = "FAST"
    try:
        cycles.denoiser = "OPENIMAGEDENOISE"
    except TypeError:  # not built in, as in Debian's Blender: rendering would fail
        cycles.use_denoising = False
        cycles.samples = 16
