"""A package is complete and equal to its source files, or it does not exist."""

import errno
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.packing import archive, manifest
from renderjuice.packing.manifest import Manifest, Missing, PackError
from renderjuice.scene.checks import Check
from renderjuice.system.cancellation import Cancelled

CRC_OF_ZEROS = 0xB1C2A1A3  # the CRC of 2**32 + 5 zero bytes


def listed(folder: Path, **files: bytes) -> Manifest:
    """Make files with this content, and a manifest of them; the first is the .blend."""
    folder.mkdir(exist_ok=True)
    found = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"source-{number}"
        path.write_bytes(content)
        found.append(manifest.file_on_disk(str(path), name))
    return Manifest(next(iter(files)), tuple(found))


def write(what: Manifest, folder: Path, stop: bool = False) -> archive.Package:
    return archive.write(what, folder, on_bytes=lambda n: None, should_stop=lambda: stop)


def test_a_lone_blend_is_sent_as_it_is(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"shot.blend": b"BLENDER"})
    package = write(what, tmp_path / "out")
    assert (package.kind, package.bytes, Path(package.path).name) == ("blend", 7, "shot.blend")
    assert Path(package.path).read_bytes() == b"BLENDER"
    assert Path(what.files[0].source).exists()


def test_zip_is_stored_in_order_with_unicode_names(tmp_path: Path) -> None:
    files = {"Szene ä.blend": b"B" * 10, "files/木.png": b"p" * 2_000_000, "files/a.png": b""}
    what = listed(tmp_path / "s", **files)
    seen: list[int] = []
    package = archive.write(what, tmp_path / "out", on_bytes=seen.append, should_stop=lambda: False)
    assert (package.kind, Path(package.path).name) == ("zip", "Szene ä.zip")
    assert package.bytes == Path(package.path).stat().st_size
    assert sum(seen) == what.bytes == 2_000_010
    with zipfile.ZipFile(package.path) as found:
        assert found.testzip() is None
        assert {entry.filename: found.read(entry) for entry in found.infolist()} == files
        assert found.namelist() == list(files)
        assert {entry.compress_type for entry in found.infolist()} == {zipfile.ZIP_STORED}
    assert package.files == 3


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    files = {"a.blend": b"B", "files/a.png": b"p"}
    first = write(listed(tmp_path / "1", **files), tmp_path / "out1")
    second = write(listed(tmp_path / "2", **files), tmp_path / "out2")
    assert Path(first.path).read_bytes() == Path(second.path).read_bytes()


@pytest.mark.parametrize("names", [("a.blend",), ("a.blend", "files/b.png")])
@pytest.mark.parametrize("change", ["size", "time", "gone"])
def test_source_changed_since_the_trace(names: tuple[str], change: str, tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **dict.fromkeys(names, b"content"))
    source = Path(what.files[-1].source)
    if change == "size":
        source.write_bytes(b"longer content")
        os.utime(source, ns=(what.files[-1].mtime_ns,) * 2)
    elif change == "time":
        os.utime(source, ns=(1, 1))
    else:
        source.unlink()
    with pytest.raises(PackError, match=source.name) as error:
        write(what, tmp_path / "out")
    assert error.value.id == ("source-unreadable" if change == "gone" else "source-changed")
    assert list((tmp_path / "out").iterdir()) == []


def test_source_that_grows_while_it_is_read(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "files/b.png": b"p" * 3_000_000})
    source = Path(what.files[1].source)

    def grow(count: int) -> None:
        if count > 1:
            with source.open("ab") as file:
                file.write(b"more")

    with pytest.raises(PackError) as error:
        archive.write(what, tmp_path / "out", on_bytes=grow, should_stop=lambda: False)
    assert error.value.id == "source-changed"
    assert list((tmp_path / "out").iterdir()) == []


def test_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "files/b.png": b"p"})
    with pytest.raises(Cancelled):
        write(what, tmp_path / "out", stop=True)
    assert list((tmp_path / "out").iterdir()) == []


def test_full_disk_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "files/b.png": b"p"})

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PackError, match="No space left") as error:
        write(what, tmp_path / "out")
    assert error.value.id == "disk"
    assert list((tmp_path / "out").iterdir()) == []


def test_manifest_survives_json(tmp_path: Path) -> None:
    odd = b"caf\xe9 \xe6\x9c\xa8".decode("utf-8", "surrogateescape")
    what = Manifest(
        "ä.blend",
        (manifest.File(f"/{odd}", "files/x", 3, 4),),
        (Missing(odd, "木", 'Image "木"', "IMAGE"),),
        (Check("id", "warning", "Sätze."),),
    )
    manifest.write(what, tmp_path / "m.json")
    assert manifest.read(tmp_path / "m.json") == what
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


