"""Linked libraries are packed with the files they need; libraries that nothing uses are not."""

from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue import libraries
from tests.packages import Case, check_travels, members, trace

CASES: list[Case] = [
    *(
        libraries.linked,
        libraries.by_absolute_path,
        libraries.nested_three_deep,
        libraries.two_of_one_name,
        libraries.two_spellings,
        libraries.override,
        libraries.circle,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_library_travels(case: Case, tmp_path: Path) -> None:
    check_travels(case, tmp_path)


def test_library_that_links_back_to_the_shot_finds_the_one_that_is_open(tmp_path: Path) -> None:
    """Blender reads nothing from the link, and prints "Data refers to main .blend file"."""
    manifest = check_travels(libraries.back_to_the_shot, tmp_path)
    names = ["shot.blend", "files/lib/chairs/chairs.blend", "files/tex/wood.png"]
    assert members(manifest) == names


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="Blender packs linked data since 5.0")
def test_packed_linked_data_finds_its_files(tmp_path: Path) -> None:
    manifest = check_travels(libraries.packed_by_absolute_path, tmp_path)
    assert members(manifest) == ["shot.blend", "files/tex/chair.png"]


def bundled(folder: str, name: str) -> Path:
    """The path of an asset library that is bundled with this Blender."""
    return Path(bpy.utils.system_resource("DATAFILES")) / "assets" / folder / name


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="first bundled shading nodes")
def test_node_group_bundled_with_blender_travels(tmp_path: Path) -> None:
    library = bundled("nodes", "shading_nodes_essentials.blend")
    with bpy.data.libraries.load(str(library)) as (offered, _):
        name = sorted(offered.node_groups)[0]
    projects.new_scene()
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.node_groups = [name]
    made, _ = projects.material()
    node = made.node_tree.nodes.new("ShaderNodeGroup")
    (node.node_tree,) = wanted.node_groups
    projects.show(projects.plane(made))
    blend = projects.save(tmp_path / "project/shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    assert members(manifest) == ["shot.blend", "files/shading_nodes_essentials.blend"]


@pytest.mark.skipif(bpy.app.version < (4, 3), reason="brushes are assets since 4.3")
def test_brushes_bundled_with_blender_stay(tmp_path: Path) -> None:
    library = bundled("brushes", "essentials_brushes-mesh_sculpt.blend")
    projects.new_scene()
    projects.show(projects.plane())
    with bpy.data.libraries.load(str(library), link=True) as (offered, wanted):
        wanted.brushes = offered.brushes[:1]
    wanted.brushes[0].use_fake_user = True
    local = bpy.data.brushes.new("Mine", mode="SCULPT")
    local.use_fake_user = True
    blend = projects.save(tmp_path / "shot.blend")
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend"]


def test_libraries_with_relative_paths_travel_as_they_are(tmp_path: Path) -> None:
    manifest = trace(libraries.nested_three_deep(tmp_path / "home"), tmp_path / "scratch")
    found = [file for file in manifest.files[1:] if file.name.endswith(".blend")]
    assert len(found) == 3
    assert all(Path(file.source).is_relative_to(tmp_path / "home") for file in found)


def test_only_libraries_with_wrong_paths_are_rewritten(tmp_path: Path) -> None:
    manifest = trace(
        libraries.library_with_absolute_texture(tmp_path / "home"), tmp_path / "scratch"
    )
    sources = {file.name: Path(file.source) for file in manifest.files}
    assert sources["files/chair.blend"].is_relative_to(tmp_path / "scratch")
    assert sources["files/tex/chair.png"] == tmp_path / "home/lib/tex/chair.png"


def table_by_its_own_folders_name(root: Path) -> Path:
    """The table's library links the chair as `//../lib/`, although both are in the same folder.

    Nothing else is packed, so that the folder itself has no name in the package.
    """
    chair = libraries.chair(root / "lib/chair.blend")

    def make() -> bpy.types.Object:
        (made,) = projects.linked(chair, "Chair")
        return projects.plane(made.data.materials[0], "Table")

    table = projects.library(root / "lib/table.blend", make)
    bpy.data.libraries[0].filepath = "//../lib/chair.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(table), relative_remap=False)
    projects.new_scene()
    projects.show(projects.linked(table, "Table")[0])
    return projects.save(root / "shot.blend")


def test_library_that_is_named_in_a_roundabout_way_travels(tmp_path: Path) -> None:
    check_travels(table_by_its_own_folders_name, tmp_path)


def test_library_that_nothing_is_linked_from_stays(tmp_path: Path) -> None:
    used, unused = (
        libraries.chair(tmp_path / "a/used.blend"),
        libraries.chair(tmp_path / "b/unused.blend", libraries.BLUE),
    )
    projects.new_scene()
    projects.show(projects.linked(used, "Chair")[0])
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(projects.linked(unused, "Chair")[0])
    blend = projects.save(tmp_path / "shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    assert members(manifest) == ["shot.blend", "files/tex/used.png", "files/used.blend"]


def test_missing_library_is_named_once(tmp_path: Path) -> None:
    blend = libraries.linked(tmp_path)
    (tmp_path / "project/lib/chair.blend").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/chair.blend")
    assert missing.used_by == 'Library "chair.blend"'


def test_missing_library_of_a_library_is_named(tmp_path: Path) -> None:
    blend = libraries.nested_three_deep(tmp_path)
    (tmp_path / "wood/wood.blend").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "wood/wood.blend")


def test_missing_texture_of_a_library_is_named_with_the_library(tmp_path: Path) -> None:
    blend = libraries.linked(tmp_path)
    (tmp_path / "project/lib/tex/chair.png").unlink()
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/tex/chair.png")
    library = tmp_path / "project/lib/chair.blend"
    assert missing.used_by == f'Image "chair.png" (linked from {library})'


def test_data_block_that_left_its_library_is_named(tmp_path: Path) -> None:
    blend = libraries.linked(tmp_path)
    projects.library(tmp_path / "project/lib/chair.blend", lambda: projects.plane(name="Stool"))
    (missing,) = trace(blend, tmp_path / "scratch").missing
    assert missing.path == str(tmp_path / "project/lib/chair.blend")
    assert missing.used_by.startswith('Object "Chair"')
