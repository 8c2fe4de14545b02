"""Stores the API key in a file of mode 0600; the environment variable takes precedence."""

import contextlib
import os
from pathlib import Path

from ..system import sharing
from ..system.files import ensure_private, write_atomic
from ..system.processes import KEY_VARIABLE as VARIABLE

MAX_BYTES = 2048  # of a key that is read, more than any has
__all__ = ["VARIABLE", "from_environment", "read", "write"]


def read(state: Path) -> str:
    """Read the key; "" if there is none. Raises OSError for an unreadable file."""
    from_environment = os.environ.get(VARIABLE, "").strip()
    if from_environment:
        return from_environment
    try:
        with contextlib.suppress(OSError):  # missing, or on a read-only disk
            _path(state).chmod(0o600)  # a restored backup may be readable by others
        data = sharing.read_bytes(_path(state), MAX_BYTES)
        return data.decode("utf-8-sig", "replace").strip()  # what is no text can be no key
    except FileNotFoundError:
        return ""


def write(state: Path, key: str) -> None:
    """Store `key`; "" deletes it. Raises OSError."""
    ensure_private(state)
    if not key:
        sharing.remove(_path(state))
        return
    write_atomic(_path(state), key + "\n", secret=True)


def from_environment() -> bool:
    """Whether the key comes from the environment, which overrides a stored key."""
    return bool(os.environ.get(VARIABLE, "").strip())


def _path(state: Path) -> Path:
    return state / "key"
