"""Where each file lies in the package, and Blender's `//` paths. Pure: no disk, no bpy.

The tree below the sources' common root is kept under one folder, so relative paths between
libraries and their files stay true and the libraries travel as they are.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

FOLDER = "files"
OUTSIDE = f"{FOLDER}/outside"


def absolute(path: str, folder: str, flavour: ModuleType = os.path) -> str:
    r"""Resolve Blender's `path`, where `//` means `folder`; `\` counts as a slash as in Blender."""
    if path.startswith("//"):
        path = flavour.join(folder, path[2:])
    unc = len(path) - len(path.lstrip("\\"))
    path = path[:unc] + path[unc:].replace("\\", "/")
    return str(flavour.normpath(path))


def relative(name: str, here: str) -> str:
    """The `//` path to the member `name` from a .blend in the package's folder `here`."""
    return "//" + posixpath.relpath(name, here or ".")


def resolves_to(stored: str, here: str) -> str | None:
    """The member that `stored` means to a .blend in folder `here`; None if it is not relative."""
    if not stored.startswith("//"):
        return None
    return posixpath.normpath(posixpath.join(here, stored[2:].replace("\\", "/")))


class Layout:
    """Names in the package for what lies below the common root of `sources`.

    Those are absolute paths of files, or of folders with a slash at their end. What lies directly
    in one of the folders `fixed` goes to the folder of the package that is named there.
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
        folders: dict[str, set[str]] = {}
        for source in sources:
            if flavour.dirname(source) in fixed:
                continue
            folders.setdefault(self._drive(source), set()).add(flavour.dirname(source))
        self._roots = {drive: flavour.commonpath(found) for drive, found in folders.items()}

    def place(self, path: str) -> str:
        """The name for a file, a pattern such as `wood.<UDIM>.png`, or a folder."""
        if path in self._fixed:
            return self._fixed[path]
        folder, name = self._flavour.split(path)
        if folder in self._fixed:
            return f"{self._fixed[folder]}/{printable(name)}"
        drive = self._drive(path)
        below = self._below(path, self._roots.get(drive))
        if below is None:
            return f"{OUTSIDE}/{printable(self._flavour.basename(path))}"
        top = FOLDER if len(self._roots) == 1 else f"{FOLDER}/{_drive_folder(drive)}"
        return posixpath.normpath(f"{top}/{printable(below)}")

    def _drive(self, path: str) -> str:
        return str(self._flavour.splitdrive(path)[0]).upper()

    def _below(self, path: str, root: str | None) -> str | None:
        if root is None:
            return None
        below = str(self._flavour.relpath(path, root)).replace(self._flavour.sep, "/")
        return None if below == ".." or below.startswith("../") else below


def _drive_folder(drive: str) -> str:
    """`C:` becomes `C`, `\\\\server\\share` becomes `server_share`."""
    return re.sub(r"[^0-9A-Za-z]+", "_", drive).strip("_").lower() or "root"


def top_name(original: str) -> str:
    """What the top-level .blend is called: like the artist's file, if that was ever saved."""
    name = printable(Path(original).name) or "untitled"
    return name if name.lower().endswith(".blend") else f"{name}.blend"


def printable(name: str) -> str:
    """Names whose bytes are not valid Unicode cannot be stored in a zip: spell those bytes out."""
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
