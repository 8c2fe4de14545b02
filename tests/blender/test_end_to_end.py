"""Submit headless from the installed zip: the frames equal those of a local render."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.headless import ENABLE, ROOT

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
np = pytest.importorskip("numpy", reason="numpy is not installed for this Python")

MAKE = """
import sys, bpy
folder, change = sys.argv[-2:]
bpy.ops.wm.read_factory_settings()
scene = bpy.context.scene
image = bpy.data.images.new("grid", 64, 64)
image.generated_type = "COLOR_GRID"
image.filepath_raw = f"{folder}/textures/grid.png"
image.file_format = "PNG"
image.save()
bpy.data.images.remove(image)
image = bpy.data.images.load(f"{folder}/textures/grid.png")
material = bpy.data.objects["Cube"].active_material
material.use_nodes = True
nodes = material.node_tree.nodes
texture = nodes.new("ShaderNodeTexImage")
texture.image = image
material.node_tree.links.new(
    texture.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
cube = bpy.data.objects["Cube"]
cube.keyframe_insert("rotation_euler", frame=1)
cube.rotation_euler.z = 1.0
cube.keyframe_insert("rotation_euler", frame=5)
scene.render.engine = "CYCLES"
scene.cycles.samples = 2
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = 64, 48
scene.frame_end = 5
scene.render.filepath = "//out/shot_####"
exec(change)
bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/shot.blend")
bpy.ops.file.make_paths_relative()
bpy.ops.wm.save_mainfile()
"""

RENDER = """
import sys, bpy
blend, target, frames = sys.argv[-3:]
bpy.ops.wm.open_mainfile(filepath=blend)
scene = bpy.context.scene
for frame in map(int, frames.split(",")):
    scene.frame_set(frame)
    path = scene.render.frame_path(frame=frame).replace("\\\\", "/").rpartition("/")[2]
    scene.render.filepath = f"{target}/{path}"
    bpy.ops.render.render(write_still=True)
    scene.render.filepath = "//out/shot_####"
"""

CASES = {
    "still": ("", ("--frames", "3"), [3]),
    "animation with step": ("scene.frame_step = 2", (), [1, 3, 5]),
    "percentage": ("scene.render.resolution_percentage = 50; scene.frame_end = 1", (), [1]),
    "half float EXR": (
        "i = scene.render.image_settings; i.file_format = 'OPEN_EXR'; i.color_depth = '16';"
        "i.color_mode = 'RGBA'; scene.frame_end = 1",
        (),
        [1],
    ),
    "16 bit PNG": (
        "i = scene.render.image_settings; i.file_format = 'PNG'; i.color_depth = '16';"
        "scene.frame_end = 1",
        (),
        [1],
    ),
    "five digits, no extension": (
        "cube.animation_data_clear(); scene.render.use_file_extension = False;"
        "scene.frame_start, scene.frame_end = 9999, 10000",
        (),
        [9999, 10000],
    ),
    "override": ("scene.frame_end = 1", ("--set", "resolutionPercentage=150"), [1]),
}


def pixels(path: Path):
    """Size, whether it is a float image, and all channels as floats without color conversion."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(values)
    result = (tuple(image.size), image.is_float, values)
    bpy.data.images.remove(image)
    return result


def make(folder: Path, change: str) -> Path:
    (folder / "textures").mkdir(parents=True)
    command = [sys.executable, "-c", MAKE, str(folder), change]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)
    return folder / "shot.blend"


def render_at_home(blend: Path, target: Path, frames: list[int], before: str = "") -> None:
    script = RENDER.replace("scene = bpy.context.scene", f"scene = bpy.context.scene\n{before}")
    command = [sys.executable, "-c", script, str(blend), str(target), ",".join(map(str, frames))]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("case", CASES)
