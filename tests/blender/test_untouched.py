"""Commands that only read, or send a copy, leave files, caches and the session unchanged."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.headless import ENABLE, ROOT, Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
LAST = 5
"""The last frame that tests/every_cache.py caches."""
SESSION = (ROOT / "tests/window/session.py").read_text(encoding="utf-8")
ACT = """
import hashlib, json, os, pathlib, sys
blend, state, *arguments = sys.argv[1:]

def files():
    paths = sorted(path for path in pathlib.Path(blend).parent.rglob("*") if path.is_file())
    return {
        str(path): [path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()]
        for path in paths
    }
bpy.ops.wm.open_mainfile(filepath=blend)
bpy.data.use_autopack = "autopack" in arguments
arguments = [word for word in arguments if word != "autopack"]
bpy.context.view_layer.update()
before = session() | files()
os.environ["RENDERJUICE_STATE_DIR"] = state
try:
    code = ours("commands.cli").main(arguments)
except SystemExit as end:
    code = end.code
bpy.context.view_layer.update()  # as Blender does before it draws
after = session() | files()
names = before.keys() | after.keys()
changed = {n: [before.get(n), after.get(n)] for n in names if before.get(n) != after.get(n)}
print("CHANGED", json.dumps({"code": code, "changed": changed, "told": len(before)}), flush=True)
os._exit(0)  # the module may crash in its own end, where there was a fluid
"""
ACTIONS = {
    "check": ["check"],
    "pack": ["pack", "--output", "PACKAGE"],
    "submit": ["submit", "--output", "FRAMES"],
    "test frames": ["submit", "--scout", "--output", "FRAMES"],
    "check with autopack": ["autopack", "check"],
    "submit with autopack": ["autopack", "submit", "--output", "FRAMES"],
}


CACHES = (
    *("gas replay/data", "gas modular/data", "gas all/data"),
    *("liquid replay/data", "liquid modular/data", "liquid all/data"),
    *("blendcache_shot", "caches/nodes", "caches/sea", "textures/seq"),
)


@pytest.fixture(scope="module", params=[1, 3, LAST], ids=["first", "middle", "last"])
def project(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "home"
    script = ROOT / "tests/every_cache.py"
    done = subprocess.run(
        [sys.executable, str(script), str(request.param), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def artist(installed, farm, tmp_path) -> Headless:
    user = replace(installed, resources=tmp_path / "user", farm=farm)
    shutil.copytree(installed.resources, user.resources)
    return user


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_changes(action: str, project: Path, artist: Headless, tmp_path: Path) -> None:
    home = tmp_path / "artist" / "home"
    shutil.copytree(project, home)
    places = {"PACKAGE": str(tmp_path / "shot.zip"), "FRAMES": str(tmp_path / "frames")}
    arguments = [places.get(word, word) for word in ACTIONS[action]]
    for cache in CACHES:
        assert sum(cache in str(path) for path in home.rglob("*.*")) >= LAST, cache

    script = ENABLE + SESSION + ACT
    blend, state = str(home / "shot.blend"), str(tmp_path / "state")
    done = artist.python("-c", script, blend, state, *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("CHANGED "))
    said = json.loads(line.removeprefix("CHANGED "))

    assert said["told"] > 10_000
    assert said["changed"] == {}
    assert said["code"] in (0, 3), done.stderr[-2000:]
