"""Writes the smallest OpenVDB file that Blender reads: one leaf of 8 x 8 x 8 voxels.

Based on `openvdb/io/Archive.cc` and `openvdb/tree/*.h` of OpenVDB, file version 224. The bpy
module does not include the Python module openvdb.
"""

import struct
from pathlib import Path

ACTIVE_VALUES_ONLY = 2  # compression of the nodes
LEAF, INNER, OUTER = 8**3, 16**3, 32**3


def write(path: Path, density: float, size: float) -> None:
    """Write a cube of smoke at the origin with edges of length `size`, in a grid named density."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = struct.pack("<qIIIb", 0x56444220, 224, 11, 0, 1) + b"0" * 36
    head += struct.pack("<II", 0, 1)  # no metadata, one grid
    head += _text("density") + _text("Tree_float_5_4_3") + _text("")
    grid = struct.pack("<I", ACTIVE_VALUES_ONLY) + struct.pack("<I", 2)
    grid += _text("name") + _text("string") + _text("density")
    grid += _text("class") + _text("string") + _text("fog volume")
    grid += _text("UniformScaleMap") + _scale(size / 8)
    grid += struct.pack("<ifII3i", 1, 0.0, 0, 1, 0, 0, 0)  # the root has one child
    grid += _node(OUTER) + _node(INNER) + b"\xff" * (LEAF // 8)
    buffers = b"\xff" * (LEAF // 8) + b"\0" + struct.pack("<f", density) * LEAF
    start = len(head) + 24
    places = struct.pack("<3q", start, start + len(grid), start + len(grid) + len(buffers))
    path.write_bytes(head + places + grid + buffers)


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode()


def _node(children: int) -> bytes:
    """The masks of a node that has only its first child, and no values of its own."""
    return b"\1" + b"\0" * (children // 8 - 1) + b"\0" * (children // 8) + b"\0"


def _scale(voxel: float) -> bytes:
    values = (voxel, voxel, 1 / voxel, 1 / voxel**2, 0.5 / voxel)
    return b"".join(struct.pack("<d", value) * 3 for value in values)
