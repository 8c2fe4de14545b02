"""Runs inside Blender: creates the packages that the tests let the farm validate and render.

The last argument is the target folder. It gets `packages/<name>/shot.blend` with its files, and
`expected/<name>/` with the frames that this Blender renders with the same settings set directly.
"""

import contextlib
import sys
from pathlib import Path

import bpy

FOLDER = Path(sys.argv[-1])


def main():
    for name, make in PACKAGES.items():
        folder = FOLDER / "packages" / name
        folder.mkdir(parents=True)
        base_scene(folder)
        make(folder)
        save(folder / "shot.blend")
    for name, by_hand in EXPECTED.items():
        bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "packages" / name / "shot.blend"))
        by_hand(bpy.context.scene)
        bpy.context.scene.render.filepath = str(FOLDER / "expected" / name / "shot_####")
        bpy.ops.render.render(animation=True)


def save(path):
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=False, compress=True)


def base_scene(folder):
    """Create an animated, emissive plane with a texture in front of a camera."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 2
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    scene.frame_start, scene.frame_end = 1, 3
    scene.render.filepath = "//out/deep/shot_####"
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location = (0, 0, 3)
    scene.camera = camera
    plane(picture(folder / "tex" / "wood.png", "//tex/wood.png"))
    mover = bpy.data.objects["Plane"]
    for frame in (1, 3):
        mover.rotation_euler[2] = frame
        mover.keyframe_insert("rotation_euler", frame=frame)
    scene.collection.objects.link(camera)


def plane(image):
    bpy.ops.mesh.primitive_plane_add(size=2)
    material = bpy.data.materials.new("Wood")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    emission = nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(texture.outputs["Color"], emission.inputs["Color"])
    material.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
    bpy.context.object.data.materials.append(material)


def write_picture(path):
    image = bpy.data.images.new("written", 8, 8)
    image.pixels = [((n * 37) % 256) / 255 if n % 4 < 3 else 1.0 for n in range(8 * 8 * 4)]
    image.filepath_raw = str(path)
    image.file_format = "PNG"
    image.save()
    bpy.data.images.remove(image)


def picture(path, stored):
    """Write an image and return a data-block that stores the path `stored` for it."""
    write_picture(path)
    image = bpy.data.images.load(str(path))
    image.name = path.stem
    image.filepath = stored
    image.use_fake_user = True
    return image


def nothing_more(folder):
    pass


def everything(folder):
    """Add one external file of each kind, all of them present."""
    udim(folder, (1001, 1002))
    sequence(folder, (1, 2, 3))
    library(folder)
    sound(folder)
    packed = picture(folder / "tex" / "packed.png", "//tex/packed.png")
    packed.pack()
    (folder / "tex" / "packed.png").unlink()


def udim(folder, on_disk):
    for number in on_disk:
        write_picture(folder / "tex" / f"tiles.{number}.png")
    image = bpy.data.images.new("tiles", 8, 8, tiled=True)
    image.filepath = "//tex/tiles.<UDIM>.png"
    image.tiles.new(1002)
    image.use_fake_user = True


def sequence(folder, on_disk):
    for number in on_disk:
        write_picture(folder / "tex" / f"water_{number:03d}.png")
    image = bpy.data.images.load(str(folder / "tex" / "water_001.png"))
    image.source = "SEQUENCE"
    image.filepath = "//tex/water_001.png"
    node = bpy.data.materials["Wood"].node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    node.image_user.frame_duration = 3
    node.image_user.use_auto_refresh = True


def library(folder, missing=""):
    """Link a library from a subfolder; it has a texture and links a second library."""
    unfinished = folder / "unfinished.blend"
    save(unfinished)
    for name, linked in (("inner", None), ("outer", "inner")):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        path = folder / "libs" / f"{name}.blend"
        path.parent.mkdir(exist_ok=True)
        picture(folder / "libs" / f"{name}.png", f"//{name}.png")
        save(path)
        plane(bpy.data.images[name])
        bpy.context.object.name = name
        if linked:
            link(folder / "libs" / f"{linked}.blend", linked)
            bpy.data.libraries[0].filepath = f"//{linked}.blend"
            bpy.data.objects[name].modifiers.new("Array", "ARRAY").offset_object = bpy.data.objects[
                linked
            ]
        save(path)
    bpy.ops.wm.open_mainfile(filepath=str(unfinished))
    link(folder / "libs" / "outer.blend", "outer")
    for linked in bpy.data.libraries:
        linked.filepath = f"//libs/{Path(linked.filepath).name}"
    if missing:
        (folder / "libs" / missing).unlink()
    unfinished.unlink()


def link(path, name):
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.objects = [name]
    bpy.context.scene.collection.objects.link(wanted.objects[0])


def sound(folder):
    """Add a speaker with one second of silence."""
    import wave

    with wave.open(str(folder / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000)
    speaker = bpy.data.objects.new("Speaker", bpy.data.speakers.new("Speaker"))
    speaker.data.sound = bpy.data.sounds.load(str(folder / "silence.wav"))
    speaker.data.sound.filepath = "//silence.wav"
    bpy.context.scene.collection.objects.link(speaker)


def missing_texture(folder):
    (folder / "tex" / "wood.png").unlink()


def absolute_path(folder):
    bpy.data.images["wood"].filepath = str(folder / "tex" / "wood.png")


def outside(folder):
    write_picture(folder.parent / "outside.png")
    bpy.data.images["wood"].filepath = "//../outside.png"


def missing_sound(folder):
    sound(folder)
    (folder / "silence.wav").unlink()


def no_camera(folder):
    bpy.context.scene.camera = None


def brush_only(folder):
    """Add a texture that only a brush uses, with a path on the artist's disk."""
    image = picture(folder / "tex" / "brush.png", "/somewhere/else/brush.png")
    image.use_fake_user = False
    texture = bpy.data.textures.new("Brush", "IMAGE")
    texture.image = image
    brush = bpy.data.brushes.new("Mine")
    brush.texture = texture
    brush.use_fake_user = True


