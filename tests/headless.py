"""Runs the extension without a window, installed or not, in the bpy module or a whole Blender."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 120

INSTALL = """
import sys, bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[-1], repo="user_default", enable_on_install=True)
assert any(name.endswith(".renderjuice") for name in bpy.context.preferences.addons.keys())
bpy.ops.wm.save_userpref()
"""

# bpy for Windows does not exit by itself under Wine.
ENDING = "\nimport os, sys; sys.stdout.flush(); os._exit(0)\n"

# Makes the installed extension work in the module, as headless.py does; `name` is its module.
ENABLE = """
import bpy, addon_utils
if bpy.app.version >= (4, 5, 0):
    bpy.ops.wm.read_userpref()
else:  # this module crashes when it reads preferences
    bpy.context.preferences.system.use_online_access = True
    for module in addon_utils.modules():
        if module.__name__.endswith(".renderjuice"):
            addon_utils.enable(module.__name__, default_set=True)
name = next(n for n in bpy.context.preferences.addons.keys() if n.endswith(".renderjuice"))

def ours(module):  # one of the extension's modules
    import importlib
    return importlib.import_module(name + "." + module)
"""


@dataclass
class Outcome:
    """The result of a command. `document` is what it wrote with --json."""

    code: int
    document: dict[str, Any]
    stdout: str
    stderr: str


@dataclass
class Headless:
    """One user's Blender. `resources` is their BLENDER_USER_RESOURCES."""

    resources: Path
    farm: Any = None
    environment: dict[str, str] = field(default_factory=dict)
    script: Path = ROOT / "headless.py"

    def install(self) -> None:
        """Build the zip for this Python and install it as an artist would."""
        folder = self.resources / "zip"
        build = [
            sys.executable,
            str(ROOT / "scripts/build.py"),
            "--module",
            "--output",
            str(folder),
        ]
        subprocess.run(build, check=True, timeout=TIMEOUT)
        (zip_file,) = folder.glob("*.zip")
        done = self.python("-c", INSTALL, str(zip_file))
        assert done.returncode == 0, done.stderr + done.stdout

    def python(self, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Run this test's Python with bpy in it, as this user."""
        if sys.platform == "win32" and arguments[0] == "-c":
            arguments = ("-c", arguments[1] + ENDING, *arguments[2:])
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.env(),
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # Blender prints file names as raw bytes
            timeout=TIMEOUT,
            check=False,
            **more,
        )

    def said(self, script: str, mark: str, *arguments: str) -> Any:
        """Run a script with the installed extension enabled; return the JSON it prints after
        `mark`."""
        done = self.python("-c", ENABLE + script, *arguments)
        assert done.returncode == 0, done.stderr
        line = next(line for line in done.stdout.splitlines() if line.startswith(mark))
        assert "Traceback" not in done.stderr
        return json.loads(line.removeprefix(mark))

    def run(
        self, blend: Path | None, *arguments: str, stdin: str = "", before: tuple[str, ...] = ()
    ) -> Outcome:
        """Run one command on a file, or without a file, and return its Outcome."""
        self.resources.mkdir(parents=True, exist_ok=True)
        target = self.resources / "document.json"
        target.unlink(missing_ok=True)
        command = [
            *before,
            *([str(blend)] if blend else []),
            "--",
            *arguments,
            "--json",
            str(target),
        ]
        done = self.python(str(self.script), *command, input=stdin)
        document = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        return Outcome(done.returncode, document, done.stdout, done.stderr)

    def start(self, blend: Path, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, str(self.script), str(blend), "--", *arguments],
            env=self.env(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def env(self) -> dict[str, str]:
        """The environment variables of this user's processes."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("RENDERJUICE_", "BLENDER"))}
        env |= {"BLENDER_USER_RESOURCES": str(self.resources), "PYTHONUNBUFFERED": "1"}
        if self.farm is not None:
            env |= {
                "RENDERJUICE_API_URL": self.farm.api_url,
                "RENDERJUICE_API_KEY": self.farm.key,
            }
        return env | self.environment
