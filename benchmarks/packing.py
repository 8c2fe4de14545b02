"""Writing a package, compared with `cp -r`, `zip -0` and Blender Asset Tracer.

    .venv/bin/python -m benchmarks.packing [--quick]

1,000 textures of 1 MiB, and a sequence of 20,000 files of 10 KiB. Two things are measured: writing
the package from an existing list of files (`archive.write`, in this process as in the worker),
compared with two tools that copy files; and the complete packing of a .blend, compared with
`bat pack` with a zip as its target. Before every run the sources are read, so that they are in
memory, and earlier output is removed and the disk synced (`sync`); no run waits for the disk (no
fsync). Needs cp and zip. BAT 1.23 is installed below build/.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import ROOT, Figure, Run, options, pairs, provided, report, timed

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.packing import archive, tracer
from renderjuice.packing.manifest import Manifest, file_on_disk

BLENDER = "bpy-4.5.15"
BAT = "blender-asset-tracer==1.23"
PROJECTS = {  # name: files, bytes of each, target compared with cp -r
    "1,000 files of 1 MiB": (1000, 1 << 20, 0.8),
    "20,000 files of 10 KiB": (20_000, 10 << 10, 0.5),
}
AGAINST_BAT = 5.0
PNG = b"\x89PNG\r\n\x1a\n"  # textures without it are refused
# Runs in bpy: creates one image for each file, or one sequence of all files.
MAKE = """
import sys
import bpy
blend, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
bpy.ops.wm.read_factory_settings()
material = bpy.data.objects["Cube"].active_material
material.use_nodes = True
paths = [f"{folder}/t_{number:05}.png" for number in range(1, count + 1)]
for path in paths if count < 10000 else paths[:1]:
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image = bpy.data.images.new("t", 1, 1)
    image.source = "SEQUENCE" if count >= 10000 else "FILE"
    image.filepath_raw = path
    node.image_user.frame_duration = count
bpy.ops.wm.save_as_mainfile(filepath=blend)
bpy.ops.file.make_paths_relative()
bpy.ops.wm.save_mainfile()
"""


def main(count: int, *, quick: bool) -> None:
    """Run all measurements and report them."""
    python, bat = str(provided(BLENDER)), asset_tracer()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="renderjuice-bench-", dir=ROOT / "build") as folder:
        for name, (files, size, target) in PROJECTS.items():
            shape = (files // 20 if quick else files, size)
            figures += project(Path(folder) / str(files), name, shape, target, count, python, bat)
            shutil.rmtree(Path(folder) / str(files))
    report("packing", figures, quick=quick)


def project(
    folder: Path,
    name: str,
    shape: tuple[int, int],
    target: float,
    count: int,
    python: str,
    bat: Path,
) -> list[Figure]:
    """Make a project in `folder` and pack it with each tool. `shape`: files, bytes of each."""
    blend = make(folder, *shape, python)
    source, out = folder / "textures", folder / "out"
    manifest = listed(blend, sorted(source.iterdir()))
    copied = pairs(
        f"{name}: list to package",
        fresh(source, out, lambda: write(manifest, out)),
        {
            "cp -r": (fresh(source, out, lambda: timed(["cp", "-r", source, out])), target),
            "zip -0": (fresh(source, out, lambda: timed(zip_stored(source, out))), None),
        },
        count,
    )
    pack: list[str | Path] = [bat, "pack", "-p", folder, blend, out / "pack.zip"]
    whole = pairs(
        f"{name}: .blend to package",
        fresh(source, out, lambda: trace_and_write(blend, out, python, shape[0])),
        {"BAT 1.23": (fresh(source, out, lambda: timed(pack)), AGAINST_BAT)},
        max(3, count // 2),
    )
    return copied + whole


def zip_stored(source: Path, out: Path) -> list[str | Path]:
    """Return the command for an uncompressed zip of `source`."""
    return ["zip", "-0", "-q", "-r", out / "pack.zip", source]


def write(manifest: Manifest, out: Path) -> float:
    """Return the seconds that `archive.write` takes."""
    begun = time.perf_counter()
    archive.write(manifest, out, on_bytes=lambda _: None, should_stop=lambda: False)
    return time.perf_counter() - begun


def trace_and_write(blend: Path, out: Path, python: str, count: int) -> float:
    """Return the seconds to make the package of a saved .blend with `count` textures."""
    begun = time.perf_counter()
    request = {
        "schema": 1,
        "blend": str(shutil.copy(blend, out / "copy.blend")),
        "original": str(blend),
        "paths_kept": True,
        "scene": "Scene",
        "applied": {},
        "frames": list(range(1, count + 1)),
        "work": str(out / "work"),
        "manifest": str(out / "manifest.json"),
    }
    manifest = tracer.trace(
        request, [python, "-I"], should_stop=lambda: False, on_step=lambda _: None
    )
    archive.write(manifest, out / "package", on_bytes=lambda _: None, should_stop=lambda: False)
    seconds = time.perf_counter() - begun
    assert len(manifest.files) == count + 1, "the package lacks textures"
    return seconds


def fresh(source: Path, out: Path, run: Callable[[], float]) -> Run:
    """Return a run with its sources in memory, an empty output folder, and an idle disk."""

    def begin() -> float:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        subprocess.run(["cat", *source.iterdir()], stdout=subprocess.DEVNULL, check=True)
        os.sync()
        return run()

    return begin


def listed(blend: Path, sources: list[Path]) -> Manifest:
    """Return the manifest as the packer would make it."""
    files = [file_on_disk(str(blend), blend.name)]
    files += [file_on_disk(str(path), f"files/{path.name}") for path in sources]
    return Manifest(blend.name, tuple(files))


def make(folder: Path, count: int, size: int, python: str) -> Path:
    """Make a .blend that uses `count` files of `size` random bytes."""
    textures = folder / "textures"
    textures.mkdir(parents=True)
    for number in range(1, count + 1):
        (textures / f"t_{number:05}.png").write_bytes(PNG + os.urandom(size - len(PNG)))
    blend = folder / "shot.blend"
    timed([python, "-c", MAKE, blend, textures, str(count)])
    return blend


def asset_tracer() -> Path:
    """Return BAT's command, installed in a separate virtual environment."""
    folder = ROOT / "build" / "bat-1.23"
    command = folder / "bin" / "bat"
    if not command.exists():
        timed([sys.executable, "-m", "venv", folder])
        timed([folder / "bin" / "python", "-m", "pip", "install", "-q", BAT, "requests"])
    return command


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