def broken(folder):
    pass  # the test writes nonsense over the .blend


def from_file(folder):
    """Store all settings in the file: half the size, every second frame, EXR."""
    exr_half(bpy.context.scene)
    scene = bpy.context.scene
    scene.render.resolution_percentage = 50
    scene.frame_end, scene.frame_step = 5, 2
    scene.render.filepath = "//out/"


def file_outputs(folder):
    """Add a File Output node with two inputs and a path on the artist's disk."""
    scene = bpy.context.scene
    if bpy.app.version >= (5, 0):
        tree = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
        scene.compositing_node_group = tree
        layers, node = tree.nodes.new("CompositorNodeRLayers"), file_output_node(tree)
        node.directory, node.file_name = "/mnt/artist/passes", "pre_"
        node.format.media_type = "IMAGE"
        node.file_output_items.clear()
        for name in ("beauty", "alpha"):
            node.file_output_items.new("RGBA", name)
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        tree.links.new(layers.outputs["Image"], tree.nodes.new("NodeGroupOutput").inputs[0])
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        layers, node = tree.nodes["Render Layers"], file_output_node(tree)
        node.base_path = "/mnt/artist/passes"
        node.file_slots.clear()
        for name in ("pre_beauty", "deep/alpha"):
            node.file_slots.new(name)
    node.name = "Passes"
    node.format.file_format = "PNG"
    tree.links.new(layers.outputs["Image"], node.inputs[0])
    tree.links.new(layers.outputs["Alpha"], node.inputs[1])


def file_output_node(tree):
    return tree.nodes.new("CompositorNodeOutputFile")


def two_eyes(folder):
    scene = bpy.context.scene
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "INDIVIDUAL"


def video(folder):
    image = bpy.context.scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"


def no_output(folder):
    if hasattr(bpy.context.scene.render, "save_output"):
        bpy.context.scene.render.save_output = False


PACKAGES = {
    "plain": nothing_more,
    "from_file": from_file,
    "everything": everything,
    "missing_texture": missing_texture,
    "missing_tile": lambda folder: udim(folder, (1001,)),
    "missing_frame": lambda folder: sequence(folder, (1, 3)),
    "missing_library": lambda folder: library(folder, missing="outer.blend"),
    "missing_inner_library": lambda folder: library(folder, missing="inner.blend"),
    "missing_library_texture": lambda folder: library(folder, missing="inner.png"),
    "missing_sound": missing_sound,
    "absolute_path": absolute_path,
    "outside": outside,
    "no_camera": no_camera,
    "brush_only": brush_only,
    "broken": broken,
    "file_outputs": file_outputs,
    "two_eyes": two_eyes,
    "video": video,
    "no_output": no_output,
}


def png_8(scene):
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = "8"
    scene.frame_start, scene.frame_end = 2, 3


def png_16(scene):
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "16"
    scene.cycles.samples = 3
    with contextlib.suppress(TypeError):  # some Blender builds have no denoiser
        scene.cycles.denoiser = "OPENIMAGEDENOISE"
        scene.cycles.use_denoising = True
    scene.frame_start = scene.frame_end = 2


def exr_half(scene):
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = "16"
    scene.render.image_settings.exr_codec = "PIZ"


def as_it_is(scene):
    pass


def resized(scene):
    png_8(scene)
    scene.render.resolution_x, scene.render.resolution_y = 50, 40
    scene.render.resolution_percentage = 60
    scene.render.fps = 30
    scene.cycles.use_auto_tile = True
    scene.cycles.tile_size = 16


EXPECTED = {"from_file": as_it_is}
for how in (png_8, png_16, resized):
    PACKAGES[f"plain_{how.__name__}"] = nothing_more
    EXPECTED[f"plain_{how.__name__}"] = how

if __name__ == "__main__":
    main()
