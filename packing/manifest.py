"""Defines the manifest, the result of a trace: the package's files, as data and as JSON."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..scene.check import Check
from ..system import sharing

SCHEMA = 1
NOT_WRITTEN = 5  # exit code of trace.py if it cannot write to the work folder

KINDS = {
    "CACHEFILE": "geometry",
    "FONT": "font",
    "IMAGE": "image",
    "LIBRARY": "library",
    "MOVIECLIP": "clip",
    "OBJECT": "cache",
    "SCENE": "strip",
    "SOUND": "sound",
    "VOLUME": "volume",
}
"""The kind of a file by the type of the data-block that uses it; otherwise it is "other"."""


class PackError(Exception):
    """Packing failed. `message` says what happened, `hint` what to do."""

    def __init__(self, id: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class File:
    """A member: `source` on disk, `name` in the package (with forward slashes), size in bytes."""

    source: str
    name: str
    bytes: int
    mtime_ns: int
    kind: str = "other"
    """A value of KINDS, "other", or "blend" for the scene itself."""


@dataclass(frozen=True)
class Missing:
    """A missing file, and its user: the data-block's name and type, and its description."""

    path: str
    datablock: str
    used_by: str
    id_type: str
    left: bool = False
    """Whether the file exists, but is a library that no longer has the data-block."""
    rendered: bool = True
    """False where no rendered pixel can depend on it."""


@dataclass(frozen=True)
class Trimmed:
    """A sequence of which files stay, because no frame of the job reads them."""

    path: str
    """With `#` for each digit of the number."""
    files: int
    """All of its files on disk."""
    stay: int
    bytes: int
    """The size of those that stay."""


@dataclass(frozen=True)
class Manifest:
    """`files[0]` is the top-level .blend, named `blend` in the package."""

    blend: str
    files: tuple[File, ...]
    missing: tuple[Missing, ...] = ()
    checks: tuple[Check, ...] = ()
    """The checks of the files, without those of missing ones."""
    trimmed: tuple[Trimmed, ...] = ()

    @property
    def bytes(self) -> int:
        """The sum of all members' sizes."""
        return sum(file.bytes for file in self.files)


@dataclass
class Package:
    """The file to upload: a "blend", or a "zip" of `files` members. `bytes` is its size on disk."""

    path: str
    kind: str
    bytes: int
    files: int


@dataclass(frozen=True)
class Kind:
    """The files of one kind in a package."""

    kind: str
    count: int
    bytes: int


@dataclass(frozen=True)
class FilesByKind:
    """The number and total size of a package's files, also by kind, largest first.

    It appears in the command line's JSON documents.
    """

    count: int
    bytes: int
    kinds: tuple[Kind, ...]


def by_kind(manifest: Manifest) -> FilesByKind:
    """Summarize a manifest by kind."""
    counts, sizes = Counter[str](), Counter[str]()
    for file in manifest.files:
        counts[file.kind] += 1
        sizes[file.kind] += file.bytes
    kinds = tuple(Kind(kind, counts[kind], size) for kind, size in sizes.most_common())
    return FilesByKind(len(manifest.files), manifest.bytes, kinds)


def file_on_disk(source: str, name: str, kind: str = "other") -> File:
    """Make a File with the current size and mtime of `source`. Raises OSError."""
    found = os.stat(source)  # noqa: PTH116 (thousands of files: no Path objects)
    return File(source, name, found.st_size, found.st_mtime_ns, kind)


def write(manifest: Manifest, path: Path) -> None:
    """Write `manifest` as JSON atomically."""
    part = path.with_name(path.name + ".part")
    # Names that are not valid Unicode on disk survive as \udcXX escapes in ASCII JSON. Without an
    # indent it is encoded by C code: there may be many thousands of files.
    document = {"schema": SCHEMA, **vars(manifest)}
    part.write_text(json.dumps(document, default=vars), encoding="ascii")
    sharing.replace(part, path)


def read(path: Path) -> Manifest:
    """Read a manifest. Raises OSError and ValueError."""
    document: dict[str, Any] = json.loads(sharing.read_text(path))
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{path} has schema {document.get('schema')}, not {SCHEMA}")
    return Manifest(
        document["blend"],
        tuple(File(**entry) for entry in document["files"]),
        tuple(Missing(**entry) for entry in document["missing"]),
        tuple(Check(**entry) for entry in document["checks"]),
        tuple(Trimmed(**entry) for entry in document.get("trimmed", ())),
    )
