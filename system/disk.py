"""Whether a disk is full, which Blender does not always say."""

import contextlib
import os
from pathlib import Path

PROBE_BYTES = 9 << 17  # bytes; what did not fit for Blender was a block of at most 8 << 17


def out_of_space(folder: str) -> str:
    """That nothing more can be written into `folder`, and why; "" if something can."""
    path = Path(folder) / "room"
    try:
        # Zeros would take no room on a disk that compresses, 128 KiB at a time; chance takes time.
        path.write_bytes(os.urandom(PROBE_BYTES // 9) * 9)
    except OSError as error:
        return f"The disk of {folder} takes no more: {error.strerror or error}."
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return ""
