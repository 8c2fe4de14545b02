"""File names that every system takes for a file in its folder, and for nothing else.

Names come from the farm, from titles and from nodes: they may be hostile, and what one system
writes another one may have to read.
"""

import errno
import re
import sys
import unicodedata

MAX_NAME_BYTES = 200
"""Bytes of a name, of the 255 that file systems take: `.<job>.part.etag` is added meanwhile."""
ADDED_BYTES = len(".0123456789ab.part.etag")
_END_BYTES = 48  # bytes of a name that is cut in its middle: the frame's number stands there
_MAX_SUFFIX = 16
_MIN_NAME_BYTES = 32  # a folder that leaves less cannot hold files that are told apart

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\u2028\u2029<>:"|?*\\/]|~(?=\d)')  # GIT~1 is .git
_JOINERS = "\u200c\u200d"  # written inside words of some scripts; Apple's old disks ignore them
_LEADING = re.compile(rf"^[\s{_JOINERS}.]+")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)
_WINDOWS_FILES = frozenset({"desktop.ini", "autorun.inf"})  # by Windows, when a folder is looked at


def safe_name(name: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """The name made harmless, at most `max_bytes` bytes long; a harmless one stays as it is.

    It has no separators, no dot at its beginning, no dot or blank at its end, no hidden letters,
    and is no device of Windows.
    """
    before = None
    while name != before:  # what is cut may bring two letters together that are one, or `~1`
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
    """The name in at most `max_bytes` bytes: its beginning, the end of its stem, and its suffix."""
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
    """The same text for names that any file system may take for one: by case, by form, by joiners.

    `STRASSE` and `straße` are alike, and so are both ways to write `é`.
    """
    if name.isascii():
        return name.lower()
    name = unicodedata.normalize("NFKC", name).upper().casefold()
    name = "".join(letter for letter in name if letter not in _JOINERS)
    return unicodedata.normalize("NFKC", name).casefold()


def path_length(path: str, *, windows: bool = sys.platform == "win32") -> int:
    """How long a path is as its system counts: in UTF-16 units on Windows, in bytes elsewhere."""
    if windows:
        return len(path.encode("utf-16-le", "surrogatepass")) // 2
    return len(path.encode("utf-8", "surrogateescape"))


def max_path_below(folder: str, *, platform: str = sys.platform) -> int:
    """How long a path below `folder` may be, with what is added to a name while it is written.

    Raises OSError where that is too little for any name.
    """
    longest = {"win32": 259, "darwin": 1023}.get(platform, 4095)
    room = longest - path_length(folder, windows=platform == "win32") - 1 - ADDED_BYTES
    if room < _MIN_NAME_BYTES:
        raise OSError(errno.ENAMETOOLONG, "Its path is too long for files in it", folder)
    return room
