"""Runs a program as if the file system refused to lock files: without_locks.py PROGRAM"""

import errno
import os
import runpy
import sys
from typing import Any


def _refuse(*_: Any) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


if sys.platform == "win32":
    import msvcrt

    msvcrt.locking = _refuse
else:
    import fcntl

    fcntl.flock = _refuse
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
