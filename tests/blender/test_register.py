"""Enabling the extension is cheap and disabling leaves nothing; each test starts a new Blender."""

import pytest

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
FORBIDDEN = {
    "logging",
    "pydantic",
    "requests",
    "ssl",
    "subprocess",
    "urllib3",
    "threading",
    "multiprocessing",
}

ADDED = """
import json, os, sys
addon_utils.disable(name)
for module in [m for m in sys.modules if m.startswith(name)]:
    del sys.modules[module]
before = set(sys.modules)
assert addon_utils.enable(name) is not None
print("ADDED", json.dumps(sorted(set(sys.modules) - before)))
sys.stdout.flush()
os._exit(0)  # the module of 4.2 crashes at its end when modules with a property's getter are gone
"""

STATE = """
import json
def state():
    return {
        "classes": sorted(n for n in dir(bpy.types)),
        "operators": sorted(dir(bpy.ops.renderjuice)) if hasattr(bpy.ops, "renderjuice") else [],
        "scene": sorted(bpy.types.Scene.bl_rna.properties.keys()),
        "manager": sorted(bpy.types.WindowManager.bl_rna.properties.keys()),
        "handlers": sum(len(getattr(bpy.app.handlers, n)) for n in dir(bpy.app.handlers)
                        if isinstance(getattr(bpy.app.handlers, n), list)),
        "menu": len(bpy.types.TOPBAR_MT_render._dyn_ui_initialize()),
    }
enabled = state()
addon_utils.disable(name)
disabled = state()
addon_utils.enable(name)
again = state()
addon_utils.disable(name)
after = state()
print("STATES", json.dumps([enabled, disabled, again, after]))
"""


def test_enabling_loads_nothing_heavy(installed):
    added = installed.said(ADDED, "ADDED")
    assert any(name.endswith(".renderjuice.operators.submit") for name in added)
    assert not {name.split(".")[0] for name in added} & FORBIDDEN
    assert not [name for name in added if ".translations." in name], "English needs none"
    assert len(added) <= 40, added


def test_disabling_leaves_nothing_and_enabling_again_brings_all_back(installed):
    enabled, disabled, again, after = installed.said(STATE, "STATES")
    ours = [name for name in enabled["classes"] if "renderjuice" in name.lower()]
    assert ours, "the extension was not enabled: this test would prove nothing"
    assert again == enabled
    assert after == disabled
    assert not [name for name in disabled["classes"] if "renderjuice" in name.lower()]
    assert not disabled["operators"]
    assert "renderjuice" in enabled["scene"]
    assert "renderjuice" not in disabled["scene"]
    assert disabled["handlers"] == enabled["handlers"] - 4
    assert disabled["menu"] == enabled["menu"] - 1
