"""Writes the package that is uploaded, from a manifest. For the worker: no bpy."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from .manifest import File, Manifest, PackError, Stopped

__all__ = ["Manifest", "Package", "Packed", "write"]

BLOCK = 1 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
Stop = Callable[[], bool]
OnBytes = Callable[[int], None]


@dataclass(frozen=True)
class Packed:
    """One member of the package: `path` in it, `source` on disk, size in bytes."""

    path: str
    source: str
    bytes: int


@dataclass(frozen=True)
class Package:
    """The finished upload at `path`; `bytes` is its size on disk."""

    path: Path
    kind: Literal["blend", "zip"]
    bytes: int
    files: tuple[Packed, ...]


def write(manifest: Manifest, folder: Path, *, on_bytes: OnBytes, should_stop: Stop) -> Package:
    """Write the package into `folder`: the .blend alone if nothing else travels, else a zip.

    `on_bytes` gets the bytes read since its last call. The package has its name only when it is
    complete. Raises PackError when a source is gone or changed since the trace, or the disk is
    full; Stopped when `should_stop` says so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    alone = len(manifest.files) == 1
    target = folder / manifest.blend
    if not alone:
        target = target.with_suffix(".zip")
    part = target.with_name(target.name + ".part")
    try:
        if alone:
            _write_blend(manifest.files[0], part, on_bytes, should_stop)
        else:
            _write_zip(manifest.files, part, on_bytes, should_stop)
        part.replace(target)
    except OSError as error:
        raise _disk(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    files = tuple(Packed(file.name, file.source, file.bytes) for file in manifest.files)
    return Package(target, "blend" if alone else "zip", target.stat().st_size, files)


def _write_blend(file: File, part: Path, on_bytes: OnBytes, should_stop: Stop) -> None:
    with part.open("wb") as out:
        _copy(file, out, on_bytes, should_stop)


def _write_zip(files: tuple[File, ...], part: Path, on_bytes: OnBytes, should_stop: Stop) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as package:
        for file in files:
            member = zipfile.ZipInfo(file.name, EPOCH)
            member.external_attr = 0o100644 << 16
            member.file_size = file.bytes  # tells zipfile whether the member needs zip64
            with package.open(member, "w") as out:
                _copy(file, out, on_bytes, should_stop)


def _copy(file: File, out: IO[bytes], on_bytes: OnBytes, should_stop: Stop) -> None:
    """Copy the source's bytes; what it was at the trace, it must be before and after."""
    try:
        source = open(file.source, "rb", buffering=0)  # noqa: PTH123, SIM115
    except OSError as error:
        raise _unreadable(file, error) from error
    with source:
        _check(file, source.fileno())
        left = file.bytes  # and no more, or a file that somebody appends to would never end
        while left:
            if should_stop():
                raise Stopped
            try:
                block = source.read(min(BLOCK, left))
            except OSError as error:
                raise _unreadable(file, error) from error
            if not block:
                raise _changed(file)
            out.write(block)
            left -= len(block)
            on_bytes(len(block))
        _check(file, source.fileno())


def _check(file: File, descriptor: int) -> None:
    now = os.fstat(descriptor)
    if (now.st_size, now.st_mtime_ns) != (file.bytes, file.mtime_ns):
        raise _changed(file)


def _changed(file: File) -> PackError:
    return PackError(
        "source-changed",
        f"{file.source} was changed while the scene was being packed.",
        "Wait until whatever writes it is done, then submit again.",
    )


def _unreadable(file: File, error: OSError) -> PackError:
    return PackError(
        "source-unreadable",
        f"{file.source} was there when the scene was packed and cannot be read now: "
        f"{error.strerror or error}.",
        "Put the file back or make it readable, then submit again.",
    )


def _disk(error: OSError, folder: Path) -> PackError:
    return PackError(
        "disk",
        f"The package cannot be written to {folder}: {error.strerror or error}.",
        "Free some space, or choose another scratch folder in the preferences, then submit again.",
    )
