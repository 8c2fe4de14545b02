"""After a run with failures in a real Blender, the API key exists in its own file only."""

import io
import os
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from tests.headless import ENABLE

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
pytestmark = [
    pytest.mark.our_code_alone,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at children in /proc"),
]

MAKE = """
import sys, bpy
bpy.ops.wm.read_factory_settings()
bpy.context.scene.frame_end = 2
image = bpy.data.images.new("grid", 8, 8)
image.filepath_raw, image.file_format = sys.argv[-1] + "/grid.png", "PNG"
image.save()
material = bpy.data.objects["Cube"].active_material
material.use_nodes = True
material.node_tree.nodes.new("ShaderNodeTexImage").image = image
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1] + "/shot.blend")
"""


class Children(threading.Thread):
    """Records the arguments and environment of our processes, and the files in `folders`."""

    def __init__(self, folders: list[Path]) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self._folders = folders
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    arguments = (process / "cmdline").read_bytes()
                    if b"worker/main.py" in arguments or b"trace.py" in arguments:
                        environment = (process / "environ").read_bytes()
                        if str(self._folders[0]).encode() in environment:
                            self.seen[arguments.decode()] = arguments + environment
                except OSError:
                    continue
            for folder in self._folders:
                self.files |= contents(folder, at_most=2**20)
            time.sleep(0.02)

    def end(self) -> None:
        self._over.set()
        self.join()


def contents(folder: Path, at_most: int = 2**30) -> dict[str, bytes]:
    """Every file below a folder by path, including the members of zips."""
    found: dict[str, bytes] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                if path.stat().st_size <= at_most:
                    found |= unpacked(str(path), path.read_bytes())
            except OSError:
                continue  # removed since it was listed
    return found


def unpacked(name: str, data: bytes) -> dict[str, bytes]:
    found = {name: data}
    if data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                for member in package.namelist():
                    found |= unpacked(f"{name}/{member}", package.read(member))
        except zipfile.BadZipFile:
            pass  # an incomplete zip; its members are also files of the scratch folder
    return found


def opened(packed: Path, target: Path, user) -> bytes:
    """The content of a packed .blend after Blender has saved it again without compression."""
    script = (
        "import sys, bpy; bpy.context.preferences.filepaths.use_file_compression = False;"
        "bpy.ops.wm.open_mainfile(filepath=sys.argv[-2]);"
        "bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1], compress=False)"
    )
    done = user.python("-c", script, str(packed), str(target))
    assert done.returncode == 0, done.stderr
    return target.read_bytes()


def test_the_key_after_a_run_with_failures(installed, farm, tmp_path, monkeypatch):
    project = tmp_path / "project"
    project.mkdir()
    assert installed.python("-c", MAKE, str(project)).returncode == 0
    blend, key = project / "shot.blend", farm.key.encode()
    installed.farm = farm
    monkeypatch.setattr(installed, "environment", {"RENDERJUICE_API_KEY": ""})
    said = [installed.run(blend, "connect", stdin=farm.key + "\n")]
    assert said[0].code == 0, said[0].stderr

    words = {"message": f"you are Bearer {farm.key}"}
    farm.fault("POST", ".*/uploads$", status=500, body=words, times=1)
    farm.fault("GET", ".*/jobs/[^/]*$", status=503, body=words, times=2)
    farm.fault("GET", ".*/downloads$", status=502, body=f"<html>{farm.key}</html>", times=1)
    farm.fault("PUT", server="storage", status=403, body="<Message>expired</Message>", times=1)
    watch = Children([installed.resources, project])
    watch.start()
    try:
        said.append(installed.run(blend, "submit", "--wait", "--download"))
        said.append(installed.run(blend, "connect", stdin=f"{farm.key}\x07x\n"))
        save = "bpy.ops.wm.save_userpref()"
        done = installed.python("-c", ENABLE + save)
        assert done.returncode == 0, done.stderr
    finally:
        watch.end()
    codes = [one.code for one in said]
    assert codes[:2] == [0, 0], said[1].stderr
    assert 0 not in codes[2:], (codes, said[2].document)

    for one in said:
        assert farm.key not in f"{one.document} {one.stdout} {one.stderr}"
    for script in ("worker/main.py", "trace.py"):
        assert any(script in arguments for arguments in watch.seen), f"no {script} was seen"
    assert not [arguments for arguments, all_ in watch.seen.items() if key in all_]
    held = watch.files | contents(installed.resources) | contents(project)
    (copy,) = {data for name, data in held.items() if name.endswith("/top/shot.blend")} or {b""}
    (tmp_path / "packed.blend").write_bytes(copy)
    held["the copy"] = opened(tmp_path / "packed.blend", tmp_path / "plain.blend", installed)
    assert any(name.endswith("userpref.blend") for name in held)
    assert any(".zip/" in name for name in held)
    assert [Path(name).name for name, data in held.items() if key in data] == ["key"]
