"""Snapshots of the files on disk."""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .plan import Press


@dataclass
class Seen:
    """A job whose record became `finished`, with the files on disk right after that."""

    press: Press
    at: float
    hashes: dict[str, str]


def hashes(folder: Path) -> dict[str, str]:
    """Return the content hash of every file below a folder, keyed by relative path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(OSError):
            if path.is_file():
                found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
