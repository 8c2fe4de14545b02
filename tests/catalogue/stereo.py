"""Files for stereo and multi-view renders: one for each view, with suffixes set by the scene."""

from pathlib import Path
from typing import Any

import bpy

from tests import projects
from tests.catalogue.case import case

BOTH = ("wood_L.png", "wood_R.png")


def stereo_scene(left: str = "_L", right: str = "_R") -> bpy.types.Scene:
    """A scene whose picture shows both eyes, side by side."""
    scene = projects.new_scene()
    render: Any = scene.render
    render.use_multiview = True
    render.views["left"].file_suffix, render.views["right"].file_suffix = left, right
    render.image_settings.views_format = "STEREO_3D"
    render.image_settings.stereo_3d_format.display_mode = "SIDEBYSIDE"
    return scene


def pictures(
    folder: Path, stem: str, left: str = "_L", right: str = "_R", green: float = 1
) -> Path:
    """Write a picture for each eye and return the left one."""
    projects.picture(folder / f"{stem}{right}.png", (0, green, 0))
    return projects.picture(folder / f"{stem}{left}.png", (1, 0, 0))


def stereo_texture(root: Path, left: str, right: str) -> Path:
    """Matters in the compositor of 4.2; later ones, and Cycles, use the first view for all."""
    scene = stereo_scene(left, right)
    image: Any = bpy.data.images.load(str(pictures(root / "tex", "wood", left, right)))
    image.use_multiview, image.views_format = True, "INDIVIDUAL"
    projects.compositor(scene, "CompositorNodeImage").image = image
    return projects.save(root / "project/shot.blend")


@case(travels=BOTH)
def texture_for_two_eyes(root: Path) -> Path:
    return stereo_texture(root, "_L", "_R")


@case(travels=("wood.links.png", "wood.rechts.png"))
def texture_with_other_suffixes(root: Path) -> Path:
    return stereo_texture(root, ".links", ".rechts")


@case(travels=BOTH)
def image_strip_for_two_eyes(root: Path) -> Path:
    scene = stereo_scene()
    strips = projects.strips(scene.sequence_editor_create())
    left = pictures(root / "tex", "wood")
    strip = strips.new_image("Wood", str(left), channel=1, frame_start=1)
    strip.use_multiview, strip.views_format = True, "INDIVIDUAL"
    return projects.save(root / "project/shot.blend")


@case(travels=("clouds_L.mp4", "clouds_R.mp4"))
def movie_strip_for_two_eyes(root: Path) -> Path:
    scene = stereo_scene()
    left = projects.movie(root / "clips/clouds_L.mp4")
    projects.movie(root / "clips/clouds_R.mp4", frames=2)
    strips = projects.strips(scene.sequence_editor_create())
    strip = strips.new_movie("Clouds", str(left), channel=1, frame_start=1)
    strip.use_multiview, strip.views_format = True, "INDIVIDUAL"
    return projects.save(root / "project/shot.blend")


@case(travels=BOTH)
def texture_of_a_library(root: Path) -> Path:
    """The path is absolute, so the library is rewritten."""
    pictures(root / "tex", "wood")

    def make() -> bpy.types.Image:
        stereo_scene()
        image: Any = bpy.data.images.load(str(root / "tex/wood_L.png"))
        image.use_multiview, image.views_format = True, "INDIVIDUAL"
        return image

    library = projects.library(root / "lib/chair.blend", make, relative=False)
    node = projects.compositor(stereo_scene(), "CompositorNodeImage")
    (node.image,) = projects.linked(library, "wood_L.png", "images")
    return projects.save(root / "project/shot.blend")


@case(travels=("1_L.png", "1_R.png", "2_L.png", "2_R.png"))
def sequence_for_two_eyes(root: Path) -> Path:
    scene = stereo_scene()
    left = pictures(root / "tex", "wood_1")
    pictures(root / "tex", "wood_2", green=0.5)
    image: Any = bpy.data.images.load(str(left))
    image.use_multiview, image.views_format = True, "INDIVIDUAL"
    image.source = "SEQUENCE"
    node = projects.compositor(scene, "CompositorNodeImage")
    node.image, node.frame_duration, node.use_auto_refresh = image, 2, True
    scene.frame_current = 2
    return projects.save(root / "project/shot.blend")
