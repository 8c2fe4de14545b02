"""Restricts a file to its owner on Windows, where mode 0600 has no effect; says who can read one.

The file gets an access control list with one entry, the user of this process, and no inherited
ones, by functions of advapi32.
"""

import contextlib
import ctypes
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        with _descriptor(library, f"D:P(A;;FA;;;{_user(library)})") as descriptor:
            what = DACL_SECURITY_INFORMATION | PROTECTED
            _check(library.SetFileSecurityW(str(path), what, descriptor), path)


def others(path: Path) -> str:
    """Who but the user can access a file, as the system says it; "" if nobody. Raises OSError.

    On Windows, the system and its administrators do not count: they can take any file.
    """
    if sys.platform == "win32":
        library = ctypes.WinDLL("advapi32", use_last_error=True)
        allowed = f"D:(A;;FA;;;{_user(library)})(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)"
        with _descriptor(library, allowed) as descriptor:
            known = _entries(_text(library, descriptor))
        return ", ".join(sorted(_entries(_text(library, _access_list(library, path))) - known))
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"mode {mode:04o}" if mode & 0o077 else ""


def _entries(descriptor: str) -> set[str]:
    """Whom the entries of a security descriptor, as text, allow something."""
    if "NO_ACCESS_CONTROL" in descriptor:
        return {"everyone"}
    return set(re.findall(r"\((?:A|OA|XA);[^;)]*;[^;)]*;[^;)]*;[^;)]*;([^;)]*)", descriptor))


if sys.platform == "win32":

    @contextlib.contextmanager
    def _descriptor(library: ctypes.WinDLL, text: str) -> Iterator[ctypes.c_void_p]:
        """The security descriptor of its text."""
        descriptor = ctypes.c_void_p()
        _check(
            library.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text, SDDL_REVISION, ctypes.byref(descriptor), None
            )
        )
        try:
            yield descriptor
        finally:
            ctypes.windll.kernel32.LocalFree(descriptor)

    def _access_list(library: ctypes.WinDLL, path: Path) -> ctypes.Array[ctypes.c_char]:
        """The security descriptor of a file, with its access control list."""
        size, what = ctypes.c_ulong(), DACL_SECURITY_INFORMATION
        library.GetFileSecurityW(str(path), what, None, 0, ctypes.byref(size))
        held = ctypes.create_string_buffer(size.value)
        _check(library.GetFileSecurityW(str(path), what, held, size, ctypes.byref(size)), path)
        return held

    def _text(library: ctypes.WinDLL, descriptor: Any) -> str:
        """The access control list of a security descriptor, as text with the shortest names."""
        text = ctypes.c_wchar_p()
        _check(
            library.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor, SDDL_REVISION, DACL_SECURITY_INFORMATION, ctypes.byref(text), None
            )
        )
        try:
            return text.value or ""
        finally:
            ctypes.windll.kernel32.LocalFree(text)

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
