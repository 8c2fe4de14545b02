"""Computes each file's place in the package, and Blender's `//` paths. No I/O, no bpy.

The tree below the sources' common root is kept in one folder, so relative paths between libraries
and their files stay valid and the libraries need no rewriting.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

FOLDER = "files"
OUTSIDE = f"{FOLDER}/outside"
DRIVE = re.compile(r"[A-Za-z]:[\\/]")
LONG = re.compile(r"\\\\\?\\(?:(UNC[\\/])|(?=[A-Z]:))", re.IGNORECASE)
SPELLED_OUT = re.compile("%(?=25|[89A-F][0-9A-F])")
"""Matches a `%` that is ambiguous with an escape written by `printable`."""


def absolute(path: str, folder: str, flavour: ModuleType = os.path) -> str:
    r"""Make Blender's `path` absolute. `//` means `folder`; `\` is a slash, as in Blender."""
    if path.startswith("//"):
        path = flavour.join(folder, path[2:].lstrip("/"))
    elif flavour is posixpath and DRIVE.match(path):
        path = f"/{path[0].lower()}{path[2:]}"  # as Blender maps a Windows path elsewhere
    elif long := LONG.match(path):  # the same path, spelled for long ones
        path = ("\\\\" if long[1] else "") + path[long.end() :]
    unc = 2 if path.startswith("\\\\") else 0  # keeps the start of a UNC path
    path = path[:unc] + path[unc:].replace("\\", "/")
    drive, rest = flavour.splitdrive(flavour.normpath(path))
    return f"{drive.upper() if len(drive) == 2 else drive}{rest}"


def relative(name: str, here: str) -> str:
    """The `//` path to the member `name` for a .blend in the package's folder `here`."""
    return "//" + posixpath.relpath(name, here or ".")


def resolves_to(stored: str, here: str) -> str | None:
    """The member to which `stored` resolves in a .blend in `here`; None if it is not relative."""
    if not stored.startswith("//"):
        return None
    return posixpath.normpath(posixpath.join(here, stored[2:].replace("\\", "/")))


class Layout:
    """Maps paths below the common root of `sources` to names in the package.

    `sources` are absolute paths of files, or of folders with a trailing slash. `fixed` maps folders
    to folders in the package, for the files directly in them.
    """

    def __init__(
        self,
        sources: Iterable[str],
        flavour: ModuleType = os.path,
        *,
        fixed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._flavour = flavour
        self._fixed = fixed
        self._places: dict[str, str] = {}
        folders: dict[str, set[str]] = {}
        for source in sources:
            if flavour.dirname(source) in fixed:
                continue
            folders.setdefault(self._drive(source), set()).add(flavour.dirname(source))
        self._roots = {drive: flavour.commonpath(found) for drive, found in folders.items()}
        self._tops = _tops(self._roots)

    def place(self, path: str) -> str:
        """The name of a file, of a pattern such as `wood.<UDIM>.png`, or of a folder."""
        if path not in self._places:  # each is asked for several times
            self._places[path] = self._place(path)
        return self._places[path]

    def _place(self, path: str) -> str:
        if path in self._fixed:
            return self._fixed[path]
        folder, name = self._flavour.split(path)
        if folder in self._fixed:
            return f"{self._fixed[folder]}/{printable(name)}"
        drive = self._drive(path)
        below = self._below(path, self._roots.get(drive))
        if below is None:
            return f"{OUTSIDE}/{printable(self._flavour.basename(path))}"
        return posixpath.normpath(f"{self._tops[drive]}/{printable(below)}")

    def _drive(self, path: str) -> str:
        return str(self._flavour.splitdrive(path)[0]).lower()  # as commonpath does

    def _below(self, path: str, root: str | None) -> str | None:
        if root is None:
            return None
        below = str(self._flavour.relpath(path, root)).replace(self._flavour.sep, "/")
        return None if below == ".." or below.startswith("../") else below


def _tops(drives: Iterable[str]) -> dict[str, str]:
    """A folder for each drive: `C:` gets `c`, `\\\\server\\share` gets `server_share`; duplicates
    are numbered."""
    drives = sorted(drives)
    if len(drives) == 1:
        return {drives[0]: FOLDER}
    found: dict[str, str] = {}
    for drive in drives:
        name = re.sub(r"\W+", "_", printable(drive)).strip("_").lower() or "root"
        number = 1
        while (top := f"{FOLDER}/{name}" + (f"_{number}" if number > 1 else "")) in found.values():
            number += 1
        found[drive] = top
    return found


def top_name(original: str) -> str:
    """The name of the top-level .blend: that of the original, if it was ever saved."""
    name = printable(Path(original).name) or "untitled"
    return name if name.lower().endswith(".blend") else f"{name}.blend"


def printable(name: str) -> str:
    """Escape bytes of a name that are not valid UTF-8, because a zip cannot store them.

    The mapping is injective: a `%` that looks like an escape is escaped itself.
    """
    name = SPELLED_OUT.sub("%25", name)
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
