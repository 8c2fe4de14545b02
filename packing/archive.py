"""Writes the package that is uploaded, from a manifest. For the worker: no bpy.

What is in a zip is stored: textures and caches are compressed already. The kernel copies the bytes
where it can, and a second thread computes the checksums beside it.
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
SMALL = 1 << 18  # up to here one read, and no second thread, is quicker
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
BY_HAND = {
    errno.EIO,  # a copy by hand tells which of the two disks it is
    errno.EXDEV,  # other file systems, before Linux 5.3
    errno.EINVAL,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.EPERM,  # some containers
}
Stop = Callable[[], bool]
OnBytes = Callable[[int], None]


def write(manifest: Manifest, folder: Path, *, on_bytes: OnBytes, should_stop: Stop) -> Package:
    """Write the package into `folder`: the .blend alone if nothing else travels, else a zip.

    `on_bytes` gets the bytes read since its last call. The package has its name only when it is
    complete. Raises PackError when a source is gone or changed since the trace, two have one name,
    or the disk is full; Cancelled when `should_stop` says so.
    """
    _check_names(manifest.files)
    folder.mkdir(parents=True, exist_ok=True)
    alone = len(manifest.files) == 1
    target = folder / manifest.blend
    if not alone:
        target = target.with_suffix(".zip")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)  # of a worker that was killed: it may be a link to a source
        if alone:
            _write_blend(manifest.files[0], part, on_bytes, should_stop)
        else:
            _write_zip(manifest.files, part, on_bytes, should_stop)
        sharing.replace(part, target)
    except InUse as error:
        raise _disk(error, target) from error
    except OSError as error:
        raise _disk(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    kind = "blend" if alone else "zip"
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
    """The packer's own file under another name; a copy where the disk knows no links."""
    with _opened(file) as source:
        try:
            os.link(file.source, part)
            on_bytes(file.bytes)
        except OSError:
            with part.open("wb") as out:
                _copy(file, source.fileno(), out, 0, on_bytes, should_stop)
        _check(file, source.fileno())


def _write_zip(files: tuple[File, ...], part: Path, on_bytes: OnBytes, should_stop: Stop) -> None:
    """Write headers and bytes in one pass; the directory at the end is `zipfile`'s.

    `ZipFile.write` would take every byte through Python, and its checksum after it.
    """
    with (
        ThreadPoolExecutor(1, "checksum") as beside,
        part.open("wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package,
    ):
        for file in files:
            if should_stop():
                raise Cancelled
            member = zipfile.ZipInfo(file.name, EPOCH)
            member.external_attr = 0o100644 << 16
            member.header_offset = package.start_dir
            member.file_size = member.compress_size = file.bytes
            member.CRC = 0
            with _opened(file) as source:
                if file.bytes <= SMALL:
                    _add_small(file, source, member, out, on_bytes)
                else:
                    _add(file, source, member, out, beside, on_bytes, should_stop)
                _check(file, source.fileno())
            package.filelist.append(member)
            package.start_dir = out.tell()


def _add_small(
    file: File, source: IO[bytes], member: zipfile.ZipInfo, out: IO[bytes], on_bytes: OnBytes
) -> None:
    try:
        data = source.read(file.bytes)
    except OSError as error:
        raise _unreadable(file, error) from error
    if len(data) != file.bytes:
        raise _changed(file)
    member.CRC = zlib.crc32(data)
    out.write(member.FileHeader())
    out.write(data)
    on_bytes(len(data))


def _add(
    file: File,
    source: IO[bytes],
    member: zipfile.ZipInfo,
    out: IO[bytes],
    beside: Executor,
    on_bytes: OnBytes,
    should_stop: Stop,
) -> None:
    """The header is written last: it has the checksum, which is there when the copy is."""
    stopped = False
    checksum = beside.submit(_checksum, file, lambda: stopped)
    begin = member.header_offset + len(member.FileHeader())  # of this length whatever the checksum
    try:
        _copy(file, source.fileno(), out, begin, on_bytes, should_stop)
    except BaseException:
        stopped = True
        raise
    member.CRC = checksum.result()
    out.seek(member.header_offset)
    out.write(member.FileHeader())
    out.seek(begin + file.bytes)


def _checksum(file: File, should_stop: Stop) -> int:
    """The CRC-32 of the source, read beside the copy: the second of the two finds it in memory."""
    found, left, block = 0, file.bytes, memoryview(bytearray(BLOCK))
    with _opened(file) as source:
        while left and not should_stop():
            try:
                count = source.readinto(block[:left])  # type: ignore[attr-defined]
            except OSError as error:
                raise _unreadable(file, error) from error
            if not count:
                raise _changed(file)
            found = zlib.crc32(block[:count], found)
            left -= count
    return found


def _copy(
    file: File, source: int, out: IO[bytes], begin: int, on_bytes: OnBytes, should_stop: Stop
) -> None:
    """Copy the source's bytes, and no more of one that grows, to the offset `begin` of `out`."""
    out.flush()
    out.seek(begin)
    done, kernel = 0, hasattr(os, "copy_file_range")
    while done < file.bytes:
        if should_stop():
            raise Cancelled
        wanted = min(BLOCK, file.bytes - done)
        try:
            if kernel:
                count = os.copy_file_range(source, out.fileno(), wanted, done, begin + done)
            else:
                count = _copy_by_hand(file, source, out, wanted, done)
        except OSError as error:
            if not kernel or error.errno not in BY_HAND:
                raise
            count = 0
        if not count and kernel:  # some file systems copy nothing without a word
            kernel = False
            out.seek(begin + done)
            continue
        if not count:
            raise _changed(file)
        done += count
        on_bytes(count)


def _copy_by_hand(file: File, source: int, out: IO[bytes], wanted: int, at: int) -> int:
    try:
        os.lseek(source, at, os.SEEK_SET)
        block = os.read(source, wanted)
    except OSError as error:
        raise _unreadable(file, error) from error
    out.write(block)
    return len(block)


def _opened(file: File) -> IO[bytes]:
    """The source, which must be what it was at the trace."""
    try:
        source = open(file.source, "rb", buffering=0)  # noqa: PTH123, SIM115
    except OSError as error:
        raise _unreadable(file, error) from error
    try:
        _check(file, source.fileno())
    except PackError:
        source.close()
        raise
    return source


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
