"""Uninstalling removes what docs/releases.md lists, and nothing else."""

import pytest

from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
UNINSTALL = """
import json, os, sys
repos = bpy.context.preferences.extensions.repos
index = [repo.module for repo in repos].index("user_default")
bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="renderjuice")
print("LEFT", json.dumps([n for n in bpy.context.preferences.addons.keys() if "renderjuice" in n]))
sys.stdout.flush()
os._exit(0)  # the module of 4.2 crashes at its end when modules with a property's getter are gone
"""


@pytest.mark.parametrize("chosen", [False, True], ids=["its own folder", "a chosen state folder"])
def test_uninstall(tmp_path, farm, chosen):
    user = Headless(tmp_path / "user", farm=farm)
    user.install()
    own = user.resources / "extensions" / ".user" / "user_default" / "renderjuice"
    state = tmp_path / "state" if chosen else own
    if chosen:
        user.environment["RENDERJUICE_STATE_DIR"] = str(state)
    user.script = user.resources / "extensions/user_default/renderjuice/headless.py"
    done = user.run(None, "connect", stdin=farm.key + "\n")
    assert done.code == 0, done.stderr
    assert (state / "key").is_file()
    assert user.said(UNINSTALL, "LEFT") == []
    assert not (user.resources / "extensions/user_default/renderjuice").exists()
    assert not own.exists()
    assert (state / "key").exists() is chosen
    wheels = user.resources / "extensions" / ".local"
    assert not list(wheels.rglob("pydantic*")) if wheels.exists() else True
