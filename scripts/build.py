"""Builds the extension: dist/renderjuice-VERSION-PLATFORM-cpXY.zip, one platform and one Python.

    python scripts/build.py                                       # for the Blender at hand
    python scripts/build.py --module                              # for this Python's bpy
    python scripts/build.py --python 3.13 --platform windows-x64  # for another

All extensions of a Blender share one folder of wheels, and Blender chooses among the wheels of one
zip by platform but not always by Python. So each zip holds the wheels for exactly one of each, and
its manifest lets in only the Blenders that choose rightly.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from find_blender import Blender, NotFound, find, module

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements" / "wheels.txt"

# What is inside beside the modules at the top.
FOLDERS = ("api", "commands", "jobs", "operators", "packing", "panels", "scene", "translations")
FILES = ("LICENSE",)

# Python -> the Blenders to offer it to. Blender 4.2.0 takes the last of several Pythons' wheels,
# whichever its own is, so what it must not take is kept from it by the version.
BLENDERS = {
    "3.11": ('blender_version_min = "4.2.0"', 'blender_version_max = "5.1.0"'),
    "3.13": ('blender_version_min = "4.3.0"',),
    "3.14": ('blender_version_min = "5.0.0"',),
}
# Blender's platform -> pip's. Not musllinux (Blender never picks it).
PLATFORMS = {
    "linux-x64": "manylinux2014_x86_64",
    "windows-x64": "win_amd64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x64": "macosx_11_0_x86_64",
}
SAME_TIME = (2026, 1, 1, 0, 0, 0)  # in every archive, so that the same sources give the same bytes


class BuildError(Exception):
    """Why the zip cannot be built, and what to do."""


def build(python: str, platform: str, blender: Blender, folder: Path) -> Path:
    """Write the zip for a Python and a platform into `folder` and let Blender validate it."""
    if python not in BLENDERS or platform not in PLATFORMS:
        raise BuildError(
            f"There are no wheels for Python {python} on {platform}: known are Python "
            f"{', '.join(BLENDERS)} and {', '.join(PLATFORMS)}."
        )
    wheels = download_wheels(python, platform)
    text = manifest(python, platform, [wheel.name for wheel in wheels])
    version = tomllib.loads(text)["version"]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"renderjuice-{version}-{platform}-{tag(python)}.zip"
    part = target.with_suffix(".part.zip")
    write(part, text, wheels)
    try:
        validate(part, blender)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def tag(python: str) -> str:
    """`cp313` for `3.13`."""
    return "cp" + python.replace(".", "")


def manifest(python: str, platform: str, wheels: list[str]) -> str:
    """The text of the manifest inside a zip: ours, with what holds for this zip only."""
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    names = "".join(f'  "./wheels/{name}",\n' for name in wheels)
    ours = [*BLENDERS[python], f'platforms = ["{platform}"]', f"wheels = [\n{names}]"]
    text, count = re.subn(r"^blender_version_min = .*$", "\n".join(ours), text, flags=re.MULTILINE)
    if count != 1:
        raise BuildError("blender_manifest.toml must have one line blender_version_min = ...")
    return text


def sources() -> list[Path]:
    """What belongs into the extension, sorted, relative to the root: licence, modules, packages."""
    found = [ROOT / "LICENSE", *ROOT.glob("*.py")]
    for package in ROOT.glob("*/__init__.py"):
        found += (path for path in package.parent.rglob("*") if path.is_file())
    relative = (path.relative_to(ROOT) for path in found)
    return sorted(
        path
        for path in relative
        if not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    )


def write(target: Path, manifest_text: str, wheels: list[Path]) -> None:
    """Write the archive, byte for byte the same for the same content."""
    with zipfile.ZipFile(target, "w") as archive:
        _add(archive, "blender_manifest.toml", manifest_text.encode())
        for path in sources():
            _add(archive, path.as_posix(), (ROOT / path).read_bytes())
        for wheel in wheels:
            _add(archive, f"wheels/{wheel.name}", wheel.read_bytes(), zipfile.ZIP_STORED)


def _add(
    archive: zipfile.ZipFile, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED
) -> None:
    info = zipfile.ZipInfo(name, SAME_TIME)
    info.compress_type = compression
    info.create_system = 3  # Unix, wherever this runs
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def download_wheels(python: str, platform: str) -> list[Path]:
    """The wheels of requirements/wheels.txt for a target, from pip, kept in build/wheels."""
    folder = ROOT / "build" / "wheels" / f"{tag(python)}-{platform}"
    if not _complete(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:  # whole or not at all
            new = Path(name, "wheels")
            arguments = pip_download(python, platform, new)
            arguments += ["--require-hashes", "--requirement", str(REQUIREMENTS)]
            if subprocess.run(arguments, stdout=sys.stderr, check=False).returncode:
                raise BuildError(
                    f"pip could not download the wheels for Python {python} on {platform} (above). "
                    "Look at the network, or at pip's own configuration, and run this again."
                )
            with contextlib.suppress(OSError):  # another build was faster
                new.rename(folder)
        if not _complete(folder):
            raise BuildError(f"{folder} does not hold the wheels that {REQUIREMENTS} pins.")
    return sorted(folder.glob("*.whl"))


def pip_download(python: str, platform: str, folder: Path) -> list[str]:
    """pip's command line for wheels of another Python and platform than this one's.

    Without abi3 wheels: Blender 4.3.0 does not know them.
    """
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
        *("--abi", tag(python), "--abi", "none", "--platform", PLATFORMS[platform]),
        *("--dest", str(folder)),
    ]


def _complete(folder: Path) -> bool:
    """Whether the folder holds one wheel of each requirement, each with a pinned hash."""
    pins = REQUIREMENTS.read_text(encoding="utf-8")
    wanted = set(re.findall(r"^([a-z0-9-]+)==", pins, flags=re.MULTILINE))
    found = set()
    for wheel in folder.glob("*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in pins:
            return False
        found.add(wheel.name.split("-")[0].replace("_", "-").lower())
    return found == wanted


def validate(archive: Path, blender: Blender) -> None:
    """Let Blender's own tool look at the archive; raises BuildError with its words."""
    if blender.is_module:
        scripts = Path(blender.scripts)
        tool = scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
        tags = scripts / "modules" / "_bpy_internal" / "extensions" / "tags.py"
        command = [blender.program, str(tool), "validate", str(archive), f"--valid-tags={tags}"]
    else:
        extension = ["--factory-startup", "--command", "extension"]
        command = [blender.program, *extension, "validate", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise BuildError(f"Blender refuses the extension:\n{done.stdout}{done.stderr}")


def main() -> int:
    """Do what the command line says; 1 with a sentence when it cannot be done."""
    parser = argparse.ArgumentParser(description="Build the extension for the Blender at hand.")
    parser.add_argument("--module", action="store_true", help="for the bpy module of this Python")
    parser.add_argument("--python", choices=BLENDERS, help="for a Blender with this Python")
    parser.add_argument("--platform", choices=PLATFORMS, help="for this platform")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder for it")
    options = parser.parse_args()
    try:
        blender = module() if options.module else find()
        python, platform = options.python or blender.python, options.platform or blender.platform
        print(build(python, platform, blender, options.output))
    except (BuildError, NotFound) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
