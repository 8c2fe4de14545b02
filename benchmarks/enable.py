"""Enabling the extension, compared with an empty extension and two of Blender's own.

    .venv/bin/python -m benchmarks.enable [--quick]

Each run starts a new Blender (the bpy module) and enables the add-on a second time, with its byte
code on the disk and none of its modules loaded. It measures the seconds and the modules added.
Blender's glTF add-on cannot be enabled a second time: it is not enabled at Blender's start, and its
first time is measured.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.figures import (
    ROOT,
    Figure,
    Measure,
    figure_of,
    options,
    percentile,
    provided,
    report,
)

BLENDERS = ("bpy-4.5.15", "bpy-5.2.3")
MAX_SECONDS, MAX_MODULES = 0.010, 40
OURS = "renderjuice"
PEERS = {
    "empty": "an empty extension",
    "bl_pkg": "Blender's bl_pkg",
    "io_scene_gltf2": "Blender's glTF",
}
EMPTY = {
    "blender_manifest.toml": """schema_version = "1.0.0"
id = "empty"
version = "1.0.0"
name = "Empty"
tagline = "Nothing at all"
maintainer = "Nobody"
type = "add-on"
blender_version_min = "4.2.0"
license = ["SPDX:GPL-3.0-or-later"]
""",
    "__init__.py": "def register():\n    pass\n\n\ndef unregister():\n    pass\n",
}
FIRST = """
import sys
if sys.argv[-1] == "io_scene_gltf2":
    sys.modules[sys.argv[-1]] = None  # whoever imports it now is told that there is none
"""
MEASURE = """
import gc, json, os, time
wanted = sys.argv[-1]
if wanted in sys.modules and sys.modules[wanted] is None:
    del sys.modules[wanted]
name = next(n for n in (*bpy.context.preferences.addons.keys(), wanted) if n.endswith(wanted))
sys.dont_write_bytecode = False  # the module bpy switches it on
for _ in range(1 if wanted == "io_scene_gltf2" else 2):  # the first time writes byte code
    addon_utils.disable(name)
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[module]
    gc.collect()
    before = set(sys.modules)
    begun = time.perf_counter()
    assert addon_utils.enable(name) is not None
    took = time.perf_counter() - begun
print("TOOK", json.dumps([took, len(set(sys.modules) - before)]), flush=True)
os._exit(0)  # bpy 4.5 may hang in its own end, after Blender's glTF it does
"""


def main(count: int, *, quick: bool) -> None:
    """Run the measurements in all Blenders and report them."""
    figures: list[Figure] = []
    measures: list[Measure] = []
    for blender in BLENDERS:
        runs = inside_of(blender, f"enable.inside({count})")
        ours = [took for took, _ in runs[OURS]]
        for peer, name in PEERS.items():
            theirs = [took for took, _ in runs[peer]]
            figures.append(figure_of(f"enable in {blender}", name, ours, theirs, None))
        middle = percentile(ours, 0.5) * 1000
        measures.append(Measure(f"{blender}: enable", middle, "ms", MAX_SECONDS * 1000))
        modules = max(added for _, added in runs[OURS])
        measures.append(Measure(f"{blender}: modules added", modules, "", MAX_MODULES))
        for peer, name in PEERS.items():
            added = max(count for _, count in runs[peer])
            measures.append(Measure(f"{blender}: modules that {name} adds", added, "", None))
    report("enable", figures, measures, quick=quick)


def inside_of(blender: str, call: str) -> Any:
    """Return the JSON that a function of a benchmark prints after FOUND, in a Python with bpy."""
    module = call.partition(".")[0]
    command = [str(provided(blender)), "-c", f"from benchmarks import {module}; {call}"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    return json.loads(said.rpartition("FOUND ")[2])


def inside(count: int) -> None:
    """In a Python with bpy: install both extensions for a user, and enable each add-on in turn."""
    from tests.headless import ENABLE, INSTALL, Headless

    with tempfile.TemporaryDirectory() as folder:
        user = Headless(Path(folder, "user"))
        user.install()
        source = Path(folder, "empty")
        source.mkdir()
        for name, text in EMPTY.items():
            (source / name).write_text(text, encoding="utf-8")
        archive = Path(folder, "empty.zip")
        with zipfile.ZipFile(archive, "w") as opened:
            for name in EMPTY:
                opened.write(source / name, name)
        also = "import bpy\nbpy.ops.wm.read_userpref()\n" + INSTALL.replace(
            ".renderjuice", ".empty"
        )
        done = user.python("-c", also, str(archive))
        assert done.returncode == 0, done.stderr
        runs: dict[str, list[list[float]]] = {name: [] for name in (OURS, *PEERS)}
        for _ in range(count):
            for name, values in runs.items():
                done = user.python("-c", FIRST + ENABLE + MEASURE, name)
                assert done.returncode == 0, done.stderr
                line = next(one for one in done.stdout.splitlines() if one.startswith("TOOK"))
                values.append(json.loads(line.removeprefix("TOOK")))
    print("FOUND", json.dumps(runs))


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
