"""Makes untrusted names safe as file names on every operating system, and knows their limits.

Names come from the farm, from titles and from nodes. They may be hostile, and files written on one
system may be read on another.
"""

import errno
import os
import re
import sys
import unicodedata
from dataclasses import dataclass

MAX_NAME_BYTES = 200
"""Bytes of a name. File systems allow 255; a download temporarily adds `.<job>.part.etag`."""
ADDED_BYTES = len(".0123456789ab.part.etag")
MAX_NAME = 255
"""The longest name of a file or folder: in UTF-16 units on Windows, in bytes elsewhere."""
_END_BYTES = 48  # kept at the end of a truncated stem, where the frame number is
_MAX_SUFFIX = 16
MIN_NAME_BYTES = 32
"""Bytes of a name for which there has to be room: shorter truncated names could collide."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\u2028\u2029<>:"|?*\\/]|~(?=\d)')  # GIT~1 is .git
_JOINERS = "\u200c\u200d"  # legitimate in some scripts; HFS+ ignores them
_LEADING = re.compile(rf"^[\s{_JOINERS}.]+")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)
_WINDOWS_FILES = frozenset({"desktop.ini", "autorun.inf"})  # Explorer acts on their content


def safe_name(name: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """Sanitize a name to at most `max_bytes` bytes. The function is idempotent.

    The result has no separators, no leading dot, no trailing dot or space, no control or format
    characters, and is not a device name of Windows.
    """
    before = None
    while name != before:  # truncation may create a new combining pair, or `~1`
        before = name
        name = truncated(_sanitized(name), max_bytes) or "_"
    return name


def _sanitized(name: str) -> str:
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    if not name.isascii():
        name = "".join("_" if _is_hidden(letter) else letter for letter in name)
    begin = _LEADING.match(name)
    if begin:
        name = ("_" if "." in begin[0] else "") + name[begin.end() :]
    name = name.rstrip(". ")
    return f"_{name}" if _is_device(name) else name


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter).startswith("C") and letter not in _JOINERS


def _is_device(name: str) -> bool:
    plain = collision_key(name)
    return plain.partition(".")[0].rstrip() in _DEVICES or plain in _WINDOWS_FILES


def truncated(name: str, max_bytes: int) -> str:
    """Truncate a name to `max_bytes`, keeping its beginning, the end of its stem and its suffix."""
    if len(name.encode()) <= max_bytes:
        return name
    stem, dot, suffix = name.rpartition(".")
    room = max_bytes - len(f"{dot}{suffix}".encode())
    if not stem or len(suffix.encode()) > _MAX_SUFFIX or room < _MAX_SUFFIX:
        stem, dot, suffix, room = name, "", "", max_bytes
    end = _last_bytes(stem, min(_END_BYTES, room // 2))
    begin = stem.encode()[: room - len(end.encode())].decode("utf-8", "ignore")
    return f"{begin}{end}{dot}{suffix}"


def _last_bytes(text: str, max_bytes: int) -> str:
    return text.encode()[-max_bytes:].decode("utf-8", "ignore") if max_bytes else ""


def collision_key(name: str) -> str:
    """A key that is equal for names that some file system treats as the same file.

    Case, Unicode normalization form and joiners are ignored: `STRASSE` and `straße` have one key,
    and so have both forms of `é`.
    """
    if name.isascii():
        return name.lower()
    name = unicodedata.normalize("NFKC", name).upper().casefold()
    name = "".join(letter for letter in name if letter not in _JOINERS)
    return unicodedata.normalize("NFKC", name).casefold()


def path_length(path: str, *, windows: bool = sys.platform == "win32") -> int:
    """The length of a path: in UTF-16 units on Windows, in bytes elsewhere."""
    if windows:
        return len(path.encode("utf-16-le", "surrogatepass")) // 2
    return len(path.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class TooLong:
    """A path that the system refuses, or a name in it, its length and the limit."""

    path: str
    length: int
    limit: int
    in_bytes: bool
    """Whether bytes are counted, as everywhere but on Windows; else UTF-16 units, which most people
    call letters."""


def max_path(platform: str = sys.platform) -> int:
    """The longest path that programs can open: in UTF-16 units on Windows, in bytes elsewhere.

    Windows allows longer ones only where its administrator and the program's maker say so; most
    programs that an artist opens frames with cannot, so they are not used.
    """
    return {"win32": 259, "darwin": 1023}.get(platform, 4095)


def too_long(path: str, added: int = 0, *, platform: str = sys.platform) -> TooLong | None:
    """What is too long of a path, if anything is: the whole, or one of its names.

    `added` letters are added to its name while the file is written.
    """
    windows = platform == "win32"
    *folders, name = re.split(r"[\\/]" if windows else "/", path)
    lengths = [(path, path_length(path, windows=windows) + added, max_path(platform))]
    lengths += [(one, path_length(one, windows=windows), MAX_NAME) for one in folders]
    lengths.append((name, path_length(name, windows=windows) + added, MAX_NAME))
    return next((TooLong(*one, not windows) for one in lengths if one[1] > one[2]), None)


def check_length(path: str, added: int = 0) -> None:
    """Raise OSError (ENAMETOOLONG), which names the path, if this system refuses it."""
    if too_long(path, added):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)


def max_path_below(folder: str, *, platform: str = sys.platform) -> int:
    """The maximum length of a path below `folder`, minus the suffix that downloads add.

    Raises OSError if it is too short for any name.
    """
    length = path_length(folder, windows=platform == "win32")
    room = max_path(platform) - length - 1 - ADDED_BYTES
    if room < MIN_NAME_BYTES:
        raise OSError(errno.ENAMETOOLONG, "Its path is too long for files in it", folder)
    return room
