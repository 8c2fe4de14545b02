"""Writes bcryptprimitives.dll, which Wine 8 lacks and pydantic's compiled part imports.

    python scripts/wine/bcryptprimitives.py FILE

The library has no code, only an export table: its one function, ProcessPrng, is forwarded to
advapi32.SystemFunction036 (RtlGenRandom), which takes the same arguments and fills the same buffer.
The layout follows Microsoft's "PE Format" specification.
"""

import struct
import sys
from pathlib import Path

RVA = 0x1000
"""The address of the only section in memory."""
ALIGNMENT = 0x200
LIBRARY = b"bcryptprimitives.dll\0"
FUNCTION = b"ProcessPrng\0"
FORWARD = b"advapi32.SystemFunction036\0"
EXPORT_DIRECTORY = struct.Struct("<IIHHIIIIIII")


def export_section() -> bytes:
    """Return the export directory: one function, exported by name and forwarded."""
    functions = RVA + EXPORT_DIRECTORY.size
    names = functions + 4
    ordinals = names + 4
    library = ordinals + 4  # with two bytes of padding after the ordinal
    function = library + len(LIBRARY)
    forward = function + len(FUNCTION)
    return (
        EXPORT_DIRECTORY.pack(0, 0, 0, 0, library, 1, 1, 1, functions, names, ordinals)
        + struct.pack("<IIHH", forward, function, 0, 0)
        + LIBRARY
        + FUNCTION
        + FORWARD
    )


def image() -> bytes:
    """Return the content of the file."""
    section = export_section()
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    # Machine AMD64, one section; an executable image, large addresses, a DLL.
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    optional = (
        struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, ALIGNMENT, 0, 0, RVA)
        + struct.pack("<QII", 0x180000000, RVA, ALIGNMENT)
        + struct.pack("<HHHHHHI", 6, 0, 0, 0, 6, 0, 0)  # versions: Windows 6.0
        + struct.pack("<IIIHH", 2 * RVA, ALIGNMENT, 0, 2, 0x160)
        + struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
        + struct.pack("<II", RVA, len(section))  # data directory 0: exports
        + bytes(8 * 15)
    )
    read_only_data = 0x40000040
    header = struct.pack(
        "<8sIIIIIIHHI",
        b".edata",
        len(section),
        RVA,
        ALIGNMENT,
        ALIGNMENT,
        0,
        0,
        0,
        0,
        read_only_data,
    )
    head = dos + b"PE\0\0" + coff + optional + header
    return head.ljust(ALIGNMENT, b"\0") + section.ljust(ALIGNMENT, b"\0")


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(image())
