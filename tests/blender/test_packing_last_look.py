"""The packer verifies its finished package and reports what is lost if a packing rule is broken.

Each test breaks the packer on purpose, in the packer's own Blender. `tests.packages.trace` asserts
for every other package in the tests that the verification reports nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import bpy
import pytest
from renderjuice.packing import command, findings
from renderjuice.scene.checks import Check

from tests import packages, projects
from tests.catalogue import libraries

HAS_SOUNDS = bpy.app.version >= (4, 5)
"""Whether this bpy includes Audaspace, which sound strips need."""
PACKER = """
import json, os, runpy, sys
from pathlib import Path
runpy.run_path({bootstrap!r})["provide"]()
from renderjuice.packing import blendfile, libraries, strips, trace, walk
import bpy
{broken}
trace.main(json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8")))
sys.stdout.flush()
os._exit(0)
"""
DROP_TEXTURES = """
members = trace.members
trace.members = lambda *rest: [one for one in members(*rest) if not one.name.endswith("wood.png")]
"""
LEAVE_LIBRARIES = "libraries.rewrite_copies = lambda *rest: {}\n"
FORGET_FONTS = "del walk.WALKERS['FONT']\n"
KEEP_SOUNDS = "strips.remove_sound_strips = lambda scene: False\n"
LOSE_OBJECTS = """
unsent = libraries._remove_unsent
libraries._remove_unsent = lambda: bpy.data.batch_remove(list(bpy.data.objects)) or unsent()
"""
CUT_THE_SCENE = """
save = blendfile.save
def cut(path, scene, **how):
    saved = save(path, scene, **how)
    os.truncate(saved, 100)
    return saved
blendfile.save = cut
"""


def last_look(
    blend: Path, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Sequence[Check]:
    """The checks from the final verification of a packer patched with the code in `broken`."""
    script = tmp_path / "packer.py"
    bootstrap = str(command.SCRIPT.parents[1] / "bootstrap.py")
    script.write_text(PACKER.format(bootstrap=bootstrap, broken=broken), encoding="utf-8")
    monkeypatch.setattr(command, "SCRIPT", script)
    manifest = packages.trace(blend, tmp_path / "scratch", whole=False)
    return [one for one in findings.checks_of(manifest) if one.id.startswith("package-")]


def project(root: Path) -> Path:
    """A texture, a font, a sound strip, and a library with an absolute path."""
    library = libraries.chair(root / "lib/chair.blend", relative=False)
    scene = projects.new_scene()
    image = bpy.data.images.load(str(projects.picture(root / "tex/wood.png")))
    projects.show(projects.plane(projects.image_material(image)))
    font = root / "fonts/font.woff2"
    font.parent.mkdir(parents=True)
    font.write_bytes(next(projects.FONTS.glob("*.woff2")).read_bytes())
    curve = bpy.data.curves.new("Title", "FONT")
    curve.body, curve.font = "A", bpy.data.fonts.load(str(font))
    projects.show(bpy.data.objects.new("Title", curve))
    if HAS_SOUNDS:
        sound = root / "sound.wav"
        sound.write_bytes(projects.WAV)
        strips = projects.strips(scene.sequence_editor_create())
        strips.new_sound("Sound", str(sound), 1, 1)
    projects.show(projects.linked(library, "Chair")[0])
    return projects.save(root / "shots/shot.blend")


def test_files_that_the_package_has_not_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blend = project(tmp_path / "home")
    broken = DROP_TEXTURES + LEAVE_LIBRARIES + FORGET_FONTS + KEEP_SOUNDS
    found = last_look(blend, broken, tmp_path, monkeypatch)
    assert {one.id for one in found} == {"package-path"}
    assert all(one.path in one.message for one in found)
    by_name = {Path(one.path).name: one for one in found}
    sounds = {"sound.wav"} if HAS_SOUNDS else set()
    assert set(by_name) == {"wood.png", "chair.png", "font.woff2", *sounds}
    assert by_name["wood.png"].path == "files/tex/wood.png"
    assert by_name["wood.png"].datablock == "wood.png"
    assert by_name["chair.png"].path == str(tmp_path / "home/lib/tex/chair.png")
    assert "chair.blend" in by_name["chair.png"].message
    assert len(found) == len(by_name)
    if bpy.app.version >= (4, 4):  # Blender alone lists the font, and tells whose it is
        assert by_name["font.woff2"].id_type == "FONT"


def test_data_block_that_the_package_has_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blend = project(tmp_path / "home")
    found = last_look(blend, LOSE_OBJECTS, tmp_path, monkeypatch)
    assert {one.id for one in found} == {"package-datablock"}
    (chair,) = (one for one in found if one.id_type == "OBJECT")
    assert chair.datablock == "Chair"
    assert "chair.blend" in chair.message


def test_package_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blend = libraries.linked(tmp_path / "home")
    (found,) = last_look(blend, CUT_THE_SCENE, tmp_path, monkeypatch)
    assert found.id == "package-not-opened"


def nothing_to_say(blend: Path, tmp_path: Path) -> bool:
    manifest = packages.trace(blend, tmp_path / "scratch", whole=False)
    return not findings.checks_of(manifest)


def test_particles_in_memory_need_no_folder(tmp_path: Path) -> None:
    """Blender 5.2 lists a folder for their caches all the same, in libraries too."""
    library = projects.library(tmp_path / "lib.blend", emitter)
    projects.new_scene()
    projects.show(emitter())
    projects.show(projects.linked(library, "Plane")[0])
    assert nothing_to_say(projects.save(tmp_path / "shot.blend"), tmp_path)


def emitter() -> bpy.types.Object:
    plane = projects.plane()
    plane.modifiers.new("Dust", "PARTICLE_SYSTEM")
    return plane


def test_what_was_appended_needs_its_library_no_more(tmp_path: Path) -> None:
    """Blender remembers the library, to append a data-block only once, and lists it."""
    library = libraries.chair(tmp_path / "lib.blend")
    projects.new_scene()
    bpy.ops.wm.append(
        directory=f"{library}/Object/", filename="Chair", link=False, do_reuse_local_id=True
    )
    bpy.ops.file.pack_all()
    blend = projects.save(tmp_path / "shot.blend")
    materials = bpy.data.materials
    assert any(material.library_weak_reference for material in materials)
    assert nothing_to_say(blend, tmp_path)
