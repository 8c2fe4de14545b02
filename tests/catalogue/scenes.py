"""Settings of scenes, cameras and outputs; the texture shows whether they were applied."""

from pathlib import Path

import bpy

from tests import projects
from tests.catalogue.case import case


def textured_scene(root: Path) -> bpy.types.Scene:
    scene = projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    return scene


@case()
def several_scenes(root: Path) -> Path:
    """The active scene is not the first; the texture of the other scene is not packed."""
    scene = textured_scene(root)
    scene.name = "Z"
    other = bpy.data.scenes.new("A")
    image = bpy.data.images.load(str(projects.picture(root / "tex/other.png")))
    other.collection.objects.link(projects.plane(projects.image_material(image), "Other"))
    bpy.context.window.scene = scene
    return projects.save(root / "project/shot.blend")


@case()
def cameras_with_markers(root: Path) -> Path:
    scene = textured_scene(root)
    second = scene.camera.copy()
    second.location.x = 0.7
    scene.collection.objects.link(second)
    for frame, camera in ((1, scene.camera), (5, second)):
        scene.timeline_markers.new(f"F_{frame:02}", frame=frame).camera = camera
    scene.frame_current = 6
    return projects.save(root / "project/shot.blend")


@case()
def view_layers_switched_off(root: Path) -> Path:
    """Each layer shows its own plane; only the second is rendered."""
    scene = textured_scene(root)
    holder = bpy.data.collections.new("Second")
    scene.collection.children.link(holder)
    image = bpy.data.images.load(str(projects.picture(root / "tex/second.png", (0, 1, 1))))
    above = projects.plane(projects.image_material(image), "Above")
    above.location = (0.5, 0, 0.1)
    holder.objects.link(above)
    second = scene.view_layers.new("Second")
    scene.view_layers[0].use = False
    scene.view_layers[0].layer_collection.children["Second"].exclude = True
    second.use = True
    return projects.save(root / "project/shot.blend")


@case()
def scene_as_background(root: Path) -> Path:
    scene = projects.new_scene()
    other = textured_scene_beside(root)
    scene.background_set = other
    return projects.save(root / "project/shot.blend")


def textured_scene_beside(root: Path) -> bpy.types.Scene:
    other = bpy.data.scenes.new("Set")
    image = bpy.data.images.load(str(projects.picture(root / "tex/set.png")))
    other.collection.objects.link(projects.plane(projects.image_material(image), "Wall"))
    return other


@case()
def stamped_picture(root: Path) -> Path:
    """Only with metadata that does not depend on the path, the computer or the time."""
    scene = textured_scene(root)
    render = scene.render
    render.use_stamp = True
    for name in ("date", "time", "render_time", "filename", "hostname", "memory", "camera"):
        setattr(render, f"use_stamp_{name}", False)
    render.use_stamp_note, render.stamp_note_text = True, "Shot 12"
    return projects.save(root / "project/shot.blend")


@case()
def drivers(root: Path) -> Path:
    """A driver that needs no script is packed unchanged."""
    scene = textured_scene(root)
    plane = bpy.data.objects["Plane"]
    driver = plane.driver_add("scale", 0).driver
    driver.type, driver.expression = "SCRIPTED", "frame / 10"
    scene.frame_current = 5
    return projects.save(root / "project/shot.blend")


@case(since=(4, 5), reason="output paths have templates since 4.5")
def output_template(root: Path) -> Path:
    scene = textured_scene(root)
    scene.render.filepath = "//../out/{blend_name}_{resolution_x}_####"
    return projects.save(root / "project/shot.blend", relative=False)


@case()
def file_output_nodes(root: Path) -> Path:
    scene = textured_scene(root)
    source = projects.compositor(scene, "CompositorNodeRLayers")
    node = source.id_data.nodes.new("CompositorNodeOutputFile")
    if hasattr(node, "directory"):  # since 5.0
        node.directory, node.file_name = str(root / "elsewhere"), "beauty"
        node.file_output_items.new("RGBA", "image")
    else:
        node.base_path = str(root / "elsewhere")
    source.id_data.links.new(source.outputs[0], node.inputs[0])
    return projects.save(root / "project/shot.blend")


@case(warns="scripts")
def drivers_that_need_auto_run(root: Path) -> Path:
    """It moves the plane along the view axis: the picture is the same if the driver cannot run."""
    textured_scene(root)
    driver = bpy.data.objects["Plane"].driver_add("location", 2).driver
    driver.type, driver.expression = "SCRIPTED", "__import__('math').floor(frame / 10)"
    return projects.save(root / "project/shot.blend")
