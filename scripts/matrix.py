"""Prints the CI matrix as JSON for .github/workflows: python scripts/matrix.py

The Blenders are those of scripts/blenders.py that the manifest allows, each with its Python.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import blenders
from find_blender import numbers

MANIFEST = Path(__file__).resolve().parents[1] / "blender_manifest.toml"


def matrix() -> list[dict[str, str]]:
    """Return the bpy modules to test in."""
    oldest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["blender_version_min"]
    return [
        {"bpy": name, "python": python}
        for name, python in blenders.BPY.items()
        if numbers(name.removeprefix("bpy-")) >= numbers(oldest)
    ]


if __name__ == "__main__":
    json.dump({"include": matrix()}, sys.stdout)
