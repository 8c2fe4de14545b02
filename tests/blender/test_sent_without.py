"""A scene is sent without missing files if the user accepts it, for these files in this scene."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import archive
from renderjuice.scene import ignored, properties, sent_without
from renderjuice.scene.checks import Check

from tests import projects
from tests.packages import relocated_blender, unpack

PINK = [1.0, 0.0, 1.0, 1.0]


@pytest.fixture
def scene() -> Any:
    properties.register()
    yield projects.new_scene()
    properties.unregister()


@pytest.fixture
def project(scene: Any, tmp_path: Path) -> Path:
    """Two planes with the textures wood.png and ash.png, both missing.

    The scene is set to be sent without ash.png. The file has a second scene with the same objects.
    """
    textures = [projects.picture(tmp_path / f"home/tex/{name}.png") for name in ("wood", "ash")]
    for number, path in enumerate(textures):
        material = projects.image_material(bpy.data.images.load(str(path)))
        plane = projects.show(projects.plane(material))
        plane.location.x = plane.location.z = number
    blend = projects.save(tmp_path / "home/shot.blend")
    sent_without.add(scene, str(textures[1]))
    other = bpy.data.scenes.new("Other")
    other.camera = scene.camera
    for each in scene.collection.objects:
        other.collection.objects.link(each)
    projects.save(blend)
    for path in textures:
        path.unlink()
    return blend


def test_a_file_is_kept_once_and_moves_with_the_project(scene: Any, tmp_path: Path) -> None:
    outside = str(tmp_path / "elsewhere.png")
    blend = projects.save(tmp_path / "home/shot.blend")
    for path in (str(tmp_path / "home/tex/wood.png"), outside, outside):
        sent_without.add(scene, path)
    kept = [entry.path for entry in scene.renderjuice_sent_without]
    assert kept == ["//tex/wood.png", outside]
    projects.save(blend)
    moved = blend.parent.rename(tmp_path / "moved")
    bpy.ops.wm.open_mainfile(filepath=str(moved / "shot.blend"))
    scene = bpy.context.scene
    assert sent_without.read(scene) == {str(moved / "tex/wood.png"), outside}
    assert sent_without.read(bpy.data.scenes.new("Other")) == set()
    sent_without.remove(scene, "//tex/wood.png")
    assert sent_without.read(scene) == {outside}


def test_a_warning_is_ignored_for_what_it_is_about_and_errors_never_are(
    scene: Any, tmp_path: Path
) -> None:
    projects.save(tmp_path / "home/shot.blend")
    wood = str(tmp_path / "home/tex/wood.png")
    flag = Check("unbaked-simulation", "warning", "Flag is not baked.", "Flag", id_type="OBJECT")
    hidden = Check("missing-unrendered", "warning", "Hidden.", "wood.png", wood)
    off = Check("placeholders", "note", "They are off.")
    checks = [flag, hidden, off]
    others = [
        replace(flag, datablock="Sail"),
        replace(flag, id="missing-cache"),
        replace(flag, level="error"),
        replace(hidden, path=str(tmp_path / "home/wood.png")),
        replace(off, message="They are on."),
    ]
    for each in checks * 2:
        ignored.add(scene, each)
    assert len(scene.renderjuice_ignored) == 3
    assert ignored.without([*checks, *others], scene) == others
    assert ignored.without(checks, bpy.data.scenes.new("Other")) == checks
    kept = {entry.title: (entry.check, entry.about) for entry in scene.renderjuice_ignored}
    assert kept["wood.png"] == ("missing-unrendered", "//tex/wood.png")
    ignored.remove(scene, *kept["wood.png"])
    assert ignored.without(checks, scene) == [hidden]


@pytest.mark.skipif(sys.platform == "darwin", reason="names on this disk are UTF-8")
def test_a_name_that_is_no_utf_8(scene: Any) -> None:
    path = os.fsdecode(b"/s/w\xff.png")
    sent_without.add(scene, path)
    assert sent_without.read(scene) == {path}


def test_what_is_allowed_covers_no_other_file_and_no_other_scene(user, project, tmp_path):
    wood, ash = (str(project.parent / f"tex/{name}.png") for name in ("wood", "ash"))
    done = user.run(project, "pack", "--output", str(tmp_path))
    assert (done.code, done.document["error"]["id"]) == (3, "missing-file"), done.stderr
    assert wood in done.document["error"]["message"]
    assert "--allow" in done.stderr
    assert done.document["sentWithout"] == [ash]
    done = user.run(project, "check", "--scene", "Other", "--allow", "//tex/wood.png")
    levels = {check["path"]: check["level"] for check in done.document["checks"]}
    assert (done.code, levels) == (3, {wood: "warning", ash: "error"}), done.stderr


def test_the_package_renders_as_it_does_at_home(user, project, tmp_path):
    at_home = projects.render(project, tmp_path / "home.png")
    wood = str(project.parent / "tex/wood.png")
    done = user.run(project, "pack", "--output", str(tmp_path), "--allow", wood)
    assert done.code == 0, done.stderr
    assert len(done.document["sentWithout"]) == 2
    package = archive.Package(done.document["package"], done.document["kind"], 0, 0)
    top = unpack(package, tmp_path / "farm")
    assert at_home[:4] == pytest.approx(PINK, abs=1e-3)
    assert relocated_blender().render(top, tmp_path / "farm.png") == at_home


def test_a_job_names_what_it_was_sent_without(user, project):
    wood, ash = (project.parent / f"tex/{name}.png" for name in ("wood", "ash"))
    projects.picture(ash)
    done = user.run(project, "submit", "--download", "--frames", "1", "--allow", str(wood))
    assert done.code == 0, done.stderr
    assert done.document["job"]["sentWithout"] == [str(wood)], "the other one is back"
    assert f"Sent without {wood}." in done.stderr


ALL = """
import json, os, sys
scan, session = ours("session.scan"), ours("session.state")
Check = ours("scene.check").Check
scene = bpy.context.scene
found = [Check("missing-file", "error", "Gone.", name, f"/s/{name}") for name in ("a", "b")]
found.append(Check("lfs-pointer", "error", "A pointer.", "c", "/s/c"))
for _ in range(2):  # the first one finds that there is no key
    scan.refresh(scene)
