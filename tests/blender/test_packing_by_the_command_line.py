"""The command line packs the files that Blender shows, resolved from the path that was given."""

import os
from pathlib import Path

import bpy

from tests import projects
from tests.blender.test_end_to_end import make
from tests.catalogue import libraries, simulations


def sources(done) -> dict[str, str]:
    assert done.code == 0, done.stderr
    return {file["path"]: file["source"] for file in done.document["files"]}


def test_links_are_followed_as_blender_does(user, tmp_path):
    """In a symlinked folder, `//../` is the parent of the link, not of the folder it points to."""
    deep = tmp_path / "disk/shots/010"
    (tmp_path / "project").mkdir(parents=True)
    deep.parent.mkdir(parents=True)
    (tmp_path / "project/shot").symlink_to(deep)
    right = projects.picture(tmp_path / "project/wood.png")
    projects.picture(deep.parent / "wood.png", (0, 0, 1))
    projects.new_scene()
    image = bpy.data.images.load(str(right))
    projects.show(projects.plane(projects.image_material(image)))
    deep.mkdir()
    projects.save(deep / "shot.blend")
    image.filepath_raw = "//../wood.png"
    bpy.ops.wm.save_as_mainfile(filepath=str(deep / "shot.blend"), relative_remap=False)
    target = tmp_path / "package.zip"
    done = user.run(tmp_path / "project/shot/shot.blend", "pack", "--output", str(target))
    assert sources(done)["files/wood.png"] == str(right)


def test_a_file_that_is_a_link_has_its_textures_beside_the_link(user, tmp_path):
    blend = make(tmp_path / "work", "scene.frame_end = 1")
    moved = blend.rename(tmp_path / "shot_v003.blend")
    blend.with_name("shot_latest.blend").symlink_to(moved)
    target = tmp_path / "package.zip"
    done = user.run(blend.with_name("shot_latest.blend"), "pack", "--output", str(target))
    found = sources(done)
    assert found["files/grid.png"] == str(tmp_path / "work/textures/grid.png")
    assert "shot_latest.blend" in found


def test_a_library_that_cannot_be_read_does_not_keep_the_file_from_being_opened(user, tmp_path):
    blend = libraries.linked(tmp_path)
    (library,) = tmp_path.rglob("chair.blend")
    library.write_bytes(library.read_bytes()[:2000])
    done = user.run(blend, "check")
    assert done.code == 3, done.stderr
    assert [one["id"] for one in done.document["checks"]] == ["unreadable-library"]


def test_the_name_of_the_package_must_fit_what_it_is(user, tmp_path):
    alone = make(tmp_path / "project", "scene.frame_end = 1; bpy.ops.file.pack_all()")
    target = tmp_path / "package.zip"
    done = user.run(alone, "pack", "--output", str(target))
    assert (done.code, done.document["error"]["id"]) == (2, "package-name"), done.stderr
    assert ".blend" in done.stderr
    assert not target.exists()
    done = user.run(alone, "pack", "--output", str(tmp_path / "package.BLEND"))
    assert (done.code, done.document["kind"]) == (0, "blend"), done.stderr


def test_a_package_replaces_no_file(user, tmp_path):
    """In the project folder, the package would have the same name as the scene file."""
    alone = make(tmp_path / "project", "scene.frame_end = 1; bpy.ops.file.pack_all()")
    before, kept = alone.read_bytes(), tmp_path / "shot.blend"
    kept.write_bytes(b"a backup")
    for target, more in ((alone.parent, ["--overwrite"]), (alone, ["--overwrite"]), (kept, [])):
        done = user.run(alone, "pack", "--output", str(target), *more)
        assert (done.code, done.document["error"]["id"]) == (2, "file-exists"), done.stderr
    assert (alone.read_bytes(), kept.read_bytes()) == (before, b"a backup")
    assert {path.name for path in tmp_path.glob("*")} == {"project", "shot.blend", "user"}
    done = user.run(alone, "pack", "--output", str(kept), "--overwrite")
    assert done.code == 0, done.stderr
    assert kept.read_bytes() != b"a backup"


