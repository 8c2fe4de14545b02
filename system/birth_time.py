"""When a file was made, as the file system itself has written it down."""

import contextlib
import os
import struct
import sys
from pathlib import Path

_HERE, _BIRTH, _SIZE = -100, 0x800, 256  # AT_FDCWD, STATX_BTIME, bytes of a struct statx
_AT = 80  # stx_btime in it


def birth_time(path: Path) -> int | None:
    """Nanoseconds since 1970; None where the file system or the system does not tell.

    On Linux nobody can set it. Raises OSError.
    """
    if sys.platform != "linux":
        seconds = getattr(path.stat(), "st_birthtime", None)
        return int(seconds * 1e9) if seconds else None
    import ctypes  # now: it takes a moment

    found = ctypes.create_string_buffer(_SIZE)
    with contextlib.suppress(AttributeError):  # a C library without statx
        if ctypes.CDLL(None).statx(_HERE, os.fsencode(path), 0, _BIRTH, found) == 0:
            (known,) = struct.unpack_from("I", found)
            seconds, nanoseconds = struct.unpack_from("qI", found, _AT)
            return (seconds * 10**9 + nanoseconds if known & _BIRTH else 0) or None
    return None
