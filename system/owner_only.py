"""Restricts a file to its owner on Windows, where mode 0600 has no effect.

The file gets an access control list with one entry, the user of this process, and no inherited
ones, by functions of advapi32.
"""

import ctypes
import sys
from pathlib import Path

TOKEN_QUERY = 0x8
TOKEN_USER = 1
SDDL_REVISION = 1
DACL_SECURITY_INFORMATION = 0x4
PROTECTED = 0x80000000  # entries of the folder are not inherited


def restrict(path: Path) -> None:
    """Restrict a file to the user of this process. Raises OSError with the file name.

    Some file systems, such as FAT, have no access control lists.
    """
    if sys.platform == "win32":
        library = ctypes.WinDLL("advapi32", use_last_error=True)
        descriptor = ctypes.c_void_p()
        _check(
            library.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                f"D:P(A;;FA;;;{_user(library)})", SDDL_REVISION, ctypes.byref(descriptor), None
            ),
            path,
        )
        try:
            what = DACL_SECURITY_INFORMATION | PROTECTED
            _check(library.SetFileSecurityW(str(path), what, descriptor), path)
        finally:
            ctypes.windll.kernel32.LocalFree(descriptor)


if sys.platform == "win32":

    def _user(library: ctypes.WinDLL) -> str:
        """The security identifier of this process's user, as text."""
        token, size = ctypes.c_void_p(), ctypes.c_ulong()
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        _check(library.OpenProcessToken(process, TOKEN_QUERY, ctypes.byref(token)))
        try:
            library.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(size))
            user = ctypes.create_string_buffer(size.value)
            _check(library.GetTokenInformation(token, TOKEN_USER, user, size, ctypes.byref(size)))
        finally:
            kernel.CloseHandle(token)
        text = ctypes.c_wchar_p()
        identifier = ctypes.c_void_p.from_buffer(user)  # TOKEN_USER begins with a pointer to it
        _check(library.ConvertSidToStringSidW(identifier, ctypes.byref(text)))
        try:
            return text.value or ""
        finally:
            kernel.LocalFree(text)

    def _check(success: int, path: Path | None = None) -> None:
        if not success:
            error = ctypes.WinError(ctypes.get_last_error())
            error.filename = str(path) if path else None
            raise error
