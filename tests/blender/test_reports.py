"""The report on a scene before anything is sent: its files by kind, and what cannot be packed."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

from renderjuice.jobs import protocol, worker_events  # noqa: E402
from renderjuice.packing import command, findings, manifest  # noqa: E402
from renderjuice.packing.imports import FILE_PATH  # noqa: E402
from renderjuice.system import scratch  # noqa: E402

from tests import projects  # noqa: E402
from tests.packages import request, trace  # noqa: E402
from tests.worker import Worker  # noqa: E402


def shown(path: Path) -> bpy.types.Object:
    """An object with the picture at `path` as its texture."""
    image = bpy.data.images.load(str(path))
    return projects.show(projects.plane(projects.image_material(image)))


def kinds(made: manifest.Manifest) -> dict[str, int]:
    return {each.kind: each.count for each in manifest.by_kind(made).kinds}


def test_files_by_kind(tmp_path: Path) -> None:
    projects.new_scene()
    shown(projects.picture(tmp_path / "library/tile.png"))
    library = projects.save(tmp_path / "library/tiles.blend")

    projects.new_scene()
    with bpy.data.libraries.load(str(library), link=True) as (there, here):
        here.objects = [name for name in there.objects if name == "Plane"]
    projects.show(here.objects[0])
    for name in ("a.png", "b.png"):
        shown(projects.picture(tmp_path / "project" / name))
    font = tmp_path / "project/mono.woff2"
    font.write_bytes((projects.FONTS / "DejaVuSansMono.woff2").read_bytes())
    text = bpy.data.curves.new("Text", "FONT")
    text.font = bpy.data.fonts.load(str(font))
    projects.show(bpy.data.objects.new("Text", text))
    blend = projects.save(tmp_path / "project/shot.blend")

    made = trace(blend, tmp_path / "scratch")
    assert kinds(made) == {"blend": 1, "image": 3, "library": 1, "font": 1}
    said = manifest.by_kind(made)
    assert (said.count, said.bytes) == (6, sum(file.bytes for file in made.files))
    images = next(each for each in said.kinds if each.kind == "image")
    assert images.bytes == sum(path.stat().st_size for path in tmp_path.rglob("[abt]*.png"))


def said(blend: Path, scratch: Path) -> dict[str, findings.checks.Check]:
    return {one.id: one for one in findings.checks_of(trace(blend, scratch))}


def test_a_node_that_only_an_add_on_has(tmp_path: Path) -> None:
    class SwirlNode(bpy.types.Node):
        bl_idname = "RenderjuiceSwirlNode"
        bl_label = "Swirl"

    projects.new_scene()
    material, _ = projects.material("Glow")
    bpy.utils.register_class(SwirlNode)
    try:
        material.node_tree.nodes.new("RenderjuiceSwirlNode")
        projects.show(projects.plane(material))
        blend = projects.save(tmp_path / "project/shot.blend")
        found = said(blend, tmp_path / "scratch")
    finally:
        projects.new_scene()  # Blender 4.2 crashes later if nodes outlive their type
        bpy.utils.unregister_class(SwirlNode)
    assert list(found) == ["unknown-node"]
    one = found["unknown-node"]
    assert (one.level, one.datablock, one.id_type) == ("warning", "Glow", "MATERIAL")
    assert "Swirl" in one.message


@pytest.mark.skipif(
    bpy.app.version < (4, 5), reason="Blender 4.2 crashes when it reads value clips"
)
def test_value_clips_of_usd(tmp_path: Path) -> None:
    layer = tmp_path / "project/crowd.usda"
    layer.parent.mkdir()
    layer.write_text(
        '#usda 1.0\ndef Mesh "Crowd" (\n clips = {\n  dictionary default = {\n'
        '   string templateAssetPath = "./clip.###.usda"\n  }\n }\n)\n{\n}\n',
        encoding="utf-8",
    )
    projects.new_scene()
    bpy.ops.cachefile.open(filepath=str(layer))
    item = projects.show(projects.plane(projects.material()[0]))
    modifier = item.modifiers.new("Cache", "MESH_SEQUENCE_CACHE")
    modifier.cache_file = bpy.data.cache_files[0]
    found = said(projects.save(tmp_path / "project/shot.blend"), tmp_path / "scratch")
    assert (found["usd-clips"].id_type, found["usd-clips"].path) == ("CACHEFILE", str(layer))


def test_an_oceans_bake(tmp_path: Path) -> None:
    projects.new_scene()
    item = projects.show(projects.plane(projects.material()[0], "Sea"))
    modifier = item.modifiers.new("Ocean", "OCEAN")
    modifier.filepath = str(tmp_path / "project/sea")
    blend = projects.save(tmp_path / "project/shot.blend")
    assert said(blend, tmp_path / "scratch") == {}, "nothing was baked"
    (tmp_path / "project/sea").mkdir()
    (tmp_path / "project/sea/disp_0001.exr").write_bytes(b"x")
    one = said(blend, tmp_path / "scratch")["ocean-bake"]
    assert (one.level, one.datablock, one.id_type) == ("note", "Sea", "OBJECT")


@pytest.mark.skipif(
    not hasattr(bpy.types, "GeometryNodeImportOBJ"), reason="nodes that read files came with 4.5"
)
def test_a_path_that_nodes_put_together(tmp_path: Path) -> None:
    projects.new_scene()
    item = projects.show(projects.plane(projects.material()[0]))
    group = bpy.data.node_groups.new("Reads", "GeometryNodeTree")
    item.modifiers.new("Reads", "NODES").node_group = group
    reader = group.nodes.new("GeometryNodeImportOBJ")
    assert reader.inputs["Path"].bl_idname == FILE_PATH
    join = group.nodes.new("GeometryNodeStringJoin")
    group.links.new(join.outputs[0], reader.inputs["Path"])
    found = said(projects.save(tmp_path / "project/shot.blend"), tmp_path / "scratch")
    one = found["computed-path"]
    assert (one.datablock, one.id_type) == ("Reads", "NODETREE")
    assert "Import OBJ" in one.message


# -- scans by the worker process ------------------------------------------------------------------


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "state", "http://127.0.0.1:9/api/external/v1", "")
    yield made
    made.link.close()


def copied(blend: Path, folder: Path) -> Path:
    """The scan request and the copy of the scene that Check leaves for the worker."""
    scratch.make(folder)
    asked = {
        "request": request(blend, projects.copy(blend, folder / blend.name)),
        "blender": command.blender(bpy.app.binary_path, sys.executable),
    }
    (folder / command.SCAN_REQUEST).write_text(json.dumps(asked), encoding="utf-8")
    return folder


def steps(worker: Worker, folder: Path) -> list[str]:
    """The steps that the worker reports, each once; repeated progress reports are dropped."""
    said = [one.step for one in worker.all(worker_events.ScanProgress) if one.scan == folder.name]
    return [step for step in dict.fromkeys(said) if step != "starting"]


def results(worker: Worker, folder: Path) -> list[worker_events.ScanResult]:
    return [one for one in worker.all(worker_events.ScanResult) if one.scan == folder.name]


def test_the_worker_looks_and_takes_the_copy_away(tmp_path: Path, worker: Worker) -> None:
    projects.new_scene()
    gone = projects.picture(tmp_path / "project/gone.png")
    shown(gone)
    shown(projects.picture(tmp_path / "project/wood.png"))
    blend = projects.save(tmp_path / "project/shot.blend")
    gone.unlink()
    folder = copied(blend, tmp_path / "scratch/scan-1")
    left_behind = tmp_path / "scratch/scan-old"
    scratch.make(left_behind)
    photographs = tmp_path / "scratch/scan-statue"
    photographs.mkdir()
    for folder_of_yesterday in (left_behind, photographs):
        os.utime(folder_of_yesterday, (0, 0))

    worker.idle(worker.send(protocol.Scan(str(folder))))
    assert steps(worker, folder)[:2] == ["opening shot.blend", "finding files"]
    (result,) = results(worker, folder)
    assert {each.kind: each.count for each in result.files.kinds} == {"blend": 1, "image": 1}
    (missing,) = result.checks
    assert (missing.id, missing.datablock, missing.id_type) == ("missing-file", "gone.png", "IMAGE")
    assert missing.path == str(gone)
    assert result.left_out == 0
    assert list((tmp_path / "scratch").iterdir()) == [photographs], "they are the artist's"


def test_a_new_look_ends_the_one_before(tmp_path: Path, worker: Worker) -> None:
    projects.new_scene()
    projects.show(projects.plane(projects.material()[0]))
    blend = projects.save(tmp_path / "project/shot.blend")
    first = copied(blend, tmp_path / "scratch/scan-1")
    second = copied(blend, tmp_path / "scratch/scan-2")
    worker.send(protocol.Scan(str(first)))
    worker.idle(worker.send(protocol.Scan(str(second))))
    assert results(worker, second)[-1].files
    assert not results(worker, first)
    assert not list((tmp_path / "scratch").iterdir())


def test_a_look_that_fails_says_why(tmp_path: Path, worker: Worker) -> None:
    projects.new_scene()
    blend = projects.save(tmp_path / "project/shot.blend")
    folder = copied(blend, tmp_path / "scratch/scan-1")
    (folder / blend.name).write_bytes(b"no blend")
    worker.idle(worker.send(protocol.Scan(str(folder))))
    assert "background Blender" in results(worker, folder)[-1].error.message
    assert not folder.exists()
