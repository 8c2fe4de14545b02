"""Keys and passwords are never packed, wherever in a scene a path points to them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing.manifest import Manifest

from tests import projects
from tests.packages import members, trace
from tests.unit.test_packing_content import SECRETS

pytestmark = pytest.mark.our_code_alone

Name = Callable[[str], None]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with secrets that must not be packed, and Renderjuice's state folder in it."""
    home = tmp_path / "home"
    for name, text in SECRETS.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    projects.new_scene()
    projects.picture(home / "state/scratch/0123456789ab/preview.png")
    (home / "state/key").write_text(SECRETS["key"], encoding="utf-8")
    (home / "state/jobs").mkdir()
    (home / "state/jobs/0123456789ab.json").write_text("{}", encoding="utf-8")
    return home


def image(path: str) -> None:
    made = bpy.data.images.new("image", 1, 1)
    made.source, made.filepath_raw = "FILE", path
    projects.show(projects.plane(projects.image_material(made)))


def sequence(path: str) -> None:
    image(path)
    bpy.data.images[-1].source = "SEQUENCE"


def photometric(path: str) -> None:
    material, emission = projects.material()
    node = material.node_tree.nodes.new("ShaderNodeTexIES")
    node.mode, node.filepath = "EXTERNAL", path
    material.node_tree.links.new(node.outputs[0], emission.inputs["Strength"])
    projects.show(projects.plane(material))


def script(path: str) -> None:
    material, _ = projects.material()
    node = material.node_tree.nodes.new("ShaderNodeScript")
    node.mode, node.filepath = "EXTERNAL", path
    projects.show(projects.plane(material))


def volume(path: str) -> None:
    made = bpy.data.volumes.new("volume")
    made.filepath = path
    projects.show(bpy.data.objects.new("volume", made))


def sound(path: str) -> None:
    projects.show(projects.plane())
    wav = projects_wav()
    speaker = bpy.data.objects.new("speaker", bpy.data.speakers.new("speaker"))
    speaker.data.sound = bpy.data.sounds.load(str(wav))
    speaker.data.sound.filepath = path
    projects.show(speaker)


def projects_wav() -> Path:
    path = Path(bpy.app.tempdir) / "beep.wav"
    path.write_bytes(projects.WAV)
    return path


def font(path: str) -> None:
    shutil.copyfile(projects.FONTS / "DejaVuSansMono.woff2", Path(bpy.app.tempdir) / "a.woff2")
    text = bpy.data.curves.new("text", "FONT")
    text.font = bpy.data.fonts.load(str(Path(bpy.app.tempdir) / "a.woff2"))
    text.font.filepath = path
    projects.show(bpy.data.objects.new("text", text))


def clip(path: str) -> None:
    picture = projects.picture(Path(bpy.app.tempdir) / "clip.png")
    made = bpy.data.movieclips.load(str(picture))
    constrained = projects.show(projects.plane())
    constrained.constraints.new("FOLLOW_TRACK").clip = made
    made.filepath = path


def mesh_cache(path: str) -> None:
    modifier = projects.show(projects.plane()).modifiers.new("Cache", "MESH_CACHE")
    modifier.filepath = path


def cache_file(path: str) -> None:
    projects.show(projects.plane())
    bpy.ops.mesh.primitive_plane_add()
    abc = Path(bpy.app.tempdir) / "plane.abc"
    bpy.ops.wm.alembic_export(filepath=str(abc), start=1, end=1, as_background_job=False)
    bpy.ops.cachefile.open(filepath=str(abc))
    modifier = bpy.context.object.modifiers.new("Cache", "MESH_SEQUENCE_CACHE")
    (modifier.cache_file,) = bpy.data.cache_files
    modifier.cache_file.filepath = path


def image_strip(path: str) -> None:
    strips = projects.strips(bpy.context.scene.sequence_editor_create())
    strips.new_image("strip", path, channel=1, frame_start=1)


def movie_strip(path: str) -> None:
    strips = projects.strips(bpy.context.scene.sequence_editor_create())
    strips.new_movie("strip", path, channel=1, frame_start=1)


def nodes_modifier() -> Any:
    modifier = projects.show(projects.plane()).modifiers.new("Nodes", "NODES")
    modifier.node_group = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    return modifier


def import_node(path: str) -> None:
    modifier = nodes_modifier()
    node = modifier.node_group.nodes.new("GeometryNodeImportText")
    socket = next(each for each in node.inputs if each.bl_idname == "NodeSocketStringFilePath")
    socket.default_value = path


FILES = [
    *(image, sequence, photometric, script, volume, sound, font, clip, mesh_cache, cache_file),
    *(image_strip, movie_strip, import_node),
]


def fluid(path: str) -> None:
    modifier = projects.show(projects.plane()).modifiers.new("Fluid", "FLUID")
    modifier.show_viewport = False  # the module crashes if it simulates
    modifier.fluid_type = "DOMAIN"
    modifier.domain_settings.cache_directory = path


def bake_folder(path: str) -> None:
    nodes_modifier().bake_directory = path


def point_cache(path: str) -> None:
    cache = projects.show(projects.plane()).modifiers.new("Cloth", "CLOTH").point_cache
    cache.use_external, cache.filepath, cache.name = True, path, "key"


FOLDERS = [fluid, bake_folder, point_cache]


def traced(home: Path) -> Manifest:
    blend = projects.save(home / "project/shot.blend", relative=False)
    return trace(blend, home.parent / "scratch", state=str(home / "state"))


@pytest.mark.parametrize("name", [*SECRETS, "state/key", "state/scratch/0123456789ab/preview.png"])
@pytest.mark.parametrize("use", FILES)
def test_a_file_that_is_not_of_its_kind(use: Name, name: str, home: Path) -> None:
    if use is import_node and bpy.app.version < (4, 5):
        pytest.skip("nodes import files since 4.5")
    use(str(home / name))
    manifest = traced(home)
    assert members(manifest) == ["shot.blend"]
    if use is sequence:
        return  # a name without a number is no sequence
    assert [(check.level, Path(check.path).name) for check in manifest.checks] == [
        ("error", Path(name).name)
    ]
    assert {check.id for check in manifest.checks} == {
        "own-file" if name.startswith("state/") else "wrong-content"
    }


@pytest.mark.parametrize("use", FOLDERS)
def test_a_home_folder_as_a_cache(use: Name, home: Path) -> None:
    use(str(home))
    assert members(traced(home)) == ["shot.blend"]


@pytest.mark.parametrize("use", FOLDERS)
def test_the_state_folder_as_a_cache(use: Name, home: Path) -> None:
    use(str(home / "state"))
    assert members(traced(home)) == ["shot.blend"]


def test_a_link_to_a_secret(home: Path) -> None:
    (home / "project").mkdir()
    (home / "project/wood.png").symlink_to(home / ".ssh/id_ed25519")
    (home / "project/oak.png").symlink_to(home / "state/key")
    image(str(home / "project/wood.png"))
    image(str(home / "project/oak.png"))
    manifest = traced(home)
    assert members(manifest) == ["shot.blend"]
    assert sorted(check.id for check in manifest.checks) == ["own-file", "wrong-content"]


def test_a_project_in_the_state_folder_travels(home: Path) -> None:
    """On a render farm, all data of a job may be in one folder."""
    image(str(projects.picture(home / "state/textures/wood.png")))
    blend = projects.save(home / "state/shot.blend")
    manifest = trace(blend, home.parent / "scratch", state=str(home / "state"))
    assert members(manifest) == ["shot.blend", "files/wood.png"]
    assert manifest.checks == ()
