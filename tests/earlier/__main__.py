"""Saves files written by this version for later tests: .venv/bin/python -m tests.earlier

It writes to tests/earlier/VERSION: preferences, a file with overrides, a preset, and a job's record
while it renders and when it is finished. The oldest installed full Blender writes them, with the
zip that `make packages` has built.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.farm.running import running_farm

ROOT = Path(__file__).resolve().parents[2]
MODULE = "bl_ext.user_default.renderjuice"
PREFERENCES = {
    "output_folder": "//frames/{title}/",
    "transfers": 7,
    "api_url": "https://farm.example/api/external/v1",
}
OVERRIDES = {
    "sample_count": 33,
    "frames": "1-3, 7",
    "output_format": "OPEN_EXR",
    "exr_codec": "DWAA",
    "resolution": (320, 200),
    "fps": 23.976,
}
MAKE = f"""
import bpy
scene = bpy.context.scene
for name, value in {OVERRIDES!r}.items():
    setattr(scene.renderjuice, f"use_{{name}}", True)
    setattr(scene.renderjuice, name, value)
preferences = bpy.context.preferences.addons["{MODULE}"].preferences
for name, value in {PREFERENCES!r}.items():
    setattr(preferences, name, value)
bpy.ops.wm.save_as_mainfile(filepath="shot.blend", compress=True)
bpy.ops.wm.save_userpref()
bpy.ops.renderjuice.add_preset(name="Mine")
"""


def main() -> None:
    """Write all files of this version again."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import blenders
    import packages

    launcher = blenders.path("blender-4.3.2")
    version = packages.version()
    target = Path(__file__).parent / version
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    # A path without details of this computer, because it is stored in the files.
    work = Path(tempfile.gettempdir()) / "renderjuice-earlier"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    archive = ROOT / "dist" / f"renderjuice-{version}-linux-x64-cp313.zip"
    write(launcher, archive, work, target)
    shutil.rmtree(work)
    print(target)


def write(launcher: Path, archive: Path, work: Path, target: Path) -> None:
    """Install and use the extension, and copy the files that it writes to `target`."""
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(work / "user")}

    def run(*arguments: str) -> None:
        command = [str(launcher), "--online-mode", "--python-exit-code", "3", *arguments]
        subprocess.run(command, env=environment, cwd=work, check=True, timeout=120)

    (work / "user").mkdir()
    where = ("-r", "user_default", "--enable")
    run("--command", "extension", "install-file", *where, str(archive))
    run("--background", "--python-expr", MAKE)
    shutil.copy(work / "shot.blend", target)
    shutil.copy(work / "user/scripts/presets/renderjuice/Mine.py", target / "preset.txt")
    preferences = (work / "user/config/userpref.blend").read_bytes()
    (target / "userpref.blend").write_bytes(gzip.compress(preferences, mtime=0))
    with running_farm(renderer="pattern") as farm:
        environment |= {"RENDERJUICE_API_URL": farm.api_url, "RENDERJUICE_API_KEY": farm.key}
        renderjuice = ("--background", "shot.blend", "--command", "renderjuice")
        frames = ("--frames", "1-4", "--set", "outputFormat=PNG")
        run(*renderjuice, "submit", *frames)
        (record,) = (work / "user/extensions/.user/user_default/renderjuice/jobs").glob("*.json")
        shutil.copy(record, target / "rendering.json")
        run(*renderjuice, "wait", record.stem)
        run(*renderjuice, "download", record.stem)
        shutil.copy(record, target / "finished.json")


if __name__ == "__main__":
    main()
