"""The disk as it is seen at a moment."""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .plan import Press


@dataclass
class Seen:
    """A job that was said to be finished, and the files that were there a moment later."""

    press: Press
    at: float
    hashes: dict[str, str]


def hashes(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its path in it, with the hash of what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(OSError):
            if path.is_file():
                found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
