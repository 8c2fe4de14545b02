"""Tests whether a disk is full, which Blender's error messages do not always tell."""

import contextlib
import os
from pathlib import Path

PROBE_BYTES = 9 << 17  # more than the largest block that Blender writes, 8 << 17


def out_of_space(folder: str) -> str:
    """A sentence if a test file cannot be written into `folder`, else ""."""
    path = Path(folder) / "room"
    try:
        # A compressing file system would store zeros in no space. It compresses blocks of 128 KiB,
        # so one random block is enough, repeated: more random data is slow to generate.
        path.write_bytes(os.urandom(PROBE_BYTES // 9) * 9)
    except OSError as error:
        return f"The disk of {folder} takes no more: {error.strerror or error}."
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return ""
