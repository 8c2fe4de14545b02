"""Writes the package for the upload from a manifest. Runs in the worker, without bpy.

A zip's members are stored uncompressed, because textures and caches are compressed already. The
kernel copies the bytes where it can (copy_file_range), while a second thread computes the CRC-32.
"""

import errno
import os
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from ..system import sharing
from ..system.cancellation import Cancelled
from ..system.sharing import InUse
from .manifest import File, Manifest, Package, PackError

__all__ = ["Manifest", "Package", "write"]

BLOCK = 4 << 20
SMALL_FILE = 1 << 18  # up to this size a single read without the thread is faster
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # constant, so that the same files give the same bytes
FALLBACK_ERRORS = {
    errno.EIO,  # a copy by read and write tells which of the two disks fails
    errno.EXDEV,  # across file systems, before Linux 5.3
    errno.EINVAL,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.EPERM,  # some containers
}
Stop = Callable[[], bool]
OnBytes = Callable[[int], None]


def write(manifest: Manifest, folder: Path, *, on_bytes: OnBytes, should_stop: Stop) -> Package:
    """Write the package into `folder`: the .blend if it is the only file, else a zip.

    `on_bytes` is called with the bytes read since its last call. The package is renamed to its name
    when it is complete. Raises PackError if a source is missing or has changed since the trace, two
    sources have one name, or the disk fails; Cancelled when `should_stop` returns True.
    """
    _check_names(manifest.files)
    folder.mkdir(parents=True, exist_ok=True)
    is_single = len(manifest.files) == 1
    target = folder / manifest.blend
    if not is_single:
        target = target.with_suffix(".zip")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)  # left by a killed worker; it may be a hard link to a source
        if is_single:
            _write_blend(manifest.files[0], part, on_bytes, should_stop)
        else:
            _write_zip(manifest.files, part, on_bytes, should_stop)
        sharing.replace(part, target)
    except InUse as error:
        raise _disk_error(error, target) from error
    except OSError as error:
        raise _disk_error(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    kind = "blend" if is_single else "zip"
    return Package(str(target), kind, target.stat().st_size, len(manifest.files))


def _check_names(files: tuple[File, ...]) -> None:
    sources: dict[str, str] = {}
    for file in files:
        other = sources.setdefault(file.name, file.source)
        if other != file.source:
            raise PackError(
                "same-name",
                f"{other} and {file.source} would both be {file.name} in the package.",
                "Rename one of them, or move it to another folder, then submit again.",
            )


def _write_blend(file: File, part: Path, on_bytes: OnBytes, should_stop: Stop) -> None:
    """Hard-link the packer's .blend, or copy it if the file system has no links."""
    with _open_source(file) as source:
        try:
            os.link(file.source, part)
            on_bytes(file.bytes)
        except OSError:
            with part.open("wb") as out:
                _copy(file, source.fileno(), out, 0, on_bytes, should_stop)
        _check_unchanged(file, source.fileno())


def _write_zip(files: tuple[File, ...], part: Path, on_bytes: OnBytes, should_stop: Stop) -> None:
    """Write the members' headers and bytes; `zipfile` writes the central directory.

    `ZipFile.write` would copy every byte in Python, and compute the checksum in sequence.
    """
    with (
        ThreadPoolExecutor(1, "checksum") as executor,
        part.open("wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package,
    ):
        for file in files:
            if should_stop():
                raise Cancelled
            member = zipfile.ZipInfo(file.name, ZIP_DATE)
            member.external_attr = 0o100644 << 16
            member.header_offset = package.start_dir
            member.file_size = member.compress_size = file.bytes
            member.CRC = 0
            with _open_source(file) as source:
                if file.bytes <= SMALL_FILE:
                    _write_small_member(file, source, member, out, on_bytes)
                else:
                    _write_member(file, source, member, out, executor, on_bytes, should_stop)
                _check_unchanged(file, source.fileno())
            package.filelist.append(member)
            package.start_dir = out.tell()


def _write_small_member(
    file: File, source: IO[bytes], member: zipfile.ZipInfo, out: IO[bytes], on_bytes: OnBytes
) -> None:
    try:
        data = source.read(file.bytes)
    except OSError as error:
        raise _unreadable_error(file, error) from error
    if len(data) != file.bytes:
        raise _changed_error(file)
    member.CRC = zlib.crc32(data)
    out.write(member.FileHeader())
    out.write(data)
    on_bytes(len(data))


def _write_member(
    file: File,
    source: IO[bytes],
    member: zipfile.ZipInfo,
    out: IO[bytes],
    executor: Executor,
    on_bytes: OnBytes,
    should_stop: Stop,
) -> None:
    """Write a member's bytes, then its header, because it contains the checksum."""
    stopped = False
    checksum = executor.submit(_checksum, file, lambda: stopped)
    offset = member.header_offset + len(member.FileHeader())  # its length is independent of the CRC
    try:
        _copy(file, source.fileno(), out, offset, on_bytes, should_stop)
    except BaseException:
        stopped = True
        raise
    member.CRC = checksum.result()
    out.seek(member.header_offset)
    out.write(member.FileHeader())
    out.seek(offset + file.bytes)


def _checksum(file: File, should_stop: Stop) -> int:
    """The CRC-32 of the source. Whichever of copy and checksum is second reads the page cache."""
    checksum, remaining, block = 0, file.bytes, memoryview(bytearray(BLOCK))
    with _open_source(file) as source:
        while remaining and not should_stop():
            try:
                count = source.readinto(block[:remaining])  # type: ignore[attr-defined]
            except OSError as error:
                raise _unreadable_error(file, error) from error
            if not count:
                raise _changed_error(file)
            checksum = zlib.crc32(block[:count], checksum)
            remaining -= count
    return checksum


def _copy(
    file: File, source: int, out: IO[bytes], offset: int, on_bytes: OnBytes, should_stop: Stop
) -> None:
    """Copy `file.bytes` bytes of the source, even if it has grown, to `offset` in `out`."""
    out.flush()
    out.seek(offset)
    done, kernel = 0, hasattr(os, "copy_file_range")
    while done < file.bytes:
        if should_stop():
            raise Cancelled
        wanted = min(BLOCK, file.bytes - done)
        try:
            if kernel:
                count = os.copy_file_range(source, out.fileno(), wanted, done, offset + done)
            else:
                count = _copy_block(file, source, out, wanted, done)
        except OSError as error:
            if not kernel or error.errno not in FALLBACK_ERRORS:
                raise
            count = 0
        if not count and kernel:  # some file systems copy nothing and report no error
            kernel = False
            out.seek(offset + done)
            continue
        if not count:
            raise _changed_error(file)
        done += count
        on_bytes(count)


def _copy_block(file: File, source: int, out: IO[bytes], wanted: int, at: int) -> int:
    try:
        os.lseek(source, at, os.SEEK_SET)
        block = os.read(source, wanted)
    except OSError as error:
        raise _unreadable_error(file, error) from error
    out.write(block)
    return len(block)


def _open_source(file: File) -> IO[bytes]:
    """Open the source. Raises PackError if it has changed since the trace."""
    try:
        source = open(file.source, "rb", buffering=0)  # noqa: PTH123, SIM115
    except OSError as error:
        raise _unreadable_error(file, error) from error
    try:
        _check_unchanged(file, source.fileno())
    except PackError:
        source.close()
        raise
    return source


def _check_unchanged(file: File, descriptor: int) -> None:
    now = os.fstat(descriptor)
    if (now.st_size, now.st_mtime_ns) != (file.bytes, file.mtime_ns):
        raise _changed_error(file)


def _changed_error(file: File) -> PackError:
    return PackError(
        "source-changed",
        f"{file.source} was changed while the scene was being packed.",
        "Wait until whatever writes it is done, then submit again.",
    )


def _unreadable_error(file: File, error: OSError) -> PackError:
    return PackError(
        "source-unreadable",
        f"{file.source} was there when the scene was packed and cannot be read now: "
        f"{error.strerror or error}.",
        "Put the file back or make it readable, then submit again.",
    )


def _disk_error(error: OSError, folder: Path) -> PackError:
    return PackError(
        "disk",
        f"The package cannot be written to {folder}: {error.strerror or error}.",
        "Free some space, or choose another scratch folder in the preferences, then submit again.",
    )
