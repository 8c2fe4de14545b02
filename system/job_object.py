"""Makes Windows end the children of a process with it, by a job object.

A child in C code reads no pipe, so it cannot notice its parent's end itself; and one that is just
being created when its parent ends would stay suspended.
"""

import struct
import sys

KILL_ON_JOB_CLOSE = 0x2000  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
BREAKAWAY_OK = 0x800  # JOB_OBJECT_LIMIT_BREAKAWAY_OK: for a child that is to outlive the worker
_EXTENDED_LIMIT_INFORMATION = 9
_INFORMATION_BYTES, _FLAGS_OFFSET = 144, 16  # of JOBOBJECT_EXTENDED_LIMIT_INFORMATION, 64 bits


def end_children_with_this_process() -> None:
    """End all children that this process starts from now on when it ends, however it does.

    No-op on other systems. Raises OSError if Windows refuses.
    """
    if sys.platform != "win32":
        return
    import ctypes  # imported here because it is slow to load

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    # Windows closes this handle, the only one, when the process ends: it is never closed here.
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    limits = ctypes.create_string_buffer(_INFORMATION_BYTES)
    struct.pack_into("I", limits, _FLAGS_OFFSET, KILL_ON_JOB_CLOSE | BREAKAWAY_OK)
    done = job and kernel.SetInformationJobObject(
        job, _EXTENDED_LIMIT_INFORMATION, limits, _INFORMATION_BYTES
    )
    # Children are in their parent's job from their creation on.
    this = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not done or not kernel.AssignProcessToJobObject(job, this):
        raise ctypes.WinError(ctypes.get_last_error())