def test_pack_says_what_check_says(user, tmp_path):
    change = "scene.frame_end = 1; bpy.data.texts.new('run.py').use_module = True"
    done = user.run(make(tmp_path / "project", change), "pack", "--output", str(tmp_path))
    assert done.code == 0, done.stderr
    assert "warning: " in done.stderr
    assert "run.py" in done.stderr
    assert Path(done.document["package"]) == tmp_path / "shot.zip"


def test_what_no_frame_of_the_job_reads_stays_and_is_told(user, tmp_path):
    scene = projects.new_scene()
    scene.frame_start, scene.frame_end = 2, 4
    for number in range(1, 7):
        projects.picture(tmp_path / f"tex/flame_{number:04}.png", (number / 6, 0, 0))
    image = bpy.data.images.load(str(tmp_path / "tex/flame_0001.png"))
    image.source = "SEQUENCE"
    made = projects.image_material(image)
    user_of_image = next(n for n in made.node_tree.nodes if hasattr(n, "image_user")).image_user
    user_of_image.frame_duration, user_of_image.use_auto_refresh = 6, True
    projects.show(projects.plane(made))
    blend = projects.save(tmp_path / "shot.blend")
    target = tmp_path / "package.zip"

    def packed(*frames: str) -> tuple[list[str], int]:
        done = user.run(blend, "pack", "--output", str(target), *frames)
        (trimmed,) = done.document["trimmed"]
        assert trimmed["path"] == str(tmp_path / "tex/flame_####.png")
        assert f"{trimmed['stay']} of 6 files of flame_####.png stay here (" in done.stderr
        return sorted(name[-5:-4] for name in sources(done) if "flame" in name), trimmed["stay"]

    assert packed() == (["1", "2", "3", "4"], 2), "the scene's range"
    target.unlink()
    assert packed("--frames", "5") == (["1", "5"], 4)


def test_a_package_that_does_not_fit_the_disk_is_not_begun(user, tmp_path):
    blend = make(tmp_path / "project", "scene.frame_end = 1")
    texture = next(blend.with_name("textures").glob("*.png"))
    os.truncate(texture, 1 << 43)  # holes: it takes no room
    done = user.run(blend, "pack", "--output", str(tmp_path))
    assert (done.code, done.document["error"]["id"]) == (5, "disk-space"), done.stderr
    assert not list(tmp_path.glob("*.zip"))


def test_simulations_are_baked_in_the_package_unless_none_is_said(user, tmp_path):
    blend = simulations.hair(tmp_path / "work")
    pack = ("pack", "--frames", "3", "--output", str(tmp_path))
    baked = sources(user.run(blend, *pack))
    assert sum(path.startswith("blendcache_shot/") for path in baked) == 3
    assert list(sources(user.run(blend, *pack, "--bake", "none"))) == ["shot.blend"]


def test_a_frame_of_a_simulation_that_nobody_has_baked_comes_as_it_is_played(
    installed, plain_farm, tmp_path
):
    blend = simulations.cloth(tmp_path / "work")
    settings = bpy.context.scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "16"
    projects.save(blend)
    wanted = simulations.played(blend, tmp_path / "played.png")
    installed.farm = plain_farm
    frame = str(simulations.FRAME)
    asked = ("--wait", "--download", "--bake", "all")  # a slow machine takes its time
    done = installed.run(blend, "submit", "--frames", frame, *asked)
    assert (done.code, done.document["job"]["bake"]) == (0, "all"), done.stderr
    (file,) = Path(done.document["job"]["output"]).glob("*.png")
    assert projects.pixels(file) == wanted


def test_a_long_bake_is_asked_for_before_anything_is_sent(user, tmp_path):
    blend = simulations.without_end(tmp_path / "work")
    done = user.run(blend, "submit", "--frames", str(simulations.MAX_FRAME))
    assert (done.code, done.document["error"]["id"]) == (4, "long-bake"), done.stderr
    assert "--bake all" in done.document["error"]["hint"]
    assert done.document["job"]["farmId"] is None
