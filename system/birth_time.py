"""Reads the birth time of a file (statx on Linux, `st_birthtime` on macOS)."""

import contextlib
import os
import struct
import sys
from pathlib import Path

_AT_FDCWD, _STATX_BTIME = -100, 0x800  # linux/fcntl.h, linux/stat.h
_STATX_BYTES, _BTIME_OFFSET = 256, 80  # sizeof(struct statx), offset of stx_btime


def birth_time(path: Path) -> int | None:
    """The birth time in nanoseconds since 1970; None where it is not recorded.

    On Linux it cannot be set. Raises OSError.
    """
    if sys.platform != "linux":
        seconds = getattr(path.stat(), "st_birthtime", None)
        return int(seconds * 1e9) if seconds else None
    import ctypes  # imported here because it is slow to load

    found = ctypes.create_string_buffer(_STATX_BYTES)
    with contextlib.suppress(AttributeError):  # a C library without statx
        if ctypes.CDLL(None).statx(_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME, found) == 0:
            (known,) = struct.unpack_from("I", found)
            seconds, nanoseconds = struct.unpack_from("qI", found, _BTIME_OFFSET)
            return (seconds * 10**9 + nanoseconds if known & _STATX_BTIME else 0) or None
    return None
