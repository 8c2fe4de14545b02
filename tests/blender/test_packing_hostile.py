"""A scene from an untrusted source: packing runs none of its code and follows no link out of it."""

import subprocess
import sys
from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.packages import members, trace

SCRIPT = """
import bpy
def note(*_):
    open({marker!r}, "a").write("handler ")
bpy.app.handlers.load_post.append(note)
bpy.app.handlers.frame_change_post.append(note)
bpy.app.driver_namespace["note"] = note
open({marker!r}, "a").write("text ")
"""
MODULE = "open({marker!r}, 'a').write(__name__ + ' ')\n"


def hostile(root: Path, marker: Path) -> Path:
    """A scene that writes to `marker` wherever its own Python code runs."""
    projects.new_scene()
    text = bpy.data.texts.new("start.py")
    text.write(SCRIPT.format(marker=str(marker)))
    text.use_module = True
    plane = projects.show(projects.plane(projects.material()[0]))
    driver = plane.driver_add("location", 0).driver
    driver.type = "SCRIPTED"
    bpy.data.texts.new("driver.py").write(f"open({str(marker)!r}, 'a').write('driver ')")
    driver.expression = 'len([bpy.data.texts["driver.py"].as_module()])'
    blend = projects.save(root / "shot.blend")
    for name in ("json", "os", "bpy", "renderjuice", "requests", "runpy", "sitecustomize"):
        (root / f"{name}.py").write_text(MODULE.format(marker=str(marker)), encoding="utf-8")
    return blend


def test_no_python_of_a_scene_runs_while_it_is_packed(tmp_path: Path, monkeypatch) -> None:
    marker = tmp_path / "ran"
    blend = hostile(tmp_path / "project", marker)
    marker.unlink(missing_ok=True)
    monkeypatch.chdir(blend.parent)
    assert members(trace(blend, tmp_path / "scratch")) == ["shot.blend"]
    assert not marker.exists()
    monkeypatch.chdir(tmp_path)

    # Control: where scripts are allowed, the marker is written.
    trusting = "import sys, bpy; bpy.ops.wm.open_mainfile(filepath=sys.argv[-1], use_scripts=True)"
    frame = "; bpy.context.scene.frame_set(3); import os; os._exit(0)"
    command = [sys.executable, "-c", trusting + frame, str(blend)]
    # Some builds of the module crash here or hang at exit; the scene's code has run by then.
    subprocess.run(command, timeout=60, capture_output=True, check=False)
    assert {"text", "driver"} <= set(marker.read_text(encoding="utf-8").split())


def test_a_bake_folder_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    projects.new_scene()
    plane = projects.show(projects.plane(projects.material()[0]))
    nodes = plane.modifiers.new("Nodes", "NODES")
    nodes.node_group = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    cache = tmp_path / "project/cache"
    (cache / "12/blobs").mkdir(parents=True)
    (cache / "12/blobs/1_1.blob").write_text("1", encoding="utf-8")
    (cache / "12/blobs/2_1.blob").symlink_to(secret)
    (cache / "more").symlink_to("/etc")
    nodes.bake_directory = str(cache)
    blend = projects.save(tmp_path / "project/shot.blend")
    manifest = trace(blend, tmp_path / "scratch")
    sources = [file.source for file in manifest.files]
    assert str(cache / "12/blobs/1_1.blob") in sources
    assert not [path for path in sources if "2_1.blob" in path or "/more/" in path]
    found = {(one.id, one.level, Path(one.path).name) for one in manifest.checks}
    assert found == {("leads-out", "error", "2_1.blob"), ("leads-out", "error", "more")}
    assert all("Put a copy of the file in its place" in one.message for one in manifest.checks)


def test_a_shader_has_only_shaders_travel(tmp_path: Path) -> None:
    if not projects.has_osl():
        pytest.skip("this bpy cannot read the sockets of an OSL script: it comes without oslquery")
    scene = projects.new_scene()
    scene.cycles.shading_system = True
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "id_rsa").write_text("secret", encoding="utf-8")
    (root / "near.h").write_text("#define NEAR 1\n", encoding="utf-8")
    (root / "a.osl").write_text(
        '#include "/etc/passwd"\n#include "../id_rsa"\n#include "near.h"\n'
        "shader a(output color C = 0) { C = color(NEAR); }\n",
        encoding="utf-8",
    )
    made, _ = projects.material()
    node = made.node_tree.nodes.new("ShaderNodeScript")
    node.mode, node.filepath = "EXTERNAL", str(root / "a.osl")
    projects.show(projects.plane(made))
    names = members(trace(projects.save(root / "shot.blend"), tmp_path / "scratch"))
    assert sorted(name.rpartition("/")[2] for name in names) == ["a.osl", "near.h", "shot.blend"]
