"""The example project that `make demo` renders is complete, movable, reproducible and loops."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_example.py"
FILES = [
    "juice.blend",
    "libraries/fruit.blend",
    "textures/orange_cut.png",
    "textures/orange_peel.png",
    "textures/window.png",
]


def run(*arguments):
    # In a separate process, as in make demo, because the script resets Blender.
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The example project, moved to another folder after it was made."""
    made = tmp_path_factory.mktemp("example") / "made here"
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(made / "juice.blend")
    moved = made.with_name("moved")
    made.rename(moved)
    yield moved
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def scene(project):
    bpy.ops.wm.open_mainfile(filepath=str(project / "juice.blend"))
    return bpy.context.scene


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def small_render(scene, frame, path):
    """Render `frame` at a tiny size and return its pixels, rows from the bottom."""
    scene.frame_set(frame)
    scene.render.resolution_percentage = 10
    scene.cycles.samples, scene.cycles.use_denoising = 2, False
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    return list(image.pixels)


def splash(scene, frame):
    """The splash mesh at `frame`: its vertex count, lowest and highest z."""
    scene.frame_set(frame)
    thing = bpy.data.objects["Splash"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(thing)
    heights = [vertex.co.z for vertex in mesh.vertices]
    return len(heights), round(min(heights), 4), round(max(heights), 4)


def test_the_project_is_these_files(project):
    assert files(project) == FILES


def test_everything_is_found_by_relative_paths(scene, project):
    library = bpy.data.libraries[0]
    pictures = {image.name: image for image in bpy.data.images}

    assert [each.filepath for each in bpy.data.libraries] == ["//libraries/fruit.blend"]
    assert pictures["window.png"].filepath == "//textures/window.png"
    assert pictures["orange_cut.png"].library == library
    assert all(image.filepath.startswith("//") for image in pictures.values())
    assert all(image.packed_file is None and image.size[0] > 0 for image in pictures.values())
    assert all(project in Path(path).parents for path in bpy.utils.blend_paths(absolute=True))


def test_it_is_a_small_cycles_animation_to_png(scene):
    assert scene.render.engine == "CYCLES"
    assert (scene.frame_start, scene.frame_end) == (1, 24)
    assert scene.render.image_settings.file_format == "PNG"
    assert scene.render.filepath.startswith("//")


def test_it_renders_and_moves(scene, tmp_path):
    calm = small_render(scene, 1, tmp_path / "calm.png")
    splashing = small_render(scene, 13, tmp_path / "splashing.png")

    reds, greens, blues = (calm[channel::4] for channel in range(3))
    assert sum(r > 2 * b > 0 for r, b in zip(reds, blues, strict=True)) > len(reds) / 10, "oranges"
    assert sum(g > r for r, g in zip(reds, greens, strict=True)) > len(reds) / 3, "on green"
    changed = sum(abs(a - b) > 0.2 for a, b in zip(calm, splashing, strict=True))
    assert changed > len(calm) / 100


def test_it_is_a_loop(scene):
    def places():
        return {
            (each.name, row, column): each.matrix_world[row][column]
            for each in scene.objects
            for row in range(3)
            for column in range(4)
        }

    scene.frame_set(1)
    first = places()
    scene.frame_set(7)
    moved = {key[0] for key, value in places().items() if abs(value - first[key]) > 0.01}
    scene.frame_set(25)

    assert places() == pytest.approx(first, abs=1e-5)
    assert moved >= {"Camera", "Slice.002", "Ice"}
    assert splash(scene, 1) == splash(scene, 25)
    assert splash(scene, 13)[2] > splash(scene, 1)[2] + 0.5


def test_it_is_the_same_every_time(project, scene, tmp_path):
    before = splash(scene, 13)
    assert run("--", tmp_path).returncode == 0

    for name in FILES[2:]:
        assert (tmp_path / name).read_bytes() == (project / name).read_bytes(), name
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "juice.blend"))
    assert splash(bpy.context.scene, 13) == before


def test_it_may_be_made_again_in_the_same_folder(project, tmp_path):
    again = tmp_path / "again"
    shutil.copytree(project, again)

    assert run(again).returncode == 0

    blends = [name for name in files(again) if not name.endswith("1")]  # not .blend1 backups
    assert blends == FILES


def test_wrong_usage(tmp_path):
    done = run()

    assert done.returncode == 2
    assert "name one folder" in done.stderr
