"""EEVEE reads only those files of a sequence that are packed; this needs a full Blender."""

import subprocess
from pathlib import Path

from tests.window.harness import PATIENCE, ROOT

SCRIPT = """
import os, runpy, sys
from pathlib import Path
import bpy
sys.path.insert(0, ROOT)
runpy.run_path(ROOT + "/bootstrap.py")["provide"]()
from renderjuice.packing import needed, trim, walk
from renderjuice.packing.reference import Place
from tests import projects

folder = Path(FOLDER)
scene = projects.new_scene()
scene.render.engine = "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"
scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 1.0
scene.eevee.taa_render_samples, scene.eevee.motion_blur_steps = 1, 2
for number in range(1, 10):
    projects.picture(folder / f"flame_{number:04}.png", (number / 9, 0.5, 1 - number / 9), size=2)
image = bpy.data.images.load(str(folder / "flame_0001.png"))
image.source = "SEQUENCE"
made = projects.image_material(image)
user = next(node for node in made.node_tree.nodes if hasattr(node, "image_user")).image_user
user.frame_duration, user.frame_offset, user.use_auto_refresh = 9, 1, True
projects.show(projects.plane(made))
blend = projects.save(folder / "shot.blend")
whole = projects.render(blend, folder / "whole.png", frame=5)

ids = needed.reachable(bpy.context.scene, bpy.data)
place = Place(str(folder), str(blend), bpy.app.version)
found = [(id, reference) for id in ids for reference in walk.references(id, place)]
trim.trim(found, ids, bpy.data, [5])
sent = {path for _, reference in found for path in reference.files}
for path in folder.glob("flame_*.png"):
    if str(path) not in sent:
        path.unlink()
trimmed = projects.render(blend, folder / "trimmed.png", frame=5)
(folder / "flame_0006.png").unlink()
without = projects.render(blend, folder / "without.png", frame=5)
print("sent:", sorted(Path(path).name for path in sent))
print("equal:", trimmed == whole, "without:", without != whole, flush=True)
"""


def test_eevee_reads_what_is_sent(launcher: Path, tmp_path: Path) -> None:
    script = f"ROOT, FOLDER = {str(ROOT)!r}, {str(tmp_path)!r}\n{SCRIPT}"
    done = subprocess.run(
        [str(launcher), "-b", "--factory-startup", "--python-expr", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    names = [f"flame_{number:04}.png" for number in (1, 5, 6, 7)]
    assert f"sent: {names}" in done.stdout, done.stdout + done.stderr
    assert "equal: True without: True" in done.stdout, done.stdout + done.stderr
