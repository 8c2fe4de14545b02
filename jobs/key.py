"""The API key: in the environment, or in a file that only its owner can read."""

import contextlib
import os
from pathlib import Path

from ..system.files import ensure_private, write_atomic
from ..system.processes import KEY_VARIABLE as VARIABLE

__all__ = ["VARIABLE", "from_environment", "read", "write"]


def read(state: Path) -> str:
    """The key, or "" where there is none. Raises OSError for a file that cannot be read."""
    from_environment = os.environ.get(VARIABLE, "").strip()
    if from_environment:
        return from_environment
    try:
        with contextlib.suppress(OSError):  # not there, or on a disk that cannot be written
            _path(state).chmod(0o600)  # a backup may have brought it back open to others
        return _path(state).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def write(state: Path, key: str) -> None:
    """Keep `key` for later sessions; "" forgets it. Raises OSError."""
    ensure_private(state)
    if not key:
        _path(state).unlink(missing_ok=True)
        return
    write_atomic(_path(state), key + "\n")


def from_environment() -> bool:
    """Whether the key in use stands in the environment, which a stored key cannot change."""
    return bool(os.environ.get(VARIABLE, "").strip())


def _path(state: Path) -> Path:
    return state / "key"