def refuse(*_: object) -> int:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


@pytest.fixture(params=["kernel", "refused", "nothing", "none"])
def copying(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Four cases of copy_file_range: it works, fails (as between some disks), copies 0 bytes, or is
    not available."""
    if request.param == "refused":
        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    elif request.param == "nothing":
        monkeypatch.setattr(os, "copy_file_range", lambda *_: 0, raising=False)
    elif request.param == "none":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    return str(request.param)


def test_every_way_of_copying_gives_the_same_zip(copying: str, tmp_path: Path) -> None:
    content = os.urandom(archive.BLOCK * 2 + 7)
    files = {"a.blend": content[:99], "files/b.png": content, "files/c.png": content[1:500_000]}
    package = write(listed(tmp_path / "s", **files), tmp_path / "out")
    with zipfile.ZipFile(package.path) as found:
        assert found.testzip() is None
        assert {entry.filename: found.read(entry) for entry in found.infolist()} == files


def test_stop_in_the_middle_of_a_file(copying: str, tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "b.png": b"p" * archive.BLOCK * 3})
    seen: list[int] = []
    with pytest.raises(Cancelled):
        archive.write(
            what, tmp_path / "out", on_bytes=seen.append, should_stop=lambda: len(seen) > 2
        )
    assert sum(seen) == 1 + 2 * archive.BLOCK
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_worker_left_harms_no_source(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"shot.blend": b"BLENDER"})
    (tmp_path / "out").mkdir()
    os.link(what.files[0].source, tmp_path / "out/shot.blend.part")
    package = write(what, tmp_path / "out")
    assert Path(what.files[0].source).read_bytes() == Path(package.path).read_bytes() == b"BLENDER"


def test_source_that_shrinks_while_it_is_read(copying: str, tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "b.png": b"p" * archive.BLOCK * 3})

    def shrink(count: int) -> None:
        if count > 1:
            os.truncate(what.files[1].source, archive.BLOCK)

    with pytest.raises(PackError) as error:
        archive.write(what, tmp_path / "out", on_bytes=shrink, should_stop=lambda: False)
    assert error.value.id == "source-changed"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("alone", [True, False], ids=["blend", "zip"])
def test_disk_that_is_really_full(alone: bool, copying: str, tmp_path: Path) -> None:
    big = b"p" * 3_000_000
    files = {"a.blend": big} if alone else {"a.blend": b"B", "files/b.png": big}
    what = listed(tmp_path / "s", **files)
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    try:
        with pytest.raises(PackError, match="No space left") as error:
            write(what, disk / "out")
        assert error.value.id == "disk"
        assert list((disk / "out").iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.posix(
    "what a zip counts is the same everywhere, and Wine opens 70,000 files in minutes"
)
def test_more_members_than_an_old_zip_can_count(tmp_path: Path) -> None:
    (source,) = listed(tmp_path / "s", **{"a.blend": b"B"}).files
    names = ["a.blend", *(f"files/{number}.png" for number in range(70_000))]
    what = Manifest("a.blend", tuple(replace(source, name=name) for name in names))
    with zipfile.ZipFile(write(what, tmp_path / "out").path) as found:
        assert found.namelist() == names
        assert found.read(names[-1]) == b"B"


def test_member_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "files/big.vdb": b"", "files/z.png": b"z"})
    os.truncate(what.files[1].source, (1 << 32) + 5)  # a sparse file: takes no disk space
    big = manifest.file_on_disk(what.files[1].source, "files/big.vdb")
    package = write(replace(what, files=(what.files[0], big, what.files[2])), tmp_path / "out")
    try:
        with zipfile.ZipFile(package.path) as found:
            member = found.getinfo("files/big.vdb")
            assert member.file_size == member.compress_size == (1 << 32) + 5
            assert found.read("files/z.png") == b"z"
            assert member.CRC == CRC_OF_ZEROS
    finally:
        Path(package.path).unlink()


def test_two_files_of_one_name_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    what = listed(tmp_path / "s", **{"a.blend": b"B", "files/a.png": b"1", "files/b.png": b"2"})
    twins = replace(what, files=(*what.files[:2], replace(what.files[2], name="files/a.png")))
    with pytest.raises(PackError) as raised:
        write(twins, tmp_path / "out")
    assert raised.value.id == "same-name"
    assert not (tmp_path / "out").exists()
