"""The harness itself: clicks and typed text have their effect in Blender, and no other."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.window.harness import Blender, BlenderError

pytestmark = pytest.mark.our_code_alone

MODULE = "bl_ext.user_default.clickable"
MANIFEST = """\
schema_version = "1.0.0"
id = "clickable"
version = "1.0.0"
name = "Clickable"
tagline = "Has a button and a text field"
maintainer = "Tests"
type = "add-on"
blender_version_min = "4.2.0"
license = ["SPDX:GPL-3.0-or-later"]
"""
CODE = """
import bpy


class CLICKABLE_OT_count(bpy.types.Operator):
    bl_idname = "clickable.count"
    bl_label = "Count"
    bl_options = {"UNDO"}

    def execute(self, context):
        context.scene["count"] = context.scene.get("count", 0) + 1
        return {"FINISHED"}


class CLICKABLE_OT_other(bpy.types.Operator):
    bl_idname = "clickable.other"
    bl_label = "Something Else"

    def execute(self, context):
        context.scene["other"] = True
        return {"FINISHED"}


class CLICKABLE_PT_panel(bpy.types.Panel):
    bl_label = "Clickable"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Clickable"

    def draw(self, context):
        self.layout.label(text=f"Counted {context.scene.get('count', 0)}")
        row = self.layout.row()
        row.operator("clickable.other")
        row.operator("clickable.count", text="", icon="ADD")


class Preferences(bpy.types.AddonPreferences):
    bl_idname = __package__
    text: bpy.props.StringProperty(name="Text")

    def draw(self, context):
        self.layout.prop(self, "text")


classes = (CLICKABLE_OT_count, CLICKABLE_OT_other, CLICKABLE_PT_panel, Preferences)
register, unregister = bpy.utils.register_classes_factory(classes)
"""
TEXT = f"bpy.context.preferences.addons[{MODULE!r}].preferences.text"


@pytest.fixture
def clickable(tmp_path: Path) -> Path:
    """The zip of an extension with a button in the sidebar and a text field in its preferences."""
    path = tmp_path / "clickable.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("blender_manifest.toml", MANIFEST)
        archive.writestr("__init__.py", CODE)
    return path


def test_clicks_a_button_and_undoes_it(blender: Blender, clickable: Path):
    blender.install(clickable)
    blender.show_sidebar("Clickable")
    blender.click_operator("clickable.count")
    blender.wait_until("bpy.context.scene.get('count') == 1")
    blender.click_operator("clickable.count")
    blender.wait_until("bpy.context.scene.get('count') == 2")
    blender.screenshot("harness-sidebar")

    blender.move(500, 500)
    blender.key("Z", ctrl=True)
    blender.wait_until("bpy.context.scene.get('count') == 1")
    assert blender.run("bpy.context.scene.get('other')") is None


def test_what_is_typed_survives_the_next_start(start: Callable[..., Blender], clickable: Path):
    blender = start()
    blender.install(clickable)
    window = blender.show_preferences(MODULE)
    where = {"area": "PREFERENCES", "region": "WINDOW", "window": window}
    blender.fill("text", "Key_42 ", **where)
    blender.fill("text", "rj-Api_Key.42+/=", **where)
    assert blender.run(TEXT) == "rj-Api_Key.42+/="
    blender.screenshot("harness-preferences")
    blender.close_preferences()
    blender.close()
    assert blender.process.returncode == 0

    blender = start()
    assert blender.run(TEXT) == "rj-Api_Key.42+/="


def test_says_what_is_wrong(blender: Blender, clickable: Path):
    blender.install(clickable)
    blender.show_sidebar("Clickable")
    with pytest.raises(BlenderError, match=r"there are: .*clickable\.count"):
        blender.find("clickable.missing")
    with pytest.raises(BlenderError, match="ZeroDivisionError"):
        blender.run("1 / 0")
    blender.process.kill()
    with pytest.raises(BlenderError, match="Blender ended"):
        blender.run("1")


def test_sees_what_uses_the_network(blender: Blender):
    """Every test in this folder fails if Blender's own process uses the network; the worker may."""
    blender.run(
        "import socket\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), 1).close()\n"
        "except OSError:\n    pass"
    )
    blender.close()
    said = blender.log.read_text(encoding="utf-8", errors="replace")
    assert "Network in Blender's process: socket.connect ('127.0.0.1', 9)" in said
    blender.log.write_text("", encoding="utf-8")  # so that the complaint does not fail this test
