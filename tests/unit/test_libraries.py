"""Native libraries in a zip match the processor and the system that the zip is for."""

import struct
import zipfile

import pytest

import build
import libraries
from libraries import Built

ARM, INTEL = 0x0100000C, 0x01000007
SYSTEM = "/usr/lib/libSystem.B.dylib"


def mach_o(cpu: int, oldest: tuple[int, int] | None, *loads: str, old_way: bool = False) -> bytes:
    """An empty macOS library; `old_way` selects the older load command for its minimum macOS."""
    commands = []
    if oldest:
        version = oldest[0] << 16 | oldest[1] << 8
        if old_way:
            commands.append(struct.pack("<4I", 0x24, 16, version, version))
        else:
            commands.append(struct.pack("<6I", 0x32, 24, 1, version, version, 0))
    for name in loads:
        text = name.encode() + b"\0" * (8 - len(name) % 8)
        commands.append(struct.pack("<6I", 0xC, 24 + len(text), 24, 0, 0, 0) + text)
    body = b"".join(commands)
    header = struct.pack(
        "<4sIIIIIII", b"\xcf\xfa\xed\xfe", cpu, 0, 8, len(commands), len(body), 0, 0
    )
    return header + body


def fat(*parts: bytes) -> bytes:
    at = 8 + 20 * len(parts)
    table, body = b"", b""
    for part in parts:
        (cpu,) = struct.unpack_from("<I", part, 4)
        table += struct.pack(">5I", cpu, 0, at + len(body), len(part), 0)
        body += part
    return struct.pack(">4sI", b"\xca\xfe\xba\xbe", len(parts)) + table + body


def pe(machine: int) -> bytes:
    return (
        b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0" + struct.pack("<H", machine)
    )


GOOD = mach_o(ARM, (11, 0), SYSTEM)


def test_a_library_says_what_it_is_for():
    assert libraries.read(GOOD) == [Built("macos", "arm64", (11, 0), (SYSTEM,))]
    both = fat(mach_o(INTEL, (10, 9), SYSTEM, old_way=True), GOOD)
    assert [(one.processor, one.oldest) for one in libraries.read(both)] == [
        ("x64", (10, 9)),
        ("arm64", (11, 0)),
    ]
    assert libraries.read(pe(0xAA64)) == [Built("windows", "arm64")]
    elf = b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", 62)
    assert libraries.read(elf) == [Built("linux", "x64")]


@pytest.mark.parametrize(
    ("library", "platform", "said"),
    [
        (GOOD, "macos-arm64", ""),
        (fat(mach_o(INTEL, (10, 13)), GOOD), "macos-arm64", ""),
        (mach_o(INTEL, (10, 13), SYSTEM), "macos-arm64", "it is for macos-x64"),
        (mach_o(ARM, (12, 0), SYSTEM), "macos-arm64", "it asks for macOS (12, 0)"),
        (mach_o(ARM, None, SYSTEM), "macos-arm64", "it asks for macOS None"),
        (mach_o(ARM, (11, 0), "/opt/homebrew/lib/libz.dylib"), "macos-arm64", "it loads /opt"),
        (pe(0x8664), "windows-arm64", "it is for windows-x64"),
        (GOOD[:40], "macos-arm64", "its header cannot be read"),
        (b"#!/bin/sh".ljust(80, b"\0"), "macos-arm64", "it is no library"),
    ],
)
def test_a_library_that_does_not_fit_is_named(tmp_path, library, platform, said):
    wheel = tmp_path / "made-1-cp311-cp311-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("made/_made.cpython-311-darwin.so", library)
        archive.writestr("made/__init__.py", "")
    problems = list(libraries.problems(wheel, platform))
    assert [said in problem for problem in problems] == ([True] if said else [])


@pytest.mark.parametrize(
    ("python", "platform"), [one for one in build.targets() if not one[1].startswith("linux")]
)
def test_the_wheels_of_other_systems_fit_them(python, platform):
    try:
        wheels = build.download_wheels(python, platform)
    except build.BuildError as error:
        if "pip could not download" not in str(error):
            raise
        pytest.skip(f"the index of packages is out of reach: {error}")
    found = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(libraries.SUFFIXES)]
            found += [one for name in names for one in libraries.read(archive.read(name))]
    system, _, processor = platform.partition("-")
    assert {one.system for one in found} == {system}
    assert processor in {one.processor for one in found}
    assert any("pydantic_core" in wheel.name for wheel in wheels)
