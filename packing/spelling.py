"""Corrects the case of letters in paths to that on disk.

Windows and macOS ignore the case, but a farm on Linux does not.
"""

# Blender's paths are strings, and there may be thousands:
# ruff: noqa: PTH110, PTH118, PTH208

import os
import sys
from functools import cache

FOLDS_CASE = sys.platform in ("win32", "darwin")


def on_disk(path: str) -> str:
    """`path` with its case as on disk; unchanged where no such file exists."""
    if os.path.exists(path) and not FOLDS_CASE:
        return path
    folder, name = os.path.split(path)
    if not name:
        return path
    folder = on_disk(folder)
    names = _names(folder)
    found = name if name in names.values() else names.get(name.casefold())
    return os.path.join(folder, name) if found is None else os.path.join(folder, found)


@cache
def _names(folder: str) -> dict[str, str]:
    """The names in `folder` by their case-folded form; {} if it cannot be read."""
    try:
        return {name.casefold(): name for name in sorted(os.listdir(folder), reverse=True)}
    except OSError:
        return {}
