"""Runs in a background Blender: makes a scene of one frame, and saves it and a copy of it.

The only argument after `--` is a JSON file: {"blend": the file to save, "copy": the copy to save,
"texture": a picture, "result": path to write}. The result, written last, is what a job's record
says of a scene: {"scene", "config", "applied", "frames": [n], "output_names"}.
"""

# ruff: noqa: E402

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import bpy

runpy.run_path(str(Path(__file__).parents[1] / "bootstrap.py"))["provide"]()

from renderjuice.scene import config, copy, output_names, settings
from renderjuice.system import session_folder


def main(request: dict[str, str]) -> None:
    """Make the scene, save it, and write the result.

    It is put into the file that Blender starts with: to read its factory settings, Blender also
    removes the packages of all extensions that they do not enable.
    """
    scene: Any = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = 32
    scene.frame_start = scene.frame_end = 1
    scene.render.filepath = "//out/selftest_####"
    bpy.ops.wm.save_as_mainfile(filepath=request["blend"], check_existing=False)
    _add_plane(scene, request["texture"])
    bpy.ops.wm.save_mainfile()
    wanted = config.requested(settings.read(scene), {})
    copy.save_copy(request["copy"])
    result = {
        "scene": scene.name,
        "config": wanted.config,
        "applied": wanted.written,
        "frames": wanted.frames,
        "output_names": output_names.read(scene),
    }
    Path(request["result"]).write_text(json.dumps(result), encoding="utf-8")


def _add_plane(scene: Any, path: str) -> None:
    """Add a plane with a texture, and a camera."""
    data: Any = bpy.data
    mesh, camera = data.meshes.new("Plane"), data.cameras.new("Camera")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    material = data.materials.new("Texture")
    mesh.materials.append(material)
    for name, content in (("Plane", mesh), ("Camera", camera)):
        scene.collection.objects.link(data.objects.new(name, content))
    scene.camera = next(one for one in scene.collection.objects if one.data == camera)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = data.images.load(path)
    texture.image.filepath = bpy.path.relpath(path)
    links.new(texture.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text(encoding="utf-8")))
    sys.stdout.flush()
    session_folder.remove(bpy.app.tempdir)
    os._exit(0)  # as in packing/trace.py: the bpy module may hang at its end
