"""Builds the extension: dist/renderjuice-VERSION-PLATFORM-cpXY.zip for one platform and Python.

    python scripts/build.py                                       # for the Blender at hand
    python scripts/build.py --module                              # for this Python's bpy
    python scripts/build.py --python 3.13 --platform windows-x64  # for another

scripts/packages.py builds all zips of a release.

All extensions of a Blender share one folder of wheels, and Blender chooses among the wheels of one
zip by platform but not always by Python. So each zip has the wheels for exactly one platform and
one Python, and its manifest allows only the Blenders that choose correctly.
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

import libraries
from find_blender import Blender, NotFound, find, module

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "blender_manifest.toml"
REQUIREMENTS = ROOT / "requirements" / "wheels.txt"

# Python -> the Blenders to offer it to, the last one excluded. If there are wheels for several
# Pythons, Blender 4.2.0 takes the last, whatever its own Python is, so the version range excludes
# zips that it must not take. Python 3.14 is used by the Blenders of Linux distributions.
BLENDERS = {"3.11": ("4.2.0", "5.1.0"), "3.13": ("4.3.0", ""), "3.14": ("5.0.0", "")}
ONLY = {"3.14": ("linux-x64",)}
# Blender's platform -> pip's. No musllinux, which Blender never picks.
PLATFORMS = {
    "linux-x64": "manylinux2014_x86_64",
    "windows-x64": "win_amd64",
    "windows-arm64": "win_arm64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x64": "macosx_11_0_x86_64",
}
SAME_TIME = (2026, 1, 1, 0, 0, 0)  # for every member, so that builds are reproducible


class BuildError(Exception):
    """The zip cannot be built; the message says why and what to do."""


def targets() -> list[tuple[str, str]]:
    """Return the Python and platform of each zip of a release, for the manifest's platforms."""
    platforms = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["platforms"]
    return [(python, name) for python in BLENDERS for name in ONLY.get(python, platforms)]


def build(python: str, platform: str, blender: Blender, folder: Path) -> Path:
    """Write the zip for a Python and a platform into `folder`, and validate it with Blender."""
    if (python, platform) not in targets():
        known = ", ".join(f"{tag(python)} on {platform}" for python, platform in targets())
        raise BuildError(f"There are no wheels for Python {python} on {platform}. Known: {known}.")
    wheels = download_wheels(python, platform)
    text = manifest(python, platform, [wheel.name for wheel in wheels])
    version = tomllib.loads(text)["version"]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(version, python, platform)
    part = target.with_suffix(".part.zip")
    write(part, text, wheels)
    try:
        validate(part, blender)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def file_name(version: str, python: str, platform: str) -> str:
    """Return the file name of a target's zip."""
    return f"renderjuice-{version}-{platform}-{tag(python)}.zip"


def tag(python: str) -> str:
    """Return the tag of a Python version: `cp313` for `3.13`."""
    return "cp" + python.replace(".", "")


def manifest(python: str, platform: str, wheels: list[str]) -> str:
    """Return the manifest for a zip, with the Blender versions, platform and wheels of the zip."""
    text = MANIFEST.read_text(encoding="utf-8")
    oldest, too_new = BLENDERS[python]
    versions = f'blender_version_min = "{oldest}"'
    versions += f'\nblender_version_max = "{too_new}"' if too_new else ""
    names = "".join(f'  "./wheels/{name}",\n' for name in wheels)
    holds = {
        "blender_version_min": versions,
        "platforms": f'platforms = ["{platform}"]\nwheels = [\n{names}]',
    }
    for key, lines in holds.items():
        text, count = re.subn(rf"^{key} = .*$", lines, text, flags=re.MULTILINE)
        if count != 1:
            raise BuildError(f"blender_manifest.toml must have one line {key} = ...")
    return text


def sources() -> list[Path]:
    """Return the extension's files, sorted, relative to the root: license, modules, packages."""
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
    """Write the archive; the same content gives the same bytes.

    Nothing is compressed: wheels already are, and zlib's output differs between machines.
    """
    with zipfile.ZipFile(target, "w") as archive:
        _add(archive, "blender_manifest.toml", manifest_text.encode())
        for path in sources():
            _add(archive, path.as_posix(), (ROOT / path).read_bytes())
        for wheel in wheels:
            _add(archive, f"wheels/{wheel.name}", wheel.read_bytes())


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, SAME_TIME)
    info.create_system = 3  # Unix, on every system
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def download_wheels(python: str, platform: str) -> list[Path]:
    """Download the wheels of requirements/wheels.txt for a target with pip, into build/wheels."""
    folder = ROOT / "build" / "wheels" / f"{tag(python)}-{platform}"
    if not complete(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:  # all or nothing
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
        if not complete(folder):
            raise BuildError(f"{folder} does not hold the wheels that {REQUIREMENTS} pins.")
    wheels = sorted(folder.glob("*.whl"))
    wrong = [problem for wheel in wheels for problem in libraries.problems(wheel, platform)]
    if wrong:
        raise BuildError("Wheels do not fit their platform:\n" + "\n".join(wrong))
    return wheels


def pip_download(python: str, platform: str, folder: Path) -> list[str]:
    """Return pip's command line for wheels of the given Python and platform.

    It excludes abi3 wheels, because Blender 4.3.0 does not support them.
    """
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
        *("--abi", tag(python), "--abi", "none", "--platform", PLATFORMS[platform]),
        *("--dest", str(folder)),
    ]


def complete(folder: Path) -> bool:
    """Return whether the folder has one wheel per requirement, each with a pinned hash."""
    pins = REQUIREMENTS.read_text(encoding="utf-8")
    wanted = set(re.findall(r"^([a-z0-9-]+)==", pins, flags=re.MULTILINE))
    found = set()
    for wheel in folder.glob("*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in pins:
            return False
        found.add(wheel.name.split("-")[0].replace("_", "-").lower())
    return found == wanted


def validate(archive: Path, blender: Blender) -> None:
    """Validate the archive with Blender's own tool; raises BuildError with its output."""
    code, output = extension_tool(blender, "validate", str(archive))
    if code:
        raise BuildError(f"Blender refuses the extension:\n{output}")


def extension_tool(blender: Blender, action: str, *arguments: str) -> tuple[int, str]:
    """Run Blender's own tool for extensions, and return its exit code and output."""
    if blender.is_module:
        scripts = Path(blender.scripts)
        tool = scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
        command = [blender.program, str(tool), action, *arguments]
        if action in {"build", "validate"}:
            tags = scripts / "modules" / "_bpy_internal" / "extensions" / "tags.py"
            command.append(f"--valid-tags={tags}")
    else:
        extension = ["--factory-startup", "--command", "extension"]
        command = [blender.program, *extension, action, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    """Run the command line; return 1 with a message if the build fails."""
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
