"""Reads the headers of the libraries in wheels: the processor and system each is built for.

    python scripts/libraries.py build/wheels/cp311-macos-arm64/*.whl

scripts/build.py refuses wheels whose libraries do not match; this check needs no Mac.
"""

from __future__ import annotations

import struct
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".so", ".dylib", ".pyd", ".dll")
OLDEST_MACOS = (11, 2)
"""The oldest macOS that Blender 4.2 and newer support."""
SYSTEM_LIBRARIES = ("/usr/lib/", "/System/Library/")

_FAT, _MACH_O, _ELF = b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x7fELF"
_MACH_O_CPUS = {0x01000007: "x64", 0x0100000C: "arm64"}
_PE_CPUS = {0x8664: "x64", 0xAA64: "arm64"}
_ELF_CPUS = {62: "x64", 183: "arm64"}
_LOAD, _LOAD_WEAK, _OLDEST, _BUILD_VERSION = 0xC, 0x80000018, 0x24, 0x32


@dataclass(frozen=True)
class Built:
    """The target of a library, or of its part for one processor."""

    system: str
    """`macos`, `windows` or `linux`, as in Blender's platform names."""
    processor: str
    oldest: tuple[int, int] | None = None
    """The oldest macOS it supports."""
    loads: tuple[str, ...] = ()
    """The libraries that it loads on macOS."""


def read(data: bytes) -> list[Built]:
    """Return the targets of the library `data`, one per processor. Raises ValueError."""
    try:
        if data.startswith(_FAT):
            return [_mach_o(data[begin:]) for begin in _fat(data)]
        if data.startswith(_MACH_O):
            return [_mach_o(data)]
        if data.startswith(_ELF):
            return [Built("linux", _ELF_CPUS[struct.unpack_from("<H", data, 18)[0]])]
        (at,) = struct.unpack_from("<I", data, 0x3C)
        if data.startswith(b"MZ") and data[at : at + 4] == b"PE\0\0":
            return [Built("windows", _PE_CPUS[struct.unpack_from("<H", data, at + 4)[0]])]
    except (struct.error, KeyError) as error:
        raise ValueError(f"its header cannot be read: {error!r}") from error
    raise ValueError("it is no library")


def _fat(data: bytes) -> list[int]:
    """Return the offsets of the parts of a library for several processors."""
    (count,) = struct.unpack_from(">I", data, 4)
    return [struct.unpack_from(">5I", data, 8 + 20 * number)[2] for number in range(count)]


def _mach_o(data: bytes) -> Built:
    _, cpu, _, _, commands = struct.unpack_from("<5I", data)
    at, oldest, loads = 32, None, []
    for _ in range(commands):
        command, size = struct.unpack_from("<2I", data, at)
        if command in (_OLDEST, _BUILD_VERSION):
            (version,) = struct.unpack_from("<I", data, at + (8 if command == _OLDEST else 12))
            oldest = (version >> 16, version >> 8 & 0xFF)
        elif command in (_LOAD, _LOAD_WEAK):
            (begin,) = struct.unpack_from("<I", data, at + 8)
            loads.append(data[at + begin : at + size].split(b"\0")[0].decode())
        at += size
    return Built("macos", _MACH_O_CPUS[cpu], oldest, tuple(loads))


def problems(wheel: Path, platform: str) -> Iterator[str]:
    """Yield why libraries of a wheel would not load on a Blender platform, e.g. `macos-x64`."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(SUFFIXES):
                for problem in of_library(archive.read(name), platform):
                    yield f"{wheel.name}: {name}: {problem}"


def of_library(data: bytes, platform: str) -> Iterator[str]:
    """Yield why one library would not load."""
    try:
        found = read(data)
    except ValueError as error:
        yield str(error)
        return
    fitting = [one for one in found if f"{one.system}-{one.processor}" == platform]
    if not fitting:
        names = ", ".join(f"{one.system}-{one.processor}" for one in found)
        yield f"it is for {names}, not for {platform}"
    for one in fitting:
        if one.system == "macos" and (one.oldest is None or one.oldest > OLDEST_MACOS):
            yield f"it asks for macOS {one.oldest}, and Blender runs from {OLDEST_MACOS} on"
        for library in one.loads:
            if not library.startswith(SYSTEM_LIBRARIES):
                yield f"it loads {library}, which is no library of macOS"


def main() -> int:
    """Print the libraries in the wheels that the command line names."""
    for name in sys.argv[1:]:
        with zipfile.ZipFile(name) as archive:
            for library in archive.namelist():
                if library.endswith(SUFFIXES):
                    print(Path(name).name, library, *read(archive.read(library)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
