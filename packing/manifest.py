"""What a trace found: the list of files that make the package, as data and as JSON."""

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..scene.checks import Check
from ..system import sharing

SCHEMA = 1
NOT_WRITTEN = 5  # how trace.py ends when it cannot write to the work folder

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
"""The kind of a file by the type of the data-block that uses it; "other" for all else."""


class PackError(Exception):
    """Packing cannot go on; `message` says what happened and `hint` the next step."""

    def __init__(self, id: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class File:
    """One member: `source` on disk, `name` in the package (forward slashes), size in bytes."""

    source: str
    name: str
    bytes: int
    mtime_ns: int
    kind: str = "other"
    """A word of KINDS, or "blend" for the scene itself."""


@dataclass(frozen=True)
class Missing:
    """A file that is not on disk, the data-block that uses it by name and type, and in words."""

    path: str
    datablock: str
    used_by: str
    id_type: str
    left: bool = False
    """The file is there, a library, but has the data-block no more."""


@dataclass(frozen=True)
class Manifest:
    """`files[0]` is the top-level .blend, named `blend` in the package."""

    blend: str
    files: tuple[File, ...]
    missing: tuple[Missing, ...] = ()
    checks: tuple[Check, ...] = ()
    """What the artist should know of the files, beside those that are missing."""

    @property
    def bytes(self) -> int:
        """The sum of all members' sizes."""
        return sum(file.bytes for file in self.files)


@dataclass
class Package:
    """The file that is uploaded: a "blend" or a "zip" of `files` members, `bytes` on disk."""

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
    """The files of a package: how many, how large together, and by kind, the most bytes first.

    The command line's documents hold it as JSON.
    """

    count: int
    bytes: int
    kinds: tuple[Kind, ...]


def by_kind(manifest: Manifest) -> FilesByKind:
    """How many files of which kind travel."""
    counts, sizes = Counter[str](), Counter[str]()
    for file in manifest.files:
        counts[file.kind] += 1
        sizes[file.kind] += file.bytes
    kinds = tuple(Kind(kind, counts[kind], size) for kind, size in sizes.most_common())
    return FilesByKind(len(manifest.files), manifest.bytes, kinds)


def file_on_disk(source: str, name: str, kind: str = "other") -> File:
    """Measure `source` as it is now. Raises OSError when it cannot be read."""
    found = os.stat(source)  # noqa: PTH116 (thousands of files: no Path objects)
    return File(source, name, found.st_size, found.st_mtime_ns, kind)


def write(manifest: Manifest, path: Path) -> None:
    """Write `manifest` as JSON: `path` either has all of it or does not exist."""
    part = path.with_name(path.name + ".part")
    document = {"schema": SCHEMA, **asdict(manifest)}
    # Names that are not valid Unicode on disk survive as \udcXX escapes in ASCII JSON.
    part.write_text(json.dumps(document, indent=1, ensure_ascii=True), encoding="ascii")
    sharing.replace(part, path)


def read(path: Path) -> Manifest:
    """Read what `write` wrote. Raises OSError, ValueError."""
    document: dict[str, Any] = json.loads(sharing.read_text(path))
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{path} has schema {document.get('schema')}, not {SCHEMA}")
    return Manifest(
        document["blend"],
        tuple(File(**entry) for entry in document["files"]),
        tuple(Missing(**entry) for entry in document["missing"]),
        tuple(Check(**entry) for entry in document["checks"]),
    )