def test_frames_are_pixel_equal_to_a_render_at_home(case, installed, plain_farm, tmp_path):
    change, arguments, frames = CASES[case]
    blend = make(tmp_path / "my project", change)
    before = "scene.render.resolution_percentage = 150" if case == "override" else ""
    render_at_home(blend, tmp_path / "home", frames, before)

    installed.farm = plain_farm
    done = installed.run(blend, "submit", "--wait", "--download", *arguments)

    assert done.code == 0, done.stderr
    job = done.document["job"]
    assert job["stage"] == "finished"
    assert job["frames"]["expected"] == frames
    assert job["frames"]["missing"] == []
    folder = Path(job["output"])
    assert folder == blend.parent / "renderjuice" / "shot" / "shot"
    at_home = sorted((tmp_path / "home").iterdir())
    assert [p.name for p in at_home] == sorted(p.name for p in folder.glob("[!.]*"))
    for path in at_home:
        size, is_float, values = pixels(path)
        other_size, other_float, others = pixels(folder / path.name)
        assert (size, is_float) == (other_size, other_float)
        assert values.std() > 0.01, "an empty picture proves nothing"
        assert np.array_equal(values, others), (
            f"{path.name} differs by {abs(values - others).max()}"
        )


def test_the_worker_runs_on_the_wheels_of_the_zip(installed, farm, tmp_path):
    """Not on packages that happen to be installed for this test's Python."""
    blend = make(tmp_path / "project", "scene.frame_end = 1")
    farm.settings(seconds_per_frame=20.0)
    installed.farm = farm
    running = installed.start(blend, "submit", "--wait")
    try:
        worker = children(running.pid, "worker/main.py")
        maps = Path(f"/proc/{worker}/maps").read_text(encoding="utf-8")
        (library,) = {line.split()[-1] for line in maps.splitlines() if "pydantic_core" in line}
        assert library.startswith(str(installed.resources / "extensions" / ".local"))
    finally:
        running.kill()
        running.communicate()


def children(parent: int, script: str) -> int:
    """The ID of the child of `parent` that runs `script`, once it has loaded its imports."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                below = f"PPid:\t{parent}\n" in status.read_text(encoding="utf-8")
                named = script.encode() in (status.parent / "cmdline").read_bytes()
                loaded = "pydantic_core" in (status.parent / "maps").read_text(encoding="utf-8")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if below and named and loaded:
                return int(status.parent.name)
        time.sleep(0.05)
    raise AssertionError(f"no {script} below {parent}")


def test_submit_from_a_script_blocks_until_the_render_is_started(
    installed, farm_with_blender, tmp_path
):
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    installed.farm = farm_with_blender
    script = (
        "import sys;"
        "bpy.ops.wm.open_mainfile(filepath=sys.argv[-1]);"
        "before = bpy.data.is_dirty, bpy.data.filepath;"
        "assert bpy.ops.renderjuice.submit(wait=True) == {'FINISHED'};"
        "assert (bpy.data.is_dirty, bpy.data.filepath) == before"
    )
    renders = farm_with_blender.renders()
    done = installed.python("-c", ENABLE + script, str(blend))
    assert done.returncode == 0, done.stderr
    assert farm_with_blender.renders() - renders == 1
    frames = sorted(p.name for p in (blend.parent / "renderjuice/shot/shot").glob("[!.]*"))
    assert frames == ["shot_0001.png", "shot_0002.png"]


def test_files_of_a_node_and_of_both_eyes_come_home(installed, farm_with_blender, tmp_path):
    nodes = (
        f"sys.path.insert(0, {str(ROOT)!r}); from tests.farm.tests import make_scenes;"
        "make_scenes.file_outputs(folder); make_scenes.two_eyes(folder); scene.frame_end = 2"
    )
    blend = make(tmp_path / "project", nodes)
    installed.farm = farm_with_blender
    done = installed.run(blend, "submit", "--wait", "--download")
    assert done.code == 0, done.stderr
    job = done.document["job"]
    assert job["frames"]["missing"] == []
    folder = Path(job["output"])
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    frames = job["frames"]
    assert found == sorted(frames["downloaded"] + frames["otherFiles"])
    eyes = [name for name in found if name.endswith(("_L.png", "_R.png")) and "/" not in name]
    assert len(eyes) == 4, "two frames of two eyes, where Blender puts them"
    passes = [name for name in found if name.startswith("Passes/")]
    assert len(passes) >= 4, "two frames of two inputs of the node"
    assert (frames["downloaded"], frames["otherFiles"]) == (sorted(eyes), sorted(passes))
    assert (frames["here"], frames["expected"]) == (2, [1, 2])
