"""Preferences, overrides and presets written by released versions (tests/earlier) still load."""

import runpy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.scene import overrides, properties

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")

FOLDER = Path(__file__).resolve().parents[1] / "earlier"
EARLIER = sorted(path for path in FOLDER.iterdir() if path.name[0].isdigit())
MADE = runpy.run_path(str(FOLDER / "__main__.py"))
SET = {  # the values that tests/earlier set, by their API names
    "sampleCount": 33,
    "frameRanges": ["1-3, 7"],
    "outputFormat": "OPEN_EXR",
    "outputSettings.exrCodec": "DWAA",
    "resolution": [320, 200],
    "fps": 23.976,
}
SHOW = """
import json
preferences = bpy.context.preferences.addons[name].preferences
print("KEPT", json.dumps({key: getattr(preferences, key) for key in NAMES}))
"""
pytestmark = pytest.mark.parametrize("version", EARLIER, ids=lambda path: path.name)


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings()
    properties.register()
    yield lambda: bpy.context.scene
    properties.unregister()


def test_overrides_of_a_file(version, scene):
    bpy.ops.wm.open_mainfile(filepath=str(version / "shot.blend"))
    assert overrides.read(scene()) == SET


def test_a_preset(version, scene):
    runpy.run_path(str(version / "preset.txt"))
    not_of_one_shot = {name: value for name, value in SET.items() if name != "frameRanges"}
    assert overrides.read(scene()) == not_of_one_shot


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="the module of 4.2 reads no preferences")
def test_preferences(version, installed, tmp_path):
    user = replace(installed, resources=tmp_path / "user")
    shutil.copytree(installed.resources, user.resources)
    shutil.copy(version / "userpref.blend", user.resources / "config/userpref.blend")
    show = SHOW.replace("NAMES", repr(list(MADE["PREFERENCES"])))
    assert user.said(show, "KEPT ") == MADE["PREFERENCES"]
