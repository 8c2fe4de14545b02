"""Saving a copy does not change the open session."""

from pathlib import Path

import pytest
from renderjuice.scene import copy

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture(autouse=True)
def empty():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def image(path):
    made = bpy.data.images.new("wood", 2, 2)
    made.filepath_raw, made.file_format = str(path), "PNG"
    made.save()
    bpy.data.images.remove(made)
    loaded = bpy.data.images.load(str(path))
    loaded.use_fake_user = True
    return loaded


def test_an_open_file(tmp_path):
    project, scratch = tmp_path / "project", tmp_path / "scratch"
    project.mkdir()
    scratch.mkdir()
    texture = image(project / "wood.png")
    original = project / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(original))
    texture.filepath = "//wood.png"
    bpy.data.objects.new("Later", None).use_fake_user = True  # not saved in the original
    stamp, dirty = original.stat().st_mtime_ns, bpy.data.is_dirty

    copy.save_copy(str(scratch / "copy.blend"))

    assert bpy.data.filepath == str(original)
    assert bpy.data.is_dirty == dirty
    assert texture.filepath == "//wood.png"
    assert original.stat().st_mtime_ns == stamp
    assert sorted(path.name for path in project.iterdir()) == ["shot.blend", "wood.png"]
    assert (scratch / "copy.blend").read_bytes()[:4] == b"\x28\xb5\x2f\xfd"  # zstd

    bpy.ops.wm.open_mainfile(filepath=str(scratch / "copy.blend"))
    assert "Later" in bpy.data.objects
    assert bpy.data.images["wood.png"].filepath == "//wood.png"


def test_a_file_that_was_never_saved(tmp_path):
    copy.save_copy(str(tmp_path / "copy.blend"))
    assert bpy.data.filepath == ""
    assert (tmp_path / "copy.blend").is_file()


def test_libraries_are_found_from_the_copy_and_keep_their_paths_here(tmp_path):
    for name in ("project/shots", "project/library", "scratch"):
        (tmp_path / name).mkdir(parents=True)
    bpy.data.materials.new("Wood").use_fake_user = True
    library = tmp_path / "project/library/wood.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "project/shots/shot.blend"))
    with bpy.data.libraries.load(str(library), link=True, relative=True) as (_, to):
        to.materials = ["Wood"]
    mesh = bpy.data.meshes.new("Table")
    mesh.materials.append(to.materials[0])
    mesh.use_fake_user = True

    copy.save_copy(str(tmp_path / "scratch/copy.blend"))

    assert [each.filepath for each in bpy.data.libraries] == [f"//{Path('../library/wood.blend')}"]
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scratch/copy.blend"))
    assert [each.filepath for each in bpy.data.libraries] == [str(library)]
    assert not bpy.data.materials["Wood"].is_missing


def test_nothing_is_packed_by_itself(tmp_path):
    texture = image(tmp_path / "wood.png")
    bpy.data.use_autopack = True
    copy.save_copy(str(tmp_path / "copy.blend"))
    assert bpy.data.use_autopack
    assert texture.packed_file is None
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "copy.blend"))
    assert bpy.data.images["wood.png"].packed_file is None


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RuntimeError):
        copy.save_copy(str(tmp_path / "gone" / "copy.blend"))