held = session.state.scans[scene.session_uid]
held.result = ours("jobs.protocol").ScanResult("scan", checks=tuple(found))
held.pressed = held.seen
counts = [scan.results(scene).blocking_errors]
bpy.ops.renderjuice.send_anyway(every=True)
counts.append(scan.results(scene).blocking_errors)
bpy.ops.renderjuice.report_again(path="/s/a")
counts.append(scan.results(scene).blocking_errors)
print("COUNTS", json.dumps(counts))
sys.stdout.flush()
os._exit(0)  # the module of 4.2 crashes at its end when modules with a property's getter are gone
"""


def test_all_are_sent_without_by_one_press(installed):
    assert installed.said(ALL, "COUNTS") == [3, 1, 2]


def test_the_command_line_names_missing_files_by_folder_and_counts_what_is_ignored(user, project):
    bpy.data.texts.new("run.py").use_module = True
    ignored.add(bpy.data.scenes["Other"], Check("scripts", "warning", "Runs.", "run.py"))
    projects.save(project)
    done = user.run(project, "check", "--scene", "Other")
    assert done.code == 3
    ids = sorted(check["id"] for check in done.document["checks"])
    assert ids == ["missing-file", "missing-file", "scripts"], "the document has all, each alone"
    said = done.stderr.splitlines()
    start = said.index(f"error: 2 images are missing in {project.parent / 'tex'}.")
    assert sorted(said[start + 1 : start + 3]) == ["  ash.png", "  wood.png"]
    assert "1 more is ignored, as this scene remembers; --json lists all." in said
    assert "run.py" not in done.stderr
