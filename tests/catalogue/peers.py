"""Provides the other packers that the catalogue is run with, each in an environment of its own.

They lie beside the Blenders of scripts/blenders.py, and are made with the Python of one of them.
"""

import subprocess
from pathlib import Path

# The Blender whose Python it is made with, and what is installed. Version 1 reads .blend files
# without Blender, and those of 5.0 with zstandard; version 2 runs in Blender 5.1 and later.
PEERS = {
    "bat-1.23": ("4.5.15", ["blender-asset-tracer==1.23", "requests", "zstandard"]),
    "bat-2.0.4": ("5.2.3", ["blender-asset-tracer==2.0.4"]),
    "bat-2.2.1": ("5.2.3", ["blender-asset-tracer==2.2.1"]),
}


def provide(name: str, python: Path) -> Path:
    """The command of a packer, which is made if it is not there."""
    folder = python.parents[2] / name
    command = folder / "bin" / "bat"
    if not command.exists():
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
        subprocess.run([str(python), "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([*pip, *PEERS[name][1]], check=True)
    return command
