"""What a trace found: the list of files that make the package, as data and as JSON."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

SCHEMA = 1
NOT_WRITTEN = 5  # how trace.py ends when it cannot write to the work folder


class PackError(Exception):
    """Packing cannot go on; `message` says what happened and `hint` the next step."""

    def __init__(self, id: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


class Stopped(Exception):
    """The caller asked to stop; nothing half-made is left behind."""


@dataclass(frozen=True)
class File:
    """One member: `source` on disk, `name` in the package (forward slashes), size in bytes."""

    source: str
    name: str
    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Missing:
    """A file that is not on disk, the name of the data-block that uses it, and that in words."""

    path: str
    datablock: str
    used_by: str


@dataclass(frozen=True)
class Finding:
    """Something that the artist should know, in the form of a check."""

    id: str
    level: Literal["error", "warning", "note"]
    message: str
    datablock: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class Manifest:
    """`files[0]` is the top-level .blend, named `blend` in the package."""

    blend: str
    files: tuple[File, ...]
    missing: tuple[Missing, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def bytes(self) -> int:
        """The sum of all members' sizes."""
        return sum(file.bytes for file in self.files)


def file_on_disk(source: str, name: str) -> File:
    """Measure `source` as it is now. Raises OSError when it cannot be read."""
    found = os.stat(source)  # noqa: PTH116 (thousands of files: no Path objects)
    return File(source, name, found.st_size, found.st_mtime_ns)


def write(manifest: Manifest, path: Path) -> None:
    """Write `manifest` as JSON: `path` either has all of it or does not exist."""
    part = path.with_name(path.name + ".part")
    document = {"schema": SCHEMA, **asdict(manifest)}
    # Names that are not valid Unicode on disk survive as \udcXX escapes in ASCII JSON.
    part.write_text(json.dumps(document, indent=1, ensure_ascii=True), encoding="ascii")
    part.replace(path)


def read(path: Path) -> Manifest:
    """Read what `write` wrote. Raises OSError, ValueError."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{path} has schema {document.get('schema')}, not {SCHEMA}")
    return Manifest(
        document["blend"],
        tuple(File(**entry) for entry in document["files"]),
        tuple(Missing(**entry) for entry in document["missing"]),
        tuple(Finding(**entry) for entry in document["warnings"]),
    )
