"""Files that exist only in the cloud are reported before the packer reads any of their content."""

import bpy
from renderjuice.packing import content, find, findings, views
from renderjuice.packing.reference import Place
from renderjuice.packing.refused import Private

from tests import projects


def test_they_are_named_before_they_are_read(tmp_path, monkeypatch):
    order = []
    projects.new_scene()
    picture = projects.picture(tmp_path / "textures/wood.png")
    made = bpy.data.images.load(str(picture))
    projects.show(projects.plane(projects.image_material(made)))
    is_pointer = content.is_pointer
    monkeypatch.setattr(findings, "is_online_only", lambda _: order.append("asked") or True)
    monkeypatch.setattr(content, "is_pointer", lambda p: order.append("read") or is_pointer(p))
    scene, shot = bpy.context.scene, str(tmp_path / "shot.blend")
    place = Place(str(tmp_path), shot, bpy.app.version, views.of_scene(scene), shot)
    needs = find.find(scene, place, [1], Private("", shot))
    (named,) = [check for check in needs.checks if check.id == "online-only"]
    assert str(picture) in named.message
    assert order[0] == "asked"
    assert "read" in order
