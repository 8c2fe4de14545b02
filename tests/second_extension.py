"""Builds another extension that ships a different version of pydantic, as real ones may.

Its manifest names the wheels of several Pythons, and Blender's own `extension build
--split-platforms` makes its zips, as Blender's manual describes.
"""

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import build
from find_blender import Blender

PYDANTIC = "2.11.7"
PYTHONS = ("3.11", "3.13")
MANIFEST = """\
schema_version = "1.0.0"
id = "second"
version = "1.0.0"
name = "Second"
tagline = "Uses pydantic in the process of Blender"
maintainer = "Somebody <somebody@example.org>"
type = "add-on"
blender_version_min = "4.2.0"
license = ["SPDX:GPL-3.0-or-later"]
platforms = ["linux-x64", "windows-x64", "macos-arm64"]
wheels = [
{wheels}]
"""
MODULE = """\
import pydantic


def register():
    assert issubclass(pydantic.create_model("Model", number=(int, 1)), pydantic.BaseModel)


def unregister():
    pass
"""


def pydantic_wheels() -> list[Path]:
    """pydantic and its dependencies for two Pythons on this platform, from pip, kept in build/."""
    folder = build.ROOT / "build" / "wheels" / f"second-{PYDANTIC}"
    for python in PYTHONS:
        tag = build.tag(python)
        if not list(folder.glob(f"pydantic_core-*-{tag}-*.whl")):
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
            target = ["--implementation", "cp", "--python-version", python, "--abi", tag]
            command = [*pip, *target, "--dest", str(folder), f"pydantic=={PYDANTIC}"]
            subprocess.run(command, check=True, timeout=120)
    kinds = sorted(folder.glob("*.whl"), key=lambda path: path.name)
    return list({path.name: path for path in kinds}.values())


def bad_wheel(folder: Path) -> Path:
    """A fake pydantic of a much later version, for every Python, with an empty BaseModel class."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pydantic-99.0.0-py3-none-any.whl"
    files = {
        "pydantic/__init__.py": b"def create_model(*a, **k): return BaseModel\n"
        b"class BaseModel: pass\n__version__ = '99.0.0'\n"
        b"def __getattr__(name): raise TypeError(name + ' is of the past')\n",
        "pydantic-99.0.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: pydantic\n"
        b"Version: 99.0.0\n",
        "pydantic-99.0.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    record = "".join(f"{name},{_hash(data)},{len(data)}\n" for name, data in files.items())
    files["pydantic-99.0.0.dist-info/RECORD"] = record.encode()
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(name, data)
    return path


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + digest.decode().rstrip("=")


def make(folder: Path, wheels: list[Path], blender: Blender) -> dict[str, Path]:
    """Build the zips of the second extension; return them by platform."""
    source, target = folder / "source", folder / "zips"
    (source / "wheels").mkdir(parents=True)
    target.mkdir()
    for wheel in wheels:
        (source / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
    names = "".join(f'  "./wheels/{wheel.name}",\n' for wheel in wheels)
    (source / "blender_manifest.toml").write_text(MANIFEST.format(wheels=names), encoding="utf-8")
    (source / "__init__.py").write_text(MODULE, encoding="utf-8")
    where = (f"--source-dir={source}", f"--output-dir={target}", "--split-platforms")
    code, said = build.extension_tool(blender, "build", *where)
    assert code == 0, said
    return {path.stem.split("-")[-1].replace("_", "-"): path for path in target.glob("*.zip")}
