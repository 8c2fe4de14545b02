"""Which scenes contribute to a picture; the panel skips the search if there is only one."""

import pytest
from renderjuice.scene import rendered_scenes, settings

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def strips(scene):
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def test_a_strip_counts_where_it_is_seen(scene):
    other = bpy.data.scenes.new("other")
    strip = strips(scene).new_scene("strip", other, 1, 1)
    assert rendered_scenes.rendered_scenes(scene) == [scene, other]
    strip.mute = True
    assert rendered_scenes.rendered_scenes(scene) == [scene]
    strip.mute = False
    scene.sequence_editor.channels[strip.channel].mute = True
    assert rendered_scenes.rendered_scenes(scene) == [scene]
    scene.sequence_editor.channels[strip.channel].mute = False
    scene.render.use_sequencer = False
    assert rendered_scenes.rendered_scenes(scene) == [scene]


def test_one_inside_a_meta_strip_counts_while_that_is_seen(scene):
    other = bpy.data.scenes.new("other")
    meta = strips(scene).new_meta("meta", 1, 1)
    inner = meta.strips if hasattr(meta, "strips") else meta.sequences
    inner.new_scene("strip", other, 1, 1)
    assert rendered_scenes.rendered_scenes(scene) == [scene, other]
    meta.mute = True
    assert rendered_scenes.rendered_scenes(scene) == [scene]


def test_a_file_of_one_scene_is_not_searched_at_each_redraw(scene, monkeypatch):
    def searched(*_):
        raise AssertionError("its nodes or strips were looked at")

    strips(scene).new_meta("meta", 1, 1)
    monkeypatch.setattr(rendered_scenes, "compositor", searched)
    monkeypatch.setattr(rendered_scenes, "shown_strips", searched)
    assert settings.read(scene).other_samples == ()
    bpy.data.scenes.new("other")
    with pytest.raises(AssertionError, match="looked at"):
        settings.read(scene)
