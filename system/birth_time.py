"""When a file was made, as the file system itself has written it down."""

import contextlib
import os
import struct
import sys
from pathlib import Path

_AT_FDCWD, _STATX_BTIME, _STATX_BYTES = (
    -100,
    0x800,
    256,
)  # AT_FDCWD, STATX_BTIME, bytes of a struct statx
_BTIME_OFFSET = 80  # stx_btime in it


def birth_time(path: Path) -> int | None:
    """Nanoseconds since 1970; None where the file system or the system does not tell.

    On Linux nobody can set it. Raises OSError.
    """
    if sys.platform != "linux":
        seconds = getattr(path.stat(), "st_birthtime", None)
        return int(seconds * 1e9) if seconds else None
    import ctypes  # now: it takes a moment

    found = ctypes.create_string_buffer(_STATX_BYTES)
    with contextlib.suppress(AttributeError):  # a C library without statx
        if ctypes.CDLL(None).statx(_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME, found) == 0:
            (known,) = struct.unpack_from("I", found)
            seconds, nanoseconds = struct.unpack_from("qI", found, _BTIME_OFFSET)
            return (seconds * 10**9 + nanoseconds if known & _STATX_BTIME else 0) or None
    return None
