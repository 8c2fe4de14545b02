"""Finds the Blender that `make build`, `make demo` and `make test` use.

`$BLENDER`, else a `blender` 4.2 or newer on PATH, else Blender as the Python module `bpy`, which is
installed into this Python's virtual environment if it is missing.

    python scripts/find_blender.py            # prints which one it is
    python scripts/find_blender.py --module   # only the module, even if there is another Blender
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

OLDEST = (4, 2)
MODULES = {"3.11": "4.5.15", "3.13": "5.2.3"}  # Python -> its newest LTS bpy
LIBRARIES = (
    "libgl1 libice6 libsm6 libx11-6 libxext6 libxfixes3 libxi6"
    " libxkbcommon0 libxrender1 libxxf86vm1"
)

MARK = "RENDERJUICE-BLENDER "
QUESTION = f"""
import bpy, json, platform, sys
systems = {{"darwin": "macos"}}
machines = {{"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}}
system, machine = platform.system().lower(), platform.machine().lower()
print("{MARK}" + json.dumps({{
    "version": ".".join(str(part) for part in bpy.app.version),
    "python": ".".join(str(part) for part in sys.version_info[:2]),
    "platform": systems.get(system, system) + "-" + machines.get(machine, machine),
    "scripts": bpy.utils.system_resource("SCRIPTS"),
}}))
"""


def numbers(version: str) -> list[int]:
    """Return the numbers of a version such as 4.5.15, for comparisons."""
    return [int(part) for part in version.split(".")]


class NotFound(Exception):
    """There is no usable Blender; the message says why and what to do."""


@dataclass(frozen=True)
class Blender:
    """A Blender, with the data that it reports."""

    program: str  # the Blender program, or a Python with the module
    is_module: bool
    version: str  # "4.5.15"
    python: str  # "3.11"
    platform: str  # "linux-x64", as in the manifest
    scripts: str  # the folder of Blender's own scripts

    @property
    def name(self) -> str:
        """A readable description."""
        kind = "bpy module" if self.is_module else "Blender"
        return f"{kind} {self.version} (Python {self.python}, {self.platform}, {self.program})"

    def script(self, path: str, *arguments: str) -> list[str]:
        """Return the command that runs a Python script in this Blender with factory settings."""
        if self.is_module:
            return [self.program, path, *arguments]
        switches = "--background --factory-startup --python-exit-code 3 --python"
        return [self.program, *switches.split(), path, "--", *arguments]


def find(*, window: bool = False) -> Blender:
    """Return this machine's Blender; with `window`, not the module. Raises NotFound."""
    if chosen := os.environ.get("BLENDER"):
        program = shutil.which(chosen)
        if not program:
            raise NotFound(f"$BLENDER is {chosen}, which is no program. Set it to a Blender.")
        return whole(program)
    if on_path := shutil.which("blender"):
        try:
            return whole(on_path)
        except NotFound as problem:
            if window:
                raise
            print(f"{problem} The bpy module takes its place.", file=sys.stderr)
    if window:
        raise NotFound("A Blender with a window is needed: put it on PATH, or name it in $BLENDER.")
    return module()


def module() -> Blender:
    """Return the bpy module of this Python, installed if needed. Raises NotFound."""
    if not importlib.util.find_spec("bpy"):
        _install()
    code, output = _run([sys.executable, "-c", QUESTION])
    if code:
        raise NotFound(why_not_imported(output))
    return _described(output, sys.executable, is_module=True)


def whole(program: str) -> Blender:
    """Return the complete Blender that `program` starts. Raises NotFound."""
    switches = "--background --factory-startup --offline-mode --python-exit-code 3 --python-expr"
    code, output = _run([program, *switches.split(), QUESTION])
    if code or MARK not in output:
        raise NotFound(f"{program} does not run Python as Blender does: {_last_line(output)}")
    found = _described(output, program, is_module=False)
    if tuple(numbers(found.version)) < OLDEST:
        raise NotFound(f"{program} is Blender {found.version}; 4.2 or newer is needed.")
    return found


def _install() -> None:
    """Install the module that fits this Python into its virtual environment."""
    python = ".".join(str(part) for part in sys.version_info[:2])
    version = MODULES.get(python)
    if not version:
        raise NotFound(
            f"There is no Blender: none in $BLENDER or on PATH, and no bpy module for Python "
            f"{python}. Install Blender 4.2 or newer, or use Python {' or '.join(MODULES)}."
        )
    if sys.prefix == sys.base_prefix:
        raise NotFound("The bpy module goes into a virtual environment only: run this by make.")
    print(f"Installing bpy {version}, Blender as a Python module (about 400 MB).", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    code = subprocess.run([*pip, f"bpy=={version}"], check=False).returncode
    if code:
        raise NotFound(
            f"pip could not install bpy {version} (above). Install Blender 4.2 or newer and put "
            "it on PATH, or name it in $BLENDER."
        )


def why_not_imported(output: str) -> str:
    """Return why Python could not import bpy, and what to do, from Python's output."""
    reason = _last_line(output)
    if "cannot open shared object file" not in reason:
        return f"The bpy module cannot be imported: {reason}"
    library = reason.removeprefix("ImportError: ").split(":")[0]
    return (
        f"Blender needs the system library {library}, which is missing. On Debian and Ubuntu:\n"
        f"  apt-get install {LIBRARIES}"
    )


def _described(output: str, program: str, *, is_module: bool) -> Blender:
    line = next(line for line in output.splitlines() if line.startswith(MARK))
    return Blender(program=program, is_module=is_module, **json.loads(line[len(MARK) :]))


def _run(command: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."


def main() -> int:
    """Print the Blender that was found; return 1 with a message if there is none."""
    parser = argparse.ArgumentParser(description="Find a Blender, or install the bpy module.")
    parser.add_argument("--module", action="store_true", help="the bpy module only")
    try:
        found = module() if parser.parse_args().module else find()
    except NotFound as problem:
        print(problem, file=sys.stderr)
        return 1
    print(found.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
