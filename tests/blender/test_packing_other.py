"""Fonts, sounds, movies, caches and the other files that a scene can read."""

from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue import caches, images, other
from tests.packages import Case, check_travels, members, pack, trace, unpack

CASES: list[Case] = [
    *(other.font, other.scene_strip_with_texture, other.ies_light, other.alembic),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_file_travels(case: Case, tmp_path: Path) -> None:
    manifest = check_travels(case, tmp_path)
    assert len(manifest.files) == 2


def test_point_cache_lies_where_blender_looks_for_it(tmp_path: Path) -> None:
    manifest = check_travels(caches.cloth, tmp_path, visible=False, together=(".bphys",))
    assert all(name.startswith("blendcache_shot/") for name in members(manifest)[1:])


@pytest.mark.parametrize(
    ("case", "folder"),
    [
        (caches.cloth_of_a_library, "blendcache_sheet/"),
        (caches.cloth_of_a_library_without_library_path, "blendcache_shot/"),
        (caches.external_cache_of_a_library_without_library_path, "shots/simulation/"),
    ],
)
def test_point_cache_of_a_library_travels(case: Case, folder: str, tmp_path: Path) -> None:
    lists = case is not caches.external_cache_of_a_library_without_library_path
    manifest = check_travels(case, tmp_path, visible=False, together=(".bphys",), lists=lists)
    found = [name for name in members(manifest)[1:] if name.endswith(".bphys")]
    assert {name.split("_")[-2] for name in found} == {"000001", "000003", "000004"}  # of frame 4
    assert all(f"/{name}".count(f"/{folder}") for name in found)


def test_usd_layers_travel(tmp_path: Path) -> None:
    manifest = check_travels(caches.usd_with_binary_layer, tmp_path)
    found = ["files/props/chair.usdc", "files/set.usda", "files/shot.usda"]
    assert members(manifest)[1:] == found


def test_movie_clip_stays_a_sequence(tmp_path: Path) -> None:
    ends = ("p_0001.png", "p_0002.png", "p_0003.png")
    check_travels(
        images.movie_clip_from_a_sequence, tmp_path, visible=False, together=ends, frames=(1, 2, 3)
    )


def test_strips_travel(tmp_path: Path) -> None:
    # Frame 2 shows the second hand-picked picture; the first must be packed too.
    manifest = check_travels(other.image_and_movie_strips, tmp_path, visible=False)
    found = [name.rpartition("/")[2] for name in members(manifest)[1:]]
    assert found == ["clouds.mp4", "hand picked.png", "zz.png"]


def test_osl_script_travels_with_its_includes(tmp_path: Path) -> None:
    manifest = check_travels(other.osl_script_with_includes, tmp_path, visible=False)
    found = ["deep/value.h", "stripes.osl", "stripes.oso", "tint.h"]
    assert members(manifest)[1:] == [f"files/{name}" for name in found]


def test_bake_folder_travels(tmp_path: Path) -> None:
    manifest = check_travels(other.geometry_nodes_bake_on_disk, tmp_path, visible=False)
    names = members(manifest)[1:]
    assert {name.rpartition(".")[2] for name in names} == {"blob", "json"}
    top = tmp_path / "farm/some where else/shot.blend"
    with_bake = projects.render(top, tmp_path / "with.png")
    for name in names:
        (top.parent / name).unlink()
    assert projects.render(top, tmp_path / "without.png") != with_bake


BEGIN = {"vdb": b" BDV\0\0\0\0", "abc": b"Ogawa"}


def sequence_of(folder: Path, *names: str) -> str:
    """Write files with valid headers only under these names; return the path of the first."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(BEGIN[name.rpartition(".")[2]] + b"and no more")
    return str(folder / names[0])


def test_volume_and_alembic_sequences_travel(tmp_path: Path) -> None:
    """The content does not matter here, and bpy cannot write volumes."""
    projects.new_scene()
    volume = bpy.data.volumes.new("Smoke")
    volume.filepath = sequence_of(tmp_path / "vdb", "s_0002.vdb", "s_0003.vdb", "other.vdb")
    volume.is_sequence, volume.frame_duration = True, 3
    projects.show(bpy.data.objects.new("Smoke", volume))
    sequence_of(tmp_path / "abc", "c1.abc", "c2.abc")
    bpy.ops.cachefile.open(filepath=str(tmp_path / "abc/c1.abc"))
    (cache,) = bpy.data.cache_files
    cache.is_sequence = True
    plane = projects.show(projects.plane())
    plane.modifiers.new("Cache", "MESH_SEQUENCE_CACHE").cache_file = cache
    blend = projects.save(tmp_path / "project/shot.blend")
    names = ["abc/c1.abc", "abc/c2.abc", "vdb/s_0002.vdb", "vdb/s_0003.vdb"]
    manifest = trace(blend, tmp_path / "scratch", frames=[1, 2, 3])
    assert members(manifest)[1:] == [f"files/{name}" for name in names]


def test_sounds_travel(tmp_path: Path) -> None:
    projects.new_scene()
    path = tmp_path / "sound/beep.wav"
    path.parent.mkdir()
    path.write_bytes(projects.WAV)
    speaker = bpy.data.speakers.new("Speaker")
    speaker.sound = bpy.data.sounds.load(str(path))  # strips need Audaspace, not in every bpy
    projects.show(bpy.data.objects.new("Speaker", speaker))
    blend = projects.save(tmp_path / "project/shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend", "files/beep.wav"]
    bpy.ops.file.pack_all()
    projects.save(blend)
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend"]


@pytest.mark.skipif(bpy.app.version < (4, 5), reason="no Audaspace")
@pytest.mark.parametrize("case", [other.sound_in_a_strip, other.sound_in_a_strip_of_a_library])
def test_sounds_of_strips_stay(case: Case, tmp_path: Path) -> None:
    """The package does not reference them either: check_travels verifies its paths."""
    names = members(check_travels(case, tmp_path))
    assert not any(name.endswith(".wav") for name in names)


@pytest.mark.parametrize(
    ("case", "path", "datablock"),
    [
        (other.font, "fonts/Schrift 1.woff2", 'Vector Font "DejaVu Sans Mono Book"'),
        (other.image_and_movie_strips, "pictures/hand picked.png", 'Scene "Scene", strip "Picked"'),
        (other.ies_light, "ies/spot.ies", 'Point Light "Lamp"'),
        (other.mesh_cache, "caches/plane.pc2", 'Object "Plane", modifier "Cache"'),
    ],
    ids=["font", "strip", "ies", "modifier"],
)
def test_missing_files_are_named(case: Case, path: str, datablock: str, tmp_path: Path) -> None:
    blend = case(tmp_path)
    (tmp_path / path).unlink()
    manifest = trace(blend, tmp_path / "scratch")
    assert [(each.path, each.used_by) for each in manifest.missing] == [
        (str(tmp_path / path), datablock)
    ]
    check_paths_stay_inside(unpack(pack(manifest, tmp_path / "out"), tmp_path / "farm"))


def check_paths_stay_inside(top: Path) -> None:
    """The package references nothing outside itself, even if a file is missing."""
    bpy.ops.wm.open_mainfile(filepath=str(top))
    for path in bpy.utils.blend_paths(absolute=False, packed=False, local=False):
        assert path.startswith("//") and ".." not in path, path
