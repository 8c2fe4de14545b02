"""Installs the other packers that the catalogue compares, each in a separate environment.

They are installed beside the Blenders of scripts/blenders.py, with the Python of one of them.
"""

import subprocess
from pathlib import Path

# By packer: the Blender whose Python it is installed with, and its packages. Version 1 reads .blend
# files without Blender, and those of 5.0 with zstandard; version 2 runs in Blender 5.1 and later.
PEERS = {
    "bat-1.23": ("4.5.15", ["blender-asset-tracer==1.23", "requests", "zstandard"]),
    "bat-2.0.4": ("5.2.3", ["blender-asset-tracer==2.0.4"]),
    "bat-2.2.1": ("5.2.3", ["blender-asset-tracer==2.2.1"]),
}


def provide(name: str, python: Path) -> Path:
    """The command of a packer, which is installed if it is missing."""
    folder = python.parents[2] / name
    command = folder / "bin" / "bat"
    if not command.exists():
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
        subprocess.run([str(python), "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([*pip, *PEERS[name][1]], check=True)
    return command
