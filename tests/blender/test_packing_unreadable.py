"""A library that Blender cannot read is reported, and the scene is packed without it."""

import contextlib
from pathlib import Path

import bpy
import pytest
from renderjuice.packing import findings

from tests import projects
from tests.catalogue import images, libraries
from tests.packages import members, pack, trace_open, unpack

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 9\n"


def damaged(whole: bytes, kind: str) -> bytes:
    return {
        "cut": whole[:2000],
        "half": whole[: len(whole) * 2 // 3],
        "newer": b"BLENDER99-99v9999" + whole[17:],
        "empty": b"",
        "pointer": POINTER,
    }[kind]


@pytest.mark.parametrize(
    ("kind", "check"),
    [(kind, "unreadable-library") for kind in ("cut", "half", "newer", "empty")]
    + [("pointer", "lfs-pointer")],
)
@pytest.mark.parametrize("case", [libraries.linked, libraries.nested_three_deep])
def test_library_that_cannot_be_read_is_named(case, kind: str, check: str, tmp_path: Path) -> None:
    """This includes a library that another library links."""
    blend = case(tmp_path)
    name = "chair.blend" if case is libraries.linked else "wood.blend"
    (library,) = tmp_path.rglob(name)
    library.write_bytes(damaged(library.read_bytes(), kind))
    with contextlib.suppress(RuntimeError):  # Blender raises an error although the shot is open
        bpy.ops.wm.open_mainfile(filepath=str(blend))
    manifest = trace_open(blend, tmp_path / "scratch")
    found = findings.checks_of(manifest)
    assert [(one.id, one.level, one.path) for one in found] == [(check, "error", str(library))]
    assert not any(member.endswith(name) for member in members(manifest))
    top = unpack(pack(manifest, tmp_path / "out"), tmp_path / "farm")
    projects.render(top, tmp_path / "farm.png")


def test_file_that_git_did_not_fetch_is_named(tmp_path: Path) -> None:
    blend = images.relative(tmp_path)
    (picture,) = tmp_path.rglob("*.png")
    picture.write_bytes(POINTER)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (check,) = findings.checks_of(trace_open(blend, tmp_path / "scratch"))
    assert (check.id, check.level, check.path) == ("lfs-pointer", "error", str(picture))


def test_data_block_that_left_its_library_is_no_missing_file(tmp_path: Path) -> None:
    blend = libraries.linked(tmp_path)
    (library,) = tmp_path.rglob("chair.blend")
    projects.library(library, lambda: projects.plane(name="Stool"))
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (check,) = findings.checks_of(trace_open(blend, tmp_path / "scratch"))
    assert (check.id, check.level, check.datablock) == ("missing-datablock", "error", "Chair")
    assert check.message.startswith('Object "Chair" is not in ')
